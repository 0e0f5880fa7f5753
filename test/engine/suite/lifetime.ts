import { expect, it } from 'vitest'
import type { Engine, Upload } from '../../../src/engine/engine.ts'
import { ConfigError, DataError, DeviceLostError, OutOfMemoryError, ShapeError } from '../../../src/errors.ts'
import { flatRows, flatten, planFor } from '../flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from '../samples.ts'

const network = NETWORKS[0]!
const flat = flatten(caseModel(network))
const training = flatRows(caseInputs(network), caseLoss(network, 'mse', false))

/** Bytes, errors, and what happens after the end. */
export function lifetimeSuite(makeEngine: () => Promise<Engine>): void {
  it('counts bytes, gives them back on close, and has none after destroy', async () => {
    const engine = await makeEngine()
    const { bytes: before } = await engine.memory()
    const one = await engine.open(planFor(flat.layout, network.rows))
    const { bytes: withOne } = await engine.memory()
    const two = await engine.open(planFor(flat.layout, network.rows))
    const { bytes: withTwo } = await engine.memory()
    expect(withOne).toBeGreaterThan(before)
    expect(withTwo - withOne).toBe(withOne - before)
    await two.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
    await two.run(3)
    await two.predict(training.x)
    await two.statistics(training.x)
    expect((await engine.memory()).bytes).toBe(withTwo)
    await two.close()
    expect((await engine.memory()).bytes).toBe(withOne)
    await engine.destroy()
    await engine.destroy()
    expect(await engine.memory()).toMatchObject({ bytes: 0, buffers: 0 })
    await expect(one.predict(training.x)).rejects.toThrow(DeviceLostError)
    await expect(one.upload(flat)).rejects.toThrow(DeviceLostError)
    await expect(engine.open(planFor(flat.layout, 1))).rejects.toThrow(DeviceLostError)
  })

  it('refuses what cannot fit, says the bytes, and counts nothing', async () => {
    await using engine = await makeEngine()
    const { bytes } = await engine.memory()
    // 2^30 rows of 2^16 inputs: 256 TiB in float32.
    const layer = { inputs: 2 ** 16, outputs: 1, intervals: 1, degree: 1, base: 'zero' } as const
    const impossible = engine.open({ ...planFor(flat.layout, 2 ** 30, { batch: 100 }), layers: [layer] })
    await expect(impossible).rejects.toThrow(OutOfMemoryError)
    await expect(impossible).rejects.toThrow(/\d{8,} bytes/)
    expect((await engine.memory()).bytes).toBe(bytes)
  })

  it('refuses plans that contradict themselves', async () => {
    await using engine = await makeEngine()
    const { layout } = flat
    await expect(engine.open({ ...planFor(layout, 5), layers: [] })).rejects.toThrow(ConfigError)
    await expect(engine.open(planFor(layout, 5, { batch: 6 }))).rejects.toThrow(/batch is 6/)
    await expect(engine.open(planFor(layout, 5, { models: 0 }))).rejects.toThrow(/models is 0/)
    const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const
    for (const [optimizer, message] of [
      [{ ...adam, weightDecay: -1 }, /adam\.weightDecay is -1/],
      [{ ...adam, clip: 0 }, /adam\.clip is 0/],
      [{ ...adam, schedule: { kind: 'cosine', steps: 0, floor: 0 } }, /schedule\.steps is 0/],
      [{ ...adam, schedule: { kind: 'exponential', steps: 9, floor: 0 } }, /schedule\.floor is 0/],
    ] as const)
      await expect(engine.open(planFor(layout, 5, { optimizer }))).rejects.toThrow(message)
    const bent = planFor(layout, 5, { loss: 'huber', huberDelta: -1 })
    await expect(engine.open(bent)).rejects.toThrow(/huberDelta is -1/)
    const [first] = planFor(layout, 5).layers
    await expect(engine.open({ ...planFor(layout, 5), layers: [first!, first!] })).rejects.toThrow(
      ConfigError,
    )
  })

  const classes = { ...training, y: new Float64Array(network.rows) }
  it.each<[string, 'mse' | 'cross-entropy', Upload, new (message: string) => Error, RegExp]>([
    ['short parameters', 'mse', { parameters: new Float64Array(3) }, ShapeError, /has 3 values/],
    [
      'missing inputs',
      'mse',
      { training: { ...training, x: new Float64Array(4) } },
      ShapeError,
      /training\.x/,
    ],
    [
      'missing weights',
      'mse',
      { training: { ...training, weights: new Float64Array(0) } },
      ShapeError,
      /weights/,
    ],
    [
      'weights that are all 0',
      'mse',
      { training: { ...training, weights: new Float64Array(network.rows) } },
      DataError,
      /all 0/,
    ],
    [
      'a negative weight',
      'mse',
      { training: { ...training, weights: new Float64Array(network.rows).fill(-1) } },
      DataError,
      /is -1/,
    ],
    [
      'a label beyond the outputs',
      'cross-entropy',
      { training: { ...classes, y: classes.y.map(() => 2) } },
      DataError,
      /is 2/,
    ],
    [
      'half a label',
      'cross-entropy',
      { training: { ...classes, y: classes.y.map(() => 0.5) } },
      DataError,
      /is 0\.5/,
    ],
  ])('refuses to upload %s', async (_, loss, contents, error, message) => {
    await using engine = await makeEngine()
    const session = await engine.open(planFor(flat.layout, network.rows, { loss }))
    const upload = session.upload(contents)
    await expect(upload).rejects.toThrow(error)
    await expect(upload).rejects.toThrow(message)
  })

  it('refuses a call while another is under way, and goes on after it', async () => {
    await using engine = await makeEngine()
    const session = await engine.open(planFor(flat.layout, network.rows))
    await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
    const [first, second, third] = await Promise.allSettled([
      session.run(3),
      session.run(3),
      session.predict(training.x),
    ])
    expect(first).toMatchObject({ status: 'fulfilled', value: { step: 3 } })
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'ConfigError' } })
    expect(third).toMatchObject({ status: 'rejected', reason: { name: 'ConfigError' } })
    expect((await session.run(1)).step).toBe(4)
  })

  it('changes nothing when an upload is refused', async () => {
    await using engine = await makeEngine()
    const session = await engine.open(planFor(flat.layout, network.rows))
    await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
    const before = await session.predict(training.x)
    const parameters = flat.parameters.map(value => value + 1)
    await expect(session.upload({ parameters, mask: new Float64Array(1) })).rejects.toThrow(ShapeError)
    expect(await session.predict(training.x)).toEqual(before)
  })

  it('keeps the best parameters when others are uploaded after an evaluation', async () => {
    await using engine = await makeEngine()
    const session = await engine.open(planFor(flat.layout, network.rows, { evaluateEvery: 1 }))
    await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
    await session.run(1)
    const { best } = await session.read()
    await session.upload({ parameters: flat.parameters.map(() => 0.5) })
    expect((await session.read()).best).toEqual(best)
  })

  it('takes every edge to be there until a mask says otherwise', async () => {
    await using engine = await makeEngine()
    const { parameters, knots } = flat
    const session = await engine.open(planFor(flat.layout, network.rows))
    await session.upload({ parameters, knots })
    const without = await session.predict(training.x)
    await session.upload({ mask: flat.mask.map(() => 1) })
    expect(await session.predict(training.x)).toEqual(without)
  })

  it.each([0, -1, 1.5, Number.NaN])('refuses to run %d steps', async steps => {
    await using engine = await makeEngine()
    const session = await engine.open(planFor(flat.layout, network.rows))
    await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
    await expect(session.run(steps)).rejects.toThrow(ConfigError)
  })

  it('refuses states that do not fit, statistics of no rows, and training where there are no rows', async () => {
    await using engine = await makeEngine()
    const session = await engine.open(planFor(flat.layout, network.rows))
    await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
    const state = await session.read()
    for (const wrong of [
      { ...state, step: -1.5 },
      { ...state, optimizer: { ...state.optimizer, second: new Float64Array(1) } },
      { ...state, best: { ...state.best, loss: new Float64Array(0) } },
    ])
      await expect(session.upload({ state: wrong })).rejects.toThrow(ShapeError)
    await expect(session.statistics(new Float64Array(0))).rejects.toThrow(DataError)
    const predicts = await engine.open(planFor(flat.layout, 0))
    await predicts.upload(flat)
    await expect(predicts.read()).rejects.toThrow(/0 training rows/)
    await expect(predicts.run(1)).rejects.toThrow(/0 training rows/)
  })
}
