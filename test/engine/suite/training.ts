import { expect, it } from 'vitest'
import type { Engine, Plan, Progress, Session } from '../../../src/engine/engine.ts'
import { shuffledRow, shuffleKey } from '../../../src/engine/shuffle.ts'
import { parameterGroups } from '../../../src/model/shape.ts'
import { oracleGradient, oracleLoss } from '../../oracle/kan.ts'
import type { OracleLoss } from '../../oracle/kan.ts'
import {
  ALL_TRAINABLE,
  concatenate,
  flatRows,
  flatten,
  flattenParameters,
  planFor,
  relativeError,
  withParameters,
} from '../flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from '../samples.ts'
import type { Tolerances } from '../suite.ts'

const network = { ...NETWORKS[0]!, width: [2, 3, 1], degree: 3, rows: 23 }
const model = caseModel(network)
const flat = flatten(model)
const x = caseInputs(network)
const loss = caseLoss(network, 'mse', true)
const validationX = caseInputs({ ...network, seed: 5 }, 11)
const validationLoss = caseLoss({ ...network, seed: 5 }, 'mse', false, 11)

/** Learning rates of three models. */
const RATES = [0, 0.001, 0.5]

/** A session on the same model and samples; `rates` has the learning rate of each of its equal models. */
async function open(engine: Engine, rates: number[], changes: Partial<Plan> = {}): Promise<Session> {
  const session = await engine.open(planFor(flat.layout, x.length, { models: rates.length, ...changes }))
  await session.upload({
    parameters: concatenate(rates.map(() => flat.parameters)),
    knots: concatenate(rates.map(() => flat.knots)),
    mask: concatenate(rates.map(() => flat.mask)),
    training: flatRows(x, loss),
    learningRate: Float64Array.from(rates),
    ...(changes.validationRows ? { validation: flatRows(validationX, validationLoss) } : {}),
  })
  return session
}

/** Adam by its formulas on the oracle's gradients: losses before each step, and the last parameters. */
function plainAdam(steps: number, rate: number): { losses: number[]; parameters: Float64Array } {
  const p = flat.parameters.slice()
  const m = p.map(() => 0)
  const v = p.map(() => 0)
  const losses: number[] = []
  for (let t = 1; t <= steps; t++) {
    const gradient = oracleGradient(withParameters(model, p), x, loss)
    losses.push(gradient.loss)
    flattenParameters(flat.layout, gradient.layers).forEach((g, i) => {
      m[i] = 0.9 * m[i]! + 0.1 * g
      v[i] = 0.999 * v[i]! + 0.001 * g * g
      p[i]! -= (rate * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)
    })
  }
  return { losses, parameters: p }
}

/** What torch's AdamW, clip_grad_norm_ and LambdaLR do together, in their order, on the oracle's gradients. */
function plainAdamW(
  steps: number,
  rate: number,
  { trains, factor, decay, clip }: { trains: boolean[]; factor: number[]; decay: number; clip: number },
): { losses: number[]; parameters: Float64Array; norms: number[] } {
  const p = flat.parameters.slice()
  const m = p.map(() => 0)
  const v = p.map(() => 0)
  const losses: number[] = []
  const norms: number[] = []
  for (let t = 1; t <= steps; t++) {
    const lr = rate * factor[t - 1]!
    const gradient = oracleGradient(withParameters(model, p), x, loss)
    losses.push(gradient.loss)
    const g = flattenParameters(flat.layout, gradient.layers).map((value, i) => (trains[i] ? value : 0))
    const norm = Math.hypot(...g)
    norms.push(norm)
    g.forEach((value, i) => {
      if (!trains[i]) return
      const clipped = norm > clip ? (value * clip) / norm : value
      p[i]! *= 1 - lr * decay
      m[i] = 0.9 * m[i]! + 0.1 * clipped
      v[i] = 0.999 * v[i]! + 0.001 * clipped * clipped
      p[i]! -= (lr * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)
    })
  }
  return { losses, parameters: p, norms }
}

/** The rows of a batch, for the oracle. */
function pick(rows: number[]): [number[][], OracleLoss] {
  if (loss.kind !== 'mse') throw new Error('the samples have targets')
  const weights = rows.map(row => loss.weights![row]!)
  return [rows.map(row => x[row]!), { kind: 'mse', target: rows.map(row => loss.target[row]!), weights }]
}

const bits = (array: Float64Array): BigUint64Array => new BigUint64Array(array.slice().buffer)

