import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatTable } from '../../src/data/index.ts'
import { evaluateRows, parse } from '../../src/formula/index.ts'
import { printed, scratchFolder, shippedTable, smallTable, webkan } from './command.ts'
import type { Outcome } from './command.ts'

const files = scratchFolder()
const formula = 'exp(sin(pi*x1)+x2^2)'
const aNumber: unknown = expect.any(Number)

function fit(text: string, ...args: string[]): Promise<Outcome> {
  return webkan(['fit', '--function', text, ...args])
}

/** Refused with exit code 2 before an engine starts, in one line unless `lines` says more. */
function expectRefusal({ code, stdout, stderr }: Outcome, part: string, lines = 1): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.startsWith('webkan: ')).toBe(true)
  expect(stderr.trimEnd().split('\n')).toHaveLength(lines)
  expect(stderr).toContain(part)
}

describe('webkan fit --function', () => {
  it('learns a product with one product node, and says its shape', async () => {
    const args = ['--hidden', '0+1', '--arity', '3', '--grid', '3', '--samples', '400', '--steps', '100']
    const { code, stdout } = await fit('x1*x2*x3', ...args, '--optimizer', 'lm', '--json')
    expect(code).toBe(0)
    expect(printed({ stdout })).toMatchObject({ width: [3, [0, 1], 1], arity: [[3], []] })
    // Measured: 4e-6, of a function whose deviation is 0.19.
    expect(printed({ stdout }).test.rmse).toBeLessThan(1e-4)
    const { stdout: shown } = await fit('x1*x2', '--hidden', '2+1,3', '--steps', '1', '--samples', '50')
    expect(shown).toContain('[2, [2, 1], 3, 1], grid')
  })

  it('learns it with lm to a test RMSE below 1e-2, and the model knows its columns', async () => {
    const out = files.path('function.safetensors')
    const args = ['--hidden', '5', '--grid', '3', '--optimizer', 'lm', '--json', '--out', out]
    // What stderr holds is left open: after a second there are progress lines.
    const { code, stdout } = await fit(formula, ...args)
    expect(code).toBe(0)
    expect(printed({ stdout })).toMatchObject({
      function: formula,
      rows: 1000,
      columns: 3,
      task: 'regression',
      width: [2, 5, 1],
      optimizer: 'lm',
      learningRate: null,
      batch: 900,
      validation: { loss: aNumber },
      out,
    })
    expect(printed({ stdout }).test.rmse).toBeLessThan(1e-2)

    // A grid of points that has nothing to do with the samples, judged by the formula itself.
    const x = Array.from({ length: 361 }, (_, i) => [
      (i % 19) / 10 - 0.9,
      Math.floor(i / 19) / 10 - 0.9,
    ]).flat()
    const y = evaluateRows(parse(formula), ['x1', 'x2'], x, 361)
    const column = (name: string, place: number) => ({
      name,
      kind: 'numeric' as const,
      values: Float64Array.from(y, (_, row) => x[2 * row + place]!),
    })
    const text = formatTable([column('x1', 0), column('x2', 1), { name: 'y', kind: 'numeric', values: y }])
    const table = files.write('points.csv', text)
    const evaluated: unknown = JSON.parse((await webkan(['eval', out, table, '--json'])).stdout)
    expect(evaluated).toMatchObject({ rmse: aNumber })
    expect((evaluated as { rmse: number }).rmse).toBeLessThan(1e-2)
    const [heading, ...predicted] = (await webkan(['predict', out, table])).stdout.trimEnd().split('\n')
    expect(heading).toBe('predicted_y')
    const worst = Math.max(...predicted.map((value, row) => Math.abs(Number(value) - y[row]!)))
    // 361 errors of root mean square 1e-2 allow one of at most 0.19.
    expect(worst).toBeLessThan(0.19)
  }, 30_000)

  it('takes any names, its own range and number of samples, and says so', async () => {
    const { code, stdout } = await fit(' 2 *speed\n+ h ', '--range', '3,5', '--samples', '50', '--steps', '2')
    expect(code).toBe(0)
    expect(stdout).toMatch(/function +2 \*speed \+ h\n/)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'samples speed, h in [3, 5], 50 points: 45 train, 5 validation; test on 50 fresh ones',
    )
    expect(stdout).toMatch(/ test +50 /)
  })

  it('gives equal models for equal seeds, others for others', async () => {
    const model = async (name: string, seed: string): Promise<Uint8Array> => {
      const out = files.path(name)
      await fit('x1*x2', '--samples', '20', '--steps', '2', '--seed', seed, '--out', out)
      return readFileSync(out)
    }
    const first = await model('first', '1')
    expect(await model('again', '1')).toEqual(first)
    expect(await model('other', '2')).not.toEqual(first)
  })

  it('learns a staircase as a regression, although its values are few whole numbers', async () => {
    const { stdout, stderr } = await fit('floor(2*x)', '--steps', '2', '--json')
    expect({ task: printed({ stdout }).task, stderr }).toEqual({ task: 'regression', stderr: '' })
  })

  it('counts the points where the function is not finite, and names the first', async () => {
    const { code, stdout, stderr } = await fit('log(x1)+0*x2')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    const counted =
      /not finite at (\d+) of 2000 points in --range -1,1; the first is x1 = (-0\.\d+), x2 = -?0\.\d+,/
    const [, count, point] = counted.exec(stderr) ?? []
    // Half of 2000 points, with a standard deviation of 22.
    expect(Math.abs(Number(count) - 1000)).toBeLessThan(150)
    expect(Number(point)).toBeLessThan(0)
  })

  it('refuses a formula that does not parse, and shows the place', async () => {
    const refused = await fit('exp(sni(pi*x1))')
    expectRefusal(refused, "no function 'sni' (character 5). Did you mean 'sin'?", 3)
    expect(refused.stderr).toContain('\n  exp(sni(pi*x1))\n      ^^^\n')
  })

  it.each([
    ['x1 - x1', [], 'is 0.000 at every point in --range -1,1'],
    ['2*pi', [], 'has no variable to learn from'],
    ['x + y', [], 'has a variable y'],
    ['x1', ['--target', 'y'], '--target is for a table'],
    ['x1', ['--test', '0.5'], '--test is for a table'],
    ['x1', ['--task', 'classification'], '--task is for a table'],
    ['x1', ['--missing', 'drop'], '--missing is for a table'],
    ['x1', ['--range', '1,-1'], 'the lower first'],
    ['x1', ['--range', '1'], 'the lower first'],
    ['x1', ['--range', '0,1,2'], 'the lower first'],
    ['x1', ['--range', '-1e308,1e308'], 'the lower first'],
    ['x1', ['--samples', '1'], '--samples'],
    ['1e200*x1', [], 'too large for a target'],
  ])('refuses %s %j', async (text, args, part) => {
    expectRefusal(await fit(text, ...args), part)
  })

  it('refuses a table beside it, neither of them, and its options with a table', async () => {
    const table = shippedTable('wine')
    expectRefusal(await webkan(['fit', table, '--function', 'x1']), 'and a --function')
    expectRefusal(await webkan(['fit', '--steps', '3']), 'Nothing to learn')
    const args = ['fit', table, '--target', 'cultivar']
    expectRefusal(await webkan([...args, '--range', '0,1']), '--range is for the samples of a --function')
    expectRefusal(await webkan([...args, '--samples', '9']), '--samples is for the samples of a --function')
  })
})

