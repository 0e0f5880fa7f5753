import { expect, it } from 'vitest'
import { STOPPED } from '../../../src/engine/engine.ts'
import type { Engine, Session, TrainingState } from '../../../src/engine/engine.ts'
import { LBFGS_HISTORY, LBFGS_LEVEL } from '../../../src/engine/memory.ts'
import { relativeError } from '../flat.ts'
import { openLbfgs } from './lbfgs.ts'

/** Memories that mislead: branches of an iteration that a run on an honest function hardly ever comes to. */
interface Lie {
  readonly gradient: Float64Array
  /** Pairs, oldest first; `product` in place of s.y. */
  readonly pairs?: readonly {
    readonly step: Float64Array
    readonly change: Float64Array
    readonly product: number
  }[]
  readonly scale?: number
  readonly level?: number
}

/** Gives the session the state where it stands, with loss and a gradient that may not be its own. */
async function mislead(
  session: Session,
  { gradient, pairs = [], scale = 1, level = 0 }: Lie,
): Promise<TrainingState> {
  const { loss } = await session.gradients()
  const state = await session.read()
  const size = state.parameters.length
  const steps = new Float64Array(LBFGS_HISTORY * size)
  const changes = new Float64Array(LBFGS_HISTORY * size)
  const products = new Float64Array(LBFGS_HISTORY)
  pairs.forEach(({ step, change, product }, slot) => {
    steps.set(step, slot * size)
    changes.set(change, slot * size)
    products[slot] = product
  })
  const optimizer = {
    steps,
    changes,
    products,
    gradient,
    loss,
    scale: Float64Array.of(scale),
    count: Float64Array.of(pairs.length),
    newest: Float64Array.of(Math.max(0, pairs.length - 1)),
    level: Float64Array.of(level),
  }
  const lying = { ...state, optimizer }
  await session.upload({ state: lying })
  return lying
}

const unit = (size: number, p: number, value: number): Float64Array => {
  const vector = new Float64Array(size)
  vector[p] = value
  return vector
}

/** What L-BFGS owes on every engine where its memory does not fit the function. */
export function lbfgsStateSuite(makeEngine: () => Promise<Engine>, forward: number): void {
  it('goes along the gradient, without its pairs, where they give a direction that goes up', async () => {
    await using engine = await makeEngine()
    const run = async (scale: number | undefined) => {
      const session = await openLbfgs(engine, [1])
      const { parameters: gradient } = await session.gradients()
      // With the only pair elsewhere and H_0 = -I, the direction is the gradient.
      const p = gradient.findIndex(value => value === 0)
      const pair = { step: unit(gradient.length, p, 1), change: unit(gradient.length, p, 1), product: 1 }
      await mislead(session, scale === undefined ? { gradient } : { gradient, pairs: [pair], scale })
      const { losses, functionEvaluations } = await session.run(3)
      const { parameters, optimizer } = await session.read()
      return { losses, parameters, functionEvaluations, count: optimizer['count'] }
    }
    const [misled, plain] = [await run(-1), await run(undefined)]
    expect(misled).toEqual(plain)
  })

  it('tries once more along the gradient, without its pairs, where a search fails', async () => {
    await using engine = await makeEngine()
    const run = async (lies: boolean) => {
      const session = await openLbfgs(engine, [1])
      const { parameters: gradient } = await session.gradients()
      const size = gradient.length
      const j = gradient.findIndex(value => value > 0.05 * Math.max(...gradient))
      const zero = gradient.findIndex(value => value === 0)
      // The pairs stretch coordinate j a millionfold, where the gradient has the wrong sign: a step along the direction goes up.
      gradient[j] = -gradient[j]!
      const pairs = [
        { step: unit(size, j, 1), change: unit(size, j, 1e-6), product: 1e-6 },
        { step: unit(size, zero, 1), change: unit(size, zero, 1), product: 1 },
      ]
      const { optimizer } = await mislead(session, lies ? { gradient, pairs } : { gradient })
      const progress = await session.run(1)
      return { before: optimizer['loss']![0]!, progress, after: await session.read() }
    }
    const [failed, plain] = [await run(true), await run(false)]
    expect(failed.progress.functionEvaluations[0]).toBeGreaterThan(plain.progress.functionEvaluations[0]! + 5)
    expect(failed.progress.stopped[0]).toBe(0)
    expect(plain.after.optimizer['loss']![0]).toBeLessThan(plain.before)
    // Slots that hold no pair keep what was in them.
    const standing = ({ parameters, optimizer }: TrainingState) => {
      const { count, newest, loss, scale, products } = optimizer
      return { parameters, count, newest, loss, scale, product: products![0] }
    }
    expect(standing(failed.after)).toEqual(standing(plain.after))
  })

  it('stalls where it stood, if a search without pairs fails', async () => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1], { evaluateEvery: 1 })
    // From 0 the smallest step shows. Scales that are not trained stay 1.
    const start = (await session.read()).parameters
    await session.upload({ parameters: start.map(value => (value === 1 ? 1 : 0)) })
    const { parameters: gradient } = await session.gradients()
    const { parameters } = await mislead(session, { gradient: gradient.map(value => -value) })
    const { stopped, step, losses } = await session.run(5)
    expect({ stopped: stopped[0], step }).toEqual({ stopped: STOPPED.stalled, step: 1 })
    const after = await session.read()
    expect(after.parameters).toEqual(parameters)
    const { loss } = await session.gradients()
    expect(relativeError(losses, loss)).toBeLessThan(forward)
  })

  it('keeps the weights of the best evaluation while it searches on', async () => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1], { evaluateEvery: 3 })
    await session.run(3)
    const { parameters } = await session.read()
    // The next evaluation would come after the sixth.
    await session.run(2)
    const { best, parameters: later } = await session.read()
    expect(best.step[0]).toBe(3)
    expect(best.parameters).toEqual(parameters)
    expect(later).not.toEqual(parameters)
    const whole = await openLbfgs(engine, [1], { evaluateEvery: 3 })
    await whole.run(5)
    expect((await whole.read()).best.parameters).toEqual(parameters)
  })

  it.each([
    { level: LBFGS_LEVEL - 2, steps: 2 },
    { level: LBFGS_LEVEL - 1, steps: 1 },
  ])('stalls after $steps of level iterations, if the last $level were level', async ({ level, steps }) => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1])
    // Without an edge the loss is the same everywhere, and its gradient 0: the second iteration has nowhere to go.
    await session.upload({ mask: new Float64Array(15) })
    const size = (await session.read()).parameters.length
    await mislead(session, { gradient: unit(size, 0, 1e-6), level })
    const { stopped, step, losses } = await session.run(5)
    expect({ stopped: stopped[0], step }).toEqual({ stopped: STOPPED.stalled, step: steps })
    expect(new Set(losses).size).toBe(1)
  })
}
