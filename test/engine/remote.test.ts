import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { connectEngine } from '../../src/engine/remote/connect.ts'
import { messagePort } from '../../src/engine/remote/port.ts'
import { serveEngine } from '../../src/engine/remote/serve.ts'
import { textPort } from '../../src/engine/remote/textport.ts'
import type { TextPort } from '../../src/engine/remote/textport.ts'
import { ConfigError, DataError, DeviceLostError, UnsupportedError } from '../../src/errors.ts'
import { flatRows, flatten, planFor } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'
import { engineSuite } from './suite.ts'

/** Those of cpu.test.ts: nothing is lost on the way. */
const TOLERANCES = { forward: 1e-12, gradient: 1e-12, trajectory: 1e-12, statistics: 1e-12 }

/** A CPU engine behind a MessageChannel. */
function throughChannel(engine = createCpuEngine()): Promise<Engine> {
  const { port1, port2 } = new MessageChannel()
  serveEngine(messagePort(port2), () => Promise.resolve(engine))
  return connectEngine(messagePort(port1))
}

/** Bytes of an array in one text here: most messages of the suite are larger. Not a multiple of 8, so that texts cut numbers. */
const TEXT_BYTES = 100

/** Two ends that carry text only. */
function textPair(): { near: TextPort; far: TextPort } {
  // Each text arrives later than it is sent, as through the DevTools protocol.
  const near: TextPort = textPort(async text => far.receive(await Promise.resolve(text)), TEXT_BYTES)
  const far: TextPort = textPort(async text => near.receive(await Promise.resolve(text)), TEXT_BYTES)
  return { near, far }
}

function throughText(): Promise<Engine> {
  const { near, far } = textPair()
  serveEngine(far, () => Promise.resolve(createCpuEngine()))
  return connectEngine(near)
}

engineSuite('CPU engine through a MessageChannel', () => throughChannel(), TOLERANCES)
engineSuite('CPU engine through text', throughText, TOLERANCES)

/** Everything a session can answer, on one network. */
async function answers(engine: Engine): Promise<unknown> {
  const network = NETWORKS.find(({ degree, ratio }) => degree === 3 && ratio > 1)!
  const flat = flatten(caseModel(network))
  const training = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
  const session = await engine.open(planFor(flat.layout, network.rows, { batch: 9, evaluateEvery: 3 }))
  await session.upload({ ...flat, training, learningRate: new Float64Array([0.01]) })
  const untouched = training.x.byteLength
  const all = [
    await session.run(12),
    await session.gradients(),
    await session.predict(training.x),
    await session.statistics(training.x),
    await session.read(),
    engine.description,
    await engine.memory(),
    untouched,
  ]
  await engine.destroy()
  return all
}

describe('a remote engine', () => {
  it('gives the same bits as the engine itself', async () => {
    const direct = await answers(createCpuEngine())
    expect(await answers(await throughChannel())).toEqual(direct)
    expect(await answers(await throughText())).toEqual(direct)
  })

  it('says which kernels a session has', async () => {
    const kernels = { forward: 'tile2' }
    const cpu = createCpuEngine()
    const open = cpu.open.bind(cpu)
    cpu.open = async plan => Object.assign(await open(plan), { kernels })
    await using engine = await throughChannel(cpu)
    const session = await engine.open(planFor(flatten(caseModel(NETWORKS[0]!)).layout, 1))
    expect(session.kernels).toEqual(kernels)
  })

  it('answers calls that were made at once, each with its own', async () => {
    await using engine = await throughChannel()
    const flat = flatten(caseModel(NETWORKS[0]!))
    const sessions = await Promise.all(
      [1, 2, 3].map(models => engine.open(planFor(flat.layout, 4, { models }))),
    )
    const states = await Promise.all(sessions.map(session => session.read()))
    const sizes = states.map(state => state.parameters.length / flat.layout.parameters)
    expect(sizes).toEqual([1, 2, 3])
  })

  it('passes on that the other side has no engine', async () => {
    const { near, far } = textPair()
    serveEngine(far, () => Promise.reject(new UnsupportedError('no adapter')))
    await expect(connectEngine(near)).rejects.toThrow(new UnsupportedError('no adapter'))
  })

  it('keeps the class and message of errors', async () => {
    await using engine = await throughText()
    const flat = flatten(caseModel(NETWORKS[0]!))
    await expect(engine.open(planFor(flat.layout, 1, { models: 0 }))).rejects.toThrow(ConfigError)
    const session = await engine.open(planFor(flat.layout, 1))
    await session.upload(flat)
    const refused = session.statistics(new Float64Array(0))
    await expect(refused).rejects.toThrow(DataError)
    await expect(refused).rejects.toThrow('x has no rows; statistics need at least one.')
  })

  it('ends open and later calls when the other side is lost', async () => {
    const { near, far } = textPair()
    serveEngine(far, () => Promise.resolve(createCpuEngine()))
    const engine = await connectEngine(near)
    const plan = planFor(flatten(caseModel(NETWORKS[0]!)).layout, 1)
    const open = engine.open(plan)
    near.lose('the page was closed')
    await expect(open).rejects.toThrow(DeviceLostError)
    await expect(engine.open(plan)).rejects.toThrow(/the page was closed/)
    await engine.destroy()
  })
})
