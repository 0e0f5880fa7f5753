import { describe, expect, it, test } from 'vitest'
import { ConfigError, DataError, KAN, loadCheckpoint, Population, saveCheckpoint } from '../../src/index.ts'
import type { KANOptions } from '../../src/index.ts'
import { Random } from '../../src/random.ts'

const ROWS = 60
const random = new Random(11)
/** Two inputs over six decades and one over [-1, 1]; y = 2 a^1.5 / b * exp(c). */
const x = Array.from({ length: ROWS }, () => [
  10 ** (6 * random.uniform() - 3),
  10 ** (6 * random.uniform() + 2),
  2 * random.uniform() - 1,
])
const y = x.map(([a, b, c]) => ((2 * a! ** 1.5) / b!) * Math.exp(c!))
/** The same rows with the logarithms taken by hand. */
const logX = x.map(([a, b, c]) => [Math.log(a!), Math.log(b!), c!])
const logY = y.map(Math.log)

const shape = { width: [3, 2, 1], grid: 3, seed: 4 } as const
const log = { inputs: [0, 1], output: true } as const
const options = { optimizer: 'lm', steps: 10, restarts: 1 } as const

/** A model on logarithmic scales, and one of the logarithms. */
async function both(): Promise<[KAN, KAN]> {
  const scaled = new KAN({ ...shape, scaling: { log } })
  const plain = new KAN(shape)
  await scaled.fit({ x, y }, options)
  await plain.fit({ x: logX, y: logY }, options)
  return [scaled, plain]
}

describe('a model on logarithmic scales', () => {
  it('is the model of the logarithms, and says the values themselves', async () => {
    const [scaled, plain] = await both()
    expect(scaled.parameters).toEqual(plain.parameters)
    expect(scaled.statistics).toEqual(plain.statistics)
    expect(scaled.scaling!.input).toEqual({ ...plain.scaling!.input, log: [true, true, false] })
    expect(scaled.scaling!.output).toEqual({ ...plain.scaling!.output, log: [true] })
    expect(await scaled.predict(x)).toEqual((await plain.predict(logX)).map(Math.exp))
  })

  it('is evaluated in the units of the table, and of the logarithms', async () => {
    const [scaled, plain] = await both()
    const errors = await scaled.evaluate({ x, y })
    const { loss, rmse, mae, r2 } = await plain.evaluate({ x: logX, y: logY })
    expect(errors.loss).toBe(loss)
    expect(errors.log).toEqual({ rmse, mae, r2 })
    const said = await scaled.predict(x)
    const squares = y.reduce((sum, value, r) => sum + (said[r]! - value) ** 2, 0)
    expect(errors.rmse! / Math.sqrt(squares / ROWS)).toBeCloseTo(1, 12)
    expect(await plain.evaluate({ x: logX, y: logY })).not.toHaveProperty('log')
  })

  it('keeps its scales in a copy, a file, a refined and a pruned network', async () => {
    const [scaled, plain] = await both()
    const said = await scaled.predict(x)
    for (const kan of [scaled.copy(), KAN.load(scaled.save())]) {
      expect(kan.config).toEqual(scaled.config)
      expect(kan.scaling).toEqual(scaled.scaling)
      expect(await kan.predict(x)).toEqual(said)
    }
    // Rows are the table's for both.
    const [finer, plainFiner] = [scaled.refine(6, { x }), plain.refine(6, { x: logX })]
    expect(finer.parameters).toEqual(plainFiner.parameters)
    expect(scaled.updateGrid(x).knots).toEqual(plain.updateGrid(logX).knots)
    expect(await scaled.prune({ node: 0, edge: 0 }).predict(x)).toEqual(said)
  })

  it('evaluates outputs that are too large for a number, without NaN', async () => {
    const [scaled] = await both()
    scaled.layer(1).values.nodeBias[0] = 1e4
    const { rmse, r2, log: logs } = await scaled.evaluate({ x, y })
    expect([rmse, r2]).toEqual([Infinity, -Infinity])
    expect(Number.isFinite(logs!.rmse)).toBe(true)
  })

  it('goes on from a checkpoint as if it had not been interrupted', async () => {
    const [whole, half] = [0, 1].map(() => new KAN({ ...shape, scaling: { log } }))
    await whole!.fit({ x, y }, { ...options, steps: 8 })
    const { checkpoint } = await half!.fit({ x, y }, { ...options, steps: 3 })
    const again = loadCheckpoint(saveCheckpoint(half!, checkpoint))
    await again.kan.fit({ x, y }, { ...options, steps: 8, resume: again.checkpoint })
    expect(again.kan.parameters).toEqual(whole!.parameters)
    expect(again.kan.scaling).toEqual(whole!.scaling)
  })

  it('of several outputs has errors of the logarithms of those on such a scale', async () => {
    const kan = new KAN({ width: [3, 2, 2], grid: 3, scaling: { log: { inputs: [0, 1], output: [1] } } })
    const both = x.map(([, , c], r) => [-c!, y[r]!])
    await kan.fit({ x, y: both }, { ...options, steps: 3 })
    expect(kan.scaling!.output.log).toEqual([false, true])
    const said = await kan.predict(x)
    const errors = y.map((value, r) => Math.log(said[2 * r + 1]!) - Math.log(value))
    const rmse = Math.sqrt(errors.reduce((sum, e) => sum + e ** 2, 0) / ROWS)
    const { log: logs } = await kan.evaluate({ x, y: both })
    expect(logs!.rmse / rmse).toBeCloseTo(1, 10)
  })

  it('without scaling is the plain logarithm', async () => {
    const kan = new KAN({ ...shape, scaling: { input: 'none', output: 'none', log } })
    await kan.fit({ x, y }, { ...options, steps: 1 })
    expect(kan.scaling).toEqual({
      input: { shift: new Float64Array(3), scale: new Float64Array(3).fill(1), log: [true, true, false] },
      output: { shift: Float64Array.of(0), scale: Float64Array.of(1), log: [true] },
    })
  })
})