/** Steps, batches, evaluations, patience and resuming. */
export function trainingSuite(makeEngine: () => Promise<Engine>, tolerances: Tolerances): void {
  it('takes the steps of Adam, with a learning rate for each model', async () => {
    await using engine = await makeEngine()
    const session = await open(engine, [0.01, 0.003])
    const { losses, step } = await session.run(20)
    const { parameters } = await session.read()
    expect(step).toBe(20)
    ;[0.01, 0.003].forEach((rate, m) => {
      const expected = plainAdam(20, rate)
      const own = losses.filter((_, i) => i % 2 === m)
      expect(relativeError(own, expected.losses)).toBeLessThan(tolerances.trajectory)
      const size = flat.layout.parameters
      const error = relativeError(parameters.subarray(m * size, (m + 1) * size), expected.parameters)
      expect(error).toBeLessThan(tolerances.trajectory)
    })
  })

  it('decays weights, clips gradients and follows a schedule, and leaves frozen groups alone', async () => {
    await using engine = await makeEngine()
    const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const
    const trainable = { ...ALL_TRAINABLE, scaleSpline: false, nodeScale: false }
    const trains = Array.from(flat.parameters, () => false)
    for (const { name, start, size } of flat.layout.layers.flatMap(parameterGroups))
      trains.fill(trainable[name], start, start + size)
    // The first gradient is 2.2 long, the last ones are shorter than the limit: both sides of it are seen.
    const clip = 2
    const rates = [0.01, 0.003]
    const optimizer = {
      ...adam,
      weightDecay: 2,
      clip,
      schedule: { kind: 'cosine', steps: 16, floor: 0.25 },
    } as const
    const session = await open(engine, rates, { optimizer, trainable })
    const { losses } = await session.run(20)
    const { parameters } = await session.read()
    const factor = Array.from({ length: 20 }, (_, t) =>
      t < 16 ? 0.25 + (0.75 * (1 + Math.cos((Math.PI * t) / 16))) / 2 : 0.25,
    )
    rates.forEach((rate, m) => {
      const expected = plainAdamW(20, rate, { trains, factor, decay: 2, clip })
      expect(Math.max(...expected.norms)).toBeGreaterThan(clip)
      expect(Math.min(...expected.norms)).toBeLessThan(clip)
      const own = losses.filter((_, i) => i % 2 === m)
      expect(relativeError(own, expected.losses)).toBeLessThan(tolerances.trajectory)
      const size = flat.layout.parameters
      const last = parameters.subarray(m * size, (m + 1) * size)
      expect(relativeError(last, expected.parameters)).toBeLessThan(tolerances.trajectory)
      const frozen = flat.parameters.filter((_, i) => !trains[i])
      expect(last.filter((_, i) => !trains[i])).toEqual(frozen)
    })
  })

  it('does not feel a limit that no gradient reaches, nor a schedule that stays', async () => {
    await using engine = await makeEngine()
    const adam = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const
    const added = { ...adam, clip: 1e6, weightDecay: 0, schedule: { kind: 'constant' } } as const
    const runs = await Promise.all(
      [adam, added].map(async optimizer => {
        const session = await open(engine, [0.01], { optimizer })
        await session.run(5)
        return bits((await session.read()).parameters)
      }),
    )
    expect(runs[0]).toEqual(runs[1])
  })

  it('sees the shuffled rows in mini-batches, the last one shorter, and shuffles every epoch anew', async () => {
    await using engine = await makeEngine()
    const seed = 99
    const session = await open(engine, [0], { batch: 5, seed })
    const { losses } = await session.run(10)
    const expected = Array.from({ length: 10 }, (_, step) => {
      const key = shuffleKey(seed, Math.floor(step / 5), 23)
      const start = (step % 5) * 5
      const rows = Array.from({ length: Math.min(5, 23 - start) }, (_, p) => shuffledRow(key, start + p))
      return oracleLoss(model, ...pick(rows))
    })
    expect(relativeError(losses, expected)).toBeLessThan(tolerances.forward)
    expect(losses.slice(0, 5)).not.toEqual(losses.slice(5))
  })

  it.each([0, 11])(
    'evaluates at fixed steps with the updated weights and keeps the best (%i validation rows)',
    async validationRows => {
      await using engine = await makeEngine()
      // A rate at which the loss goes up and down, so that the best evaluation is not the last.
      const session = await open(engine, [0.5], { validationRows, evaluateEvery: 3 })
      const steps: number[] = []
      const losses: number[] = []
      const parameters: Float64Array[] = []
      let progress: Progress | undefined
      // Where the best one falls is chance at such a rate.
      const lastIsBest = (): boolean => losses.at(-1) === Math.min(...losses)
      while (losses.length < 10 || lastIsBest()) {
        progress = await session.run(3)
        steps.push(...progress.evaluationSteps)
        losses.push(...progress.evaluationLosses)
        parameters.push((await session.read()).parameters)
      }
      expect(steps).toEqual(losses.map((_, n) => 3 * (n + 1)))
      const expected = parameters.map(p =>
        validationRows > 0
          ? oracleLoss(withParameters(model, p), validationX, validationLoss)
          : oracleLoss(withParameters(model, p), x, loss),
      )
      expect(relativeError(losses, expected)).toBeLessThan(tolerances.trajectory)
      const best = losses.indexOf(Math.min(...losses))
      expect(progress!.bestLoss[0]).toBe(losses[best])
      expect(progress!.bestStep[0]).toBe(steps[best])
      const state = await session.read()
      expect(state.best.parameters).toEqual(parameters[best])
      expect(state.best.stale[0]).toBe(losses.length - 1 - best)
    },
  )

  it('keeps the best of each model, whose best steps differ', async () => {
    await using engine = await makeEngine()
    // Without a rate nothing betters the first evaluation; a small rate goes down all the way; a large one up and down.
    const session = await open(engine, RATES, { evaluateEvery: 1 })
    const size = flat.layout.parameters
    const losses: number[][] = []
    const parameters: Float64Array[] = []
    for (let step = 0; step < 8; step++) {
      losses.push([...(await session.run(1)).evaluationLosses])
      parameters.push((await session.read()).parameters)
    }
    const { best } = await session.read()
    const bestSteps = RATES.map((_, m) => {
      const own = losses.map(each => each[m]!)
      const at = own.indexOf(Math.min(...own))
      expect(best.loss[m]).toBe(own[at])
      const part = (all: Float64Array): Float64Array => all.slice(m * size, (m + 1) * size)
      expect(part(best.parameters)).toEqual(part(parameters[at]!))
      return at + 1
    })
    expect([...best.step]).toEqual(bestSteps)
    expect([...best.stale]).toEqual(bestSteps.map(step => 8 - step))
    expect(new Set(bestSteps).size).toBe(3)
  })

  it('stops a model whose patience ran out, and only that one', async () => {
    await using engine = await makeEngine()
    // Without a learning rate no evaluation is better than the first: stale 1, 2, 3 after steps 4, 6 and 8.
    const session = await open(engine, [0, 0.001], { evaluateEvery: 2, patience: 3 })
    expect([...(await session.run(7)).stopped]).toEqual([0, 0])
    const { stopped, bestStep } = await session.run(1)
    expect([...stopped]).toEqual([1, 0])
    expect(bestStep[0]).toBe(2)
    // It stays where it is, at any rate.
    const before = (await session.read()).parameters
    await session.upload({ learningRate: Float64Array.of(0.1, 0.001) })
    const later = await session.run(4)
    const after = (await session.read()).parameters
    const size = flat.layout.parameters
    expect(bits(after.slice(0, size))).toEqual(bits(before.slice(0, size)))
    expect(bits(after.slice(size))).not.toEqual(bits(before.slice(size)))
    expect(later.step).toBe(12)
    expect(later.bestStep[0]).toBe(2)
    expect((await session.read()).best.stale[0]).toBe(3)
  })

  it('gives the same bits twice', async () => {
    await using engine = await makeEngine()
    const runs = await Promise.all(
      [0, 1].map(async () => {
        const session = await open(engine, [0.01, 0.02], { batch: 7, evaluateEvery: 4 })
        const { losses } = await session.run(25)
        return { losses: bits(losses), parameters: bits((await session.read()).parameters) }
      }),
    )
    expect(runs[0]).toEqual(runs[1])
  })

  it('goes on from a state, bit for bit, as if it had never stopped', async () => {
    await using engine = await makeEngine()
    const changes = { batch: 7, evaluateEvery: 4, validationRows: 11, patience: 50 }
    const whole = await open(engine, [0.05, 0.02], changes)
    const { losses } = await whole.run(30)
    const before = await open(engine, [0.05, 0.02], changes)
    const first = await before.run(13)
    const state = structuredClone(await before.read())
    await before.close()
    const after = await open(engine, [0.05, 0.02], changes)
    await after.upload({ state })
    expect(await after.read()).toEqual(state)
    const second = await after.run(17)
    expect(second.step).toBe(30)
    expect([...first.losses, ...second.losses]).toEqual([...losses])
    expect(await after.read()).toEqual(await whole.read())
  })
}
