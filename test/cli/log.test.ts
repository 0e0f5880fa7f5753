import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { printed, scratchFolder, shippedTable, webkan } from './command.ts'

const files = scratchFolder()
const planck = ['fit', shippedTable('planck'), '--target', 'spectral_radiance', '--steps', '5']

/** y = 3 a^2 / b over decades, a text column and a line that a test chooses. */
function powerLaw(last = '2,3,4,x'): string {
  const lines = Array.from({ length: 40 }, (_, row) => {
    const a = 10 ** (((row * 7) % 11) / 2)
    const b = 10 ** (((row * 5) % 13) / 3)
    return `${a},${b},${(3 * a ** 2) / b},${row % 2 === 0 ? 'x' : 'z'}`
  })
  return `a,b,y,kind\n${lines.join('\n')}\n${last}\n`
}

describe('webkan fit --log', () => {
  it('puts columns on a logarithmic scale, which predict and eval undo', async () => {
    const table = files.write('power.csv', powerLaw())
    const out = files.path('power.safetensors')
    const fit = [
      'fit',
      table,
      '--target',
      'y',
      '--log',
      'a,b',
      '--log',
      'y',
      '--optimizer',
      'lm',
      '--out',
      out,
    ]
    const { code, stdout, stderr } = await webkan([...fit, '--json'])
    expect(code).toBe(0)
    // Progress may stand there, where a machine is slow.
    expect(stderr).not.toMatch(/warning|note/)
    const result = JSON.parse(stdout) as { log: string[]; test: { log: { r2: number } } }
    expect(result.log).toEqual(['a', 'b', 'y'])
    // Linear in the logarithms, but for the last row.
    expect(result.test.log.r2).toBeGreaterThan(0.99)
    const { scaling } = KAN.load(readFileSync(out))
    expect([scaling!.input.log, scaling!.output.log]).toEqual([[true, true, false, false], [true]])

    const evaluated = JSON.parse((await webkan(['eval', out, table, '--json'])).stdout) as {
      r2: number
      log: { r2: number }
    }
    expect(evaluated.log.r2).toBeGreaterThan(0.99)
    const said = (await webkan(['predict', out, table])).stdout.trimEnd().split('\n').slice(1).map(Number)
    expect(said).toHaveLength(41)
    expect(Math.abs(Math.log(said[5]!) - Math.log((3 * 10 ** 2) / 10 ** 4))).toBeLessThan(1)
    const wide = files.write('wide.csv', powerLaw('1e9,3,4,x'))
    const { stderr: warnings } = await webkan(['predict', out, wide])
    expect(warnings).toContain('1 row lies outside the training range of "a" (1 to 100000)')
  })

  it('shows them, and the R2 of the logarithms', async () => {
    const table = files.write('shown.csv', powerLaw())
    const { stdout } = await webkan(['fit', table, '--target', 'y', '--log', 'a,y', '--steps', '2'])
    expect(stdout).toContain('logarithms  of a, y\n')
    expect(stdout).toMatch(/rows +RMSE +R2 +R2 of log +loss\n/)
    const plain = (await webkan(['fit', table, '--target', 'y', '--steps', '2'])).stdout
    expect(plain).not.toMatch(/log/)
  })

  it('refuses values that have no logarithm, or leaves their rows out', async () => {
    const table = files.write('zero.csv', powerLaw('2,0,-4,x'))
    const fit = ['fit', table, '--target', 'y', '--steps', '2', '--log', 'b,y']
    expect(await webkan(fit)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'webkan: zero.csv: line 42, column "b": 0 has no logarithm, which --log asks for. Leave such rows out with --missing drop, or ' +
        'leave the column out of --log.\n',
    })
    const out = files.path('zero.safetensors')
    const dropped = await webkan([...fit, '--missing', 'drop', '--out', out])
    expect(dropped.code).toBe(0)
    expect(dropped.stderr).toContain(
      'warning: zero.csv: 1 row with a missing value or without a logarithm was left out; 40 remain.',
    )
    expect((await webkan(['predict', out, table])).stderr).toContain(
      'line 42, column "b": 0 has no logarithm, which the model takes. Leave such rows out with --missing drop',
    )
    const lines = (await webkan(['predict', out, table, '--missing', 'drop'])).stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(42)
    expect(lines.at(-1)).toBe('""')
    expect((await webkan(['eval', out, table])).stderr).toContain('line 42, column "b"')
    // Where only the target has none, predictions do not care.
    const target = files.write('target.csv', powerLaw('2,1,-4,x'))
    expect((await webkan(['predict', out, target])).code).toBe(0)
    expect((await webkan(['eval', out, target])).stderr).toContain('line 42, column "y": -4 has no logarithm')
  })

  it.each([
    ['an unknown column', ['--log', 'c'], 'there is no column to take logarithms of "c"'],
    [
      'a text column',
      ['--log', 'kind'],
      'column "kind" is text, and only numbers have the logarithms that --log asks for',
    ],
    [
      'a class',
      ['--log', 'b', '--target', 'b', '--task', 'classification'],
      '--log names the target b, which holds classes',
    ],
    ['no name', ['--log', ''], 'Give the names of columns'],
  ])('%s', async (_, args, message) => {
    const text = powerLaw().replaceAll(
      /\n([^,]+),[^,]+,/g,
      (_match, a: string) => `\n${a},${1 + (Number(a) > 10 ? 1 : 0)},`,
    )
    const table = files.write('bad.csv', text)
    const { code, stderr } = await webkan(['fit', table, '--target', 'y', ...args])
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) as unknown })
  })

  it('works for the variables of a function', async () => {
    const fit = [
      'fit',
      '--function',
      'x1^2 / x2',
      '--samples',
      '50',
      '--steps',
      '3',
      '--log',
      'x1,x2,y',
      '--json',
    ]
    const { stdout } = await webkan([...fit, '--range', '1,100'])
    expect(JSON.parse(stdout)).toMatchObject({ log: ['x1', 'x2', 'y'] })
    const { code, stderr } = await webkan(fit)
    expect(code).toBe(2)
    expect(stderr).toContain('has no logarithm, which --log asks for.')
    expect(stderr).toContain('Choose a --range where it is positive')
  })
})

