import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { splitRows } from '../../src/data/index.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine, Session } from '../../src/engine/engine.ts'
import { KAN } from '../../src/kan.ts'
import { fakeTerminal, printed, scratchFolder, shippedTable, smallTable, webkan } from './command.ts'
import type { Outcome } from './command.ts'

const files = scratchFolder()
const airfoil = ['fit', shippedTable('airfoil'), '--target', 'sound_db']
const wine = ['fit', shippedTable('wine'), '--target', 'cultivar']

describe('webkan fit', () => {
  it('learns the airfoil table in 300 steps', async () => {
    const { stdout } = await webkan([...airfoil, '--steps', '300', '--json'])
    // A linear model explains 0.5; 300 steps reached 0.904 to 0.941 over seeds 0 to 4.
    expect(printed({ stdout }).test.r2).toBeGreaterThan(0.85)
  })

  it('keeps the test rows out of everything: their targets may be anything', async () => {
    const text = smallTable(60)
    const { test } = splitRows(60, { test: 0.2, validation: 0.1, seed: 3 })
    const [header, ...rows] = text.trimEnd().split('\n')
    const changed = rows.map((row, place) => (test.includes(place) ? row.replace(/[^,]*$/, '777.25') : row))
    const train = async (name: string, content: string): Promise<Uint8Array> => {
      const out = files.path(`${name}.safetensors`)
      const table = files.write(`${name}.csv`, content)
      await webkan(['fit', table, '--target', 'y', '--steps', '40', '--seed', '3', '--out', out])
      return readFileSync(out)
    }
    const weights = await train('original', text)
    expect(await train('changed', `${[header, ...changed].join('\n')}\n`)).toEqual(weights)
    // The same change to a training row does matter: the comparison can fail.
    const elsewhere = rows.map((row, place) =>
      place === firstOutside(test) ? row.replace(/[^,]*$/, '777.25') : row,
    )
    expect(await train('elsewhere', `${[header, ...elsewhere].join('\n')}\n`)).not.toEqual(weights)
  })

  it('holds out no single row for validation, and says so', async () => {
    // Points of a line: the chance of one row stopped training after 20 steps.
    const line = (rows: number): string =>
      files.write(
        'line.csv',
        `mass,stretch\n${Array.from({ length: rows }, (_, i) => `${i / 10},${0.49 * i}\n`).join('')}`,
      )
    const fit = (rows: number, ...args: string[]): Promise<Outcome> =>
      webkan(['fit', line(rows), '--target', 'stretch', '--json', ...args])
    const said = 'none is held out for validation'
    const few = await fit(5)
    expect(few.stderr).toContain(`note: of 5 rows ${said}`)
    expect(JSON.parse(few.stdout)).toMatchObject({ validation: null, steps: 2000 })
    // A line is among the functions of the network, and nothing stops its training.
    expect((JSON.parse(few.stdout) as { train: { r2: number } }).train.r2).toBeGreaterThan(0.9999)
    expect((await fit(9, '--steps', '2')).stderr).toContain(said)
    expect((await fit(10, '--steps', '2')).stderr).not.toContain(said)
    const asked = await fit(5, '--val', '0.1', '--steps', '2')
    expect(asked.stderr).not.toContain(said)
    expect(JSON.parse(asked.stdout)).not.toMatchObject({ validation: null })
    expect((await fit(5, '--val', '0', '--steps', '2')).stderr).not.toContain(said)
    const sampled = await webkan(['fit', '--function', '3*x1', '--samples', '6', '--steps', '2'])
    expect(sampled.stderr).toContain(`note: of 6 rows ${said}`)
  })

  it('learns no input from the test rows alone', async () => {
    // A text column whose second level occurs in test rows only.
    const { test } = splitRows(60, { test: 0.2, validation: 0.1, seed: 0 })
    const text = smallTable(60, row => `,${test.includes(row) ? 'rare' : row % 2 === 0 ? 'even' : 'odd'}`)
    const path = files.write('levels.csv', text.replace('a,b,y', 'a,b,y,kind'))
    const { stderr, stdout } = await webkan(['fit', path, '--target', 'y', '--steps', '2', '--json'])
    expect(printed({ stdout }).width[0]).toBe(4)
    expect(stderr).toContain('12 rows of column "kind" hold values that training has not seen')
  })

  it('gives the same file for the same seed, and another for another', async () => {
    const train = async (seed: string): Promise<Uint8Array> => {
      const out = files.path(`seed${seed}.safetensors`)
      await webkan([...wine, '--steps', '12', '--batch', '50', '--seed', seed, '--out', out])
      return readFileSync(out)
    }
    const first = await train('1')
    expect(await train('1')).toEqual(first)
    expect(await train('2')).not.toEqual(first)
  })

  it('drops rows with missing values when told to, and counts them', async () => {
    const text = smallTable(30)
      .replace(/\n[^,]*,/, '\n,')
      .replace(/[^,]*\n$/, 'NA\n')
    const path = files.write('missing.csv', text)
    const args = ['fit', path, '--target', 'y', '--steps', '2', '--missing', 'drop', '--json']
    const { code, stdout, stderr } = await webkan(args)
    expect(code).toBe(0)
    expect(printed({ stdout }).rows).toBe(28)
    expect(stderr).toContain('2 rows with missing values were left out; 28 remain')
  })

  it('drops rows with NaN as well, and what it cannot drop stays an error', async () => {
    const text = smallTable(30).replace(/\n[^,]*,/, '\nNaN,')
    const args = ['fit', files.write('nan.csv', text), '--target', 'y', '--steps', '2', '--missing']
    expect((await webkan([...args, 'drop'])).stderr).toContain(
      '1 row with a missing value was left out; 29 remain',
    )
    const refused = await webkan([...args, 'error'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('use --missing drop: it leaves out 1 row, and 29 remain.')
  })

  it('leaves out the columns to ignore, whatever they hold', async () => {
    const path = files.write(
      'ignore.csv',
      smallTable(30, row => `,${row}x,`).replace('a,b,y', 'a,b,y,id,"p, q"'),
    )
    const fit = (...args: string[]): Promise<Outcome> =>
      webkan(['fit', path, '--target', 'y', '--steps', '2', '--json', ...args])
    expect((await fit()).code).toBe(2)
    for (const args of [
      ['--ignore', 'id,"p, q"'],
      ['--ignore', 'id', '--ignore', '"p, q"'],
    ]) {
      const { code, stdout } = await fit(...args)
      expect(code).toBe(0)
      expect(printed({ stdout }).width).toEqual([2, 5, 1])
    }
    expect((await fit('--ignore', 'idd')).stderr).toContain('no column to ignore "idd". Did you mean "id"?')
    expect((await fit('--ignore', 'y')).stderr).toContain('--ignore names the target y')
  })

  it('drops a constant input column with a warning', async () => {
    const path = files.write('column.csv', smallTable(30, () => ',4.0').replace('a,b,y', 'a,b,y,same'))
    const { code, stdout, stderr } = await webkan(['fit', path, '--target', 'y', '--steps', '2', '--json'])
    expect(code).toBe(0)
    expect(printed({ stdout }).width).toEqual([2, 5, 1])
    expect(stderr).toBe('warning: input "same" is 4.0 in every row and was left out.\n')
  })

  it('says that it took a target of few whole numbers for classes', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `${row % 7},${row % 3}`)
    const path = files.write('classes.csv', `x,y\n${rows.join('\n')}\n`)
    const { stdout, stderr } = await webkan(['fit', path, '--target', 'y', '--steps', '2', '--json'])
    expect(printed({ stdout }).task).toBe('classification')
    expect(stderr).toMatch(/^note: target "y" holds 3 different .*--task regression overrides this\.\n$/)
  })

  it('prints at most 80 columns, in colour only on a terminal', async () => {
    const out = files.path('m.safetensors')
    const { stdout } = await webkan([...airfoil, '--steps', '5', '--out', out])
    expect(stdout).not.toContain('\u001B')
    // The line that repeats the person's own path may be as long as that.
    const lines = stdout.split('\n').filter(line => !line.includes(out))
    expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(80)
    expect(stdout).toMatch(/network +\[5, 5, 1\], grid 5, degree 3, 270 parameters/)
    expect(stdout).toMatch(/training +adam, up to 5 steps, batch 1082 \(all\), learning rate 0\.01, seed 0\n/)
    expect(stdout).toMatch(/rows +RMSE +R2 +loss\n +train +1082 .*\n +test +300 /)
  })

  it.each([
    [100, 100],
    [200, 120],
  ])('uses a terminal of %d columns up to column %d', async (columns, last) => {
    const { output: stdout, written } = fakeTerminal(true, columns)
    const requestEngine = (): Promise<Engine> =>
      Promise.resolve(
        createCpuEngine({ reason: 'No GPU in this test, whose reason goes on and on. '.repeat(4) }),
      )
    await webkan([...airfoil, '--steps', '5'], { stdout, requestEngine, env: { NO_COLOR: '1' } })
    const longest = Math.max(
      ...written()
        .split('\n')
        .map(line => line.length),
    )
    expect(longest).toBeLessThanOrEqual(last)
    // Words here have at most seven letters, and a space.
    expect(longest).toBeGreaterThan(last - 8)
  })

  it('replaces an existing model whole, and leaves no temporary file', async () => {
    const out = files.path('replaced.safetensors')
    writeFileSync(out, 'x'.repeat(1_000_000))
    await webkan([...wine, '--steps', '2', '--out', out])
    expect(KAN.load(readFileSync(out)).encoder?.target.labels).toEqual(['class_0', 'class_1', 'class_2'])
    expect(readdirSync(files.path('.')).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  it('on Ctrl-C within the first step ends at once, without a model', async () => {
    const out = files.path('never.safetensors')
    const engine = createCpuEngine()
    const open = engine.open.bind(engine)
    engine.open = async plan => {
      const session: Session = await open(plan)
      session.run = () => new Promise(() => {})
      return session
    }
    const { code, stdout, stderr } = await webkan([...airfoil, '--out', out, '--json'], {
      requestEngine: () => Promise.resolve(engine),
      onInterrupt(listener) {
        setTimeout(listener, 50)
        return () => {}
      },
    })
    expect({ code, stdout, stderr }).toEqual({
      code: 130,
      stdout: '',
      stderr: 'Interrupted before the first step; nothing was saved.\n',
    })
    expect(existsSync(out)).toBe(false)
    expect((await engine.memory()).bytes).toBe(0)
  })

  it('on Ctrl-C stops, tests and saves what it has, with exit code 130', async () => {
    const out = files.path('interrupted.safetensors')
    let forgotten = false
    const { code, stdout, stderr } = await webkan([...airfoil, '--steps', '1000000', '--out', out], {
      onInterrupt(listener) {
        const timer = setTimeout(listener, 300)
        return () => {
          clearTimeout(timer)
          forgotten = true
        }
      },
    })
    expect({ code, forgotten }).toEqual({ code: 130, forgotten: true })
    expect(stderr).toBe('note: stopping after this step; Ctrl-C again to leave at once\n')
    expect(stdout).toContain('Interrupted after')
    expect(KAN.load(readFileSync(out)).width).toEqual([5, 5, 1])
  })
})

/** The first row number that is not in the list. */
function firstOutside(rows: Uint32Array): number {
  let row = 0
  while (rows.includes(row)) row++
  return row
}