describe('webkan fit --optimizer lm', () => {
  const args = (): string[] => [
    'fit',
    files.write('small.csv', smallTable(40)),
    '--target',
    'y',
    '--optimizer',
    'lm',
  ]

  it('takes the CPU and says why, and what it uses in the place of Adam', async () => {
    const { code, stdout } = await webkan(args())
    expect(code).toBe(0)
    expect(stdout).toMatch(/training +lm, up to 50 steps, all 29 rows, 6 starts, seed 0\n/)
    expect(stdout).toMatch(/device +CPU, float64\. --optimizer lm runs on the CPU only\.\n/)
  })

  it('learns classes', async () => {
    const wine = ['fit', shippedTable('wine'), '--target', 'cultivar', '--optimizer', 'lm', '--steps', '3']
    const { code, stdout } = await webkan([...wine, '--hidden', '2', '--json'])
    expect(code).toBe(0)
    expect(printed({ stdout })).toMatchObject({ task: 'classification', optimizer: 'lm', steps: 3 })
  })

  it('says when it has found a minimum', async () => {
    // One edge and exact values: within rounding of a perfect fit no step goes further down.
    const { code, stdout } = await fit(
      'x1',
      '--optimizer',
      'lm',
      '--hidden',
      'none',
      '--restarts',
      '1',
      '--steps',
      '1000',
    )
    expect(code).toBe(0)
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Ended after \d+ steps in .*, at a minimum; the weights of step \d+ are kept\./,
    )
  })

  it.each([
    [['--device', 'webgpu'], '--optimizer lm runs on the CPU only'],
    [['--lr', '0.1'], '--lr is for --optimizer adam'],
    [['--schedule', 'cosine'], '--schedule is for --optimizer adam'],
    [['--batch', '8'], '--batch is for --optimizer adam'],
  ])('refuses %j', async (more, part) => {
    const requestEngine = (): Promise<never> => Promise.reject(new Error('an engine was started'))
    expectRefusal(await webkan([...args(), ...more], { requestEngine }), part)
  })
})