describe('the suggestion', () => {
  it('names the columns that span decades, in words that can be pasted', async () => {
    const { stderr, code } = await webkan(planck)
    expect(code).toBe(0)
    expect(stderr).toContain(
      'note: "frequency_hz" spans 7.0 decades, "spectral_radiance" spans 309.6 decades (but for 3 rows of 0): try a logarithmic ' +
        'scale, --log frequency_hz,spectral_radiance --missing drop.\n',
    )
    const followed = await webkan([
      ...planck,
      '--log',
      'frequency_hz,spectral_radiance',
      '--missing',
      'drop',
      '--json',
    ])
    expect(followed.stderr).not.toContain('note')
    expect(printed(followed)).toMatchObject({ rows: 97 })
    const half = await webkan([...planck, '--log', 'frequency_hz'])
    expect(half.stderr).toContain('--log frequency_hz,spectral_radiance --missing drop.')
  })

  it('is not made for a table of few decades, a class, or a column that is left out', async () => {
    const kepler = ['fit', shippedTable('kepler'), '--target', 'period_days', '--steps', '2', '--val', '0']
    expect((await webkan(kepler)).stderr).not.toContain('note')
    const ignored = await webkan([
      ...planck,
      '--ignore',
      'frequency_hz',
      '--log',
      'spectral_radiance',
      '--missing',
      'drop',
    ])
    expect(ignored.stderr).not.toContain('note')
  })

  it('quotes names that a shell would split', async () => {
    const table = files.write('names.csv', powerLaw().replace('a,b', '"mass, kg",b it\'s'))
    const { stderr } = await webkan(['fit', table, '--target', 'y', '--steps', '2'])
    expect(stderr).toContain(`--log '"mass, kg",b it'\\''s,y'.`)
  })
})