describe('what is not positive', () => {
  const bad = (row: number, column: number, value: number): number[][] =>
    x.map((own, r) => own.map((old, c) => (r === row && c === column ? value : old)))

  it('is a DataError that names row, column, value and remedy, also where rows are held out', async () => {
    const kan = new KAN({ ...shape, scaling: { log } })
    await expect(kan.fit({ x: bad(41, 1, 0), y }, options)).rejects.toThrow(
      new DataError(
        'x: row 42, column 2 (counted from 1) is 0, and the column is on a logarithmic scale, where only positive values are; leave ' +
          'such rows out, or the column out of scaling.log.',
      ),
    )
    await expect(kan.fit({ x: bad(59, 0, -2), y }, { ...options, validation: 0.5 })).rejects.toThrow(
      'x: row 60, column 1 (counted from 1) is -2',
    )
    const worse = y.map((value, r) => (r === 7 ? -value : value))
    await expect(kan.fit({ x, y: worse }, options)).rejects.toThrow('y: row 8, column 1')
    await expect(kan.fit({ x, y }, { ...options, validation: { x, y: worse } })).rejects.toThrow(
      'validation.y: row 8, column 1',
    )
    expect(kan.scaling).toBeUndefined()
    // Columns that are not on such a scale may hold anything.
    await kan.fit({ x: bad(3, 2, -5), y }, options)
    await expect(kan.predict(bad(2, 0, 0))).rejects.toThrow('x: row 3, column 1 (counted from 1) is 0')
    await expect(kan.calibrate(bad(2, 0, 0))).rejects.toThrow(DataError)
    await expect(kan.evaluate({ x, y: worse })).rejects.toThrow('y: row 8, column 1')
  })
})

describe('the choice of columns', () => {
  const chosen = (scaling: KANOptions['scaling']): unknown =>
    new KAN({ width: [3, 2], ...(scaling ? { scaling } : {}) }).config.scaling.log

  test('by places, by true and false, and all', () => {
    expect(chosen({ log: { inputs: [2, 0], output: [1] } })).toEqual({ inputs: [0, 2], outputs: [1] })
    expect(chosen({ log: { inputs: [true, false, true], output: [false, true] } })).toEqual({
      inputs: [0, 2],
      outputs: [1],
    })
    expect(chosen({ log: { inputs: true } })).toEqual({ inputs: [0, 1, 2], outputs: [] })
    for (const nothing of [{}, { inputs: [] }, { output: false }, { inputs: [false, false, false] }])
      expect(chosen({ log: nothing })).toBeUndefined()
  })

  test('what is no column of the network', () => {
    for (const [inputs, message] of [
      [[3], 'scaling.log.inputs is [3]; give places of columns from 0 to 2, or 3 times true or false, as in'],
      [[0.5], 'scaling.log.inputs is [0.5]'],
      [[true], 'scaling.log.inputs is [true]'],
      ['price', 'scaling.log.inputs is "price"'],
      [[0, true], 'scaling.log.inputs is [0,true]'],
    ])
      expect(() => chosen({ log: { inputs } } as KANOptions['scaling'])).toThrow(
        expect.objectContaining({
          name: 'ConfigError',
          message: expect.stringContaining(String(message)) as unknown,
        }),
      )
    expect(() => chosen({ log: { input: [0] } } as KANOptions['scaling'])).toThrow(
      "scaling.log has no option 'input'. Did you mean 'inputs'?",
    )
  })

  test('outputs of a classification', async () => {
    const kan = new KAN({ width: [3, 2], scaling: { log: { output: true } } })
    await expect(kan.fit({ x, y: y.map((_, r) => r % 2) }, { loss: 'cross-entropy' })).rejects.toThrow(
      ConfigError,
    )
  })
})

describe('a population', () => {
  it('trains and predicts as its members would alone', async () => {
    const scaling = { log }
    const population = KAN.population({ ...shape, scaling, seeds: 2 })
    await population.fit({ x, y }, { optimizer: 'lbfgs', steps: 5 })
    expect(population.members[1]!.scaling!.output.log).toEqual([true])
    const { members } = await population.predict(x, { members: true })
    for (const [m, said] of members.entries()) expect(said).toEqual(await population.members[m]!.predict(x))
  })

  it('gives each member the scales that it asks for', async () => {
    const kans = [{ log }, { log: { output: true } }, {}].map(scaling => new KAN({ ...shape, scaling }))
    await new Population(kans).fit({ x, y }, { optimizer: 'lbfgs', steps: 2 })
    expect(kans.map(({ scaling }) => scaling!.input.log)).toEqual([[true, true, false], undefined, undefined])
    const { members } = await new Population(kans).predict(x, { members: true })
    for (const [m, said] of members.entries()) expect(said).toEqual(await kans[m]!.predict(x))
  })
})
