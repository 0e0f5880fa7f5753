import { expect, it } from 'vitest'
import { STOPPED } from '../../../src/engine/engine.ts'
import type { Engine, Plan, Rows, Session } from '../../../src/engine/engine.ts'
import { trainableGroups } from '../../../src/engine/parity/cases.ts'
import { Model } from '../../../src/model/model.ts'
import { seeded } from '../../oracle/random.ts'
import { concatenate, planFor, relativeError } from '../flat.ts'

/** Samples of exp(sin(pi x1) + x2^2) / 4, numbers that are exact in float32. */
export function surface(rows: number, seed: number): Rows {
  const random = seeded(seed)
  const x = Float64Array.from({ length: 2 * rows }, () => Math.round((2 * random() - 1) * 1024) / 1024)
  const y = Float64Array.from({ length: rows }, (_, b) =>
    Math.fround(Math.exp(Math.sin(Math.PI * x[2 * b]!) + x[2 * b + 1]! ** 2) / 4),
  )
  return { x, y, weights: new Float64Array(rows).fill(1) }
}

const training = surface(200, 1)
const validation = surface(70, 2)

/** A session of L-BFGS on networks of width [2, 5, 1] with these seeds. */
export async function openLbfgs(
  engine: Engine,
  seeds: readonly number[],
  changes: Partial<Plan> = {},
): Promise<Session> {
  const models = seeds.map(seed => {
    const model = new Model({ width: [2, 5, 1], grid: 3, seed })
    return {
      mask: model.mask,
      parameters: model.parameters.map(Math.fround),
      knots: model.knots.map(Math.fround),
      layout: model.layout,
    }
  })
  const session = await engine.open(
    planFor(models[0]!.layout, 200, {
      trainable: trainableGroups('cb'),
      optimizer: { kind: 'lbfgs' },
      models: seeds.length,
      ...changes,
    }),
  )
  await session.upload({
    parameters: concatenate(models.map(model => model.parameters)),
    knots: concatenate(models.map(model => model.knots)),
    mask: concatenate(models.map(model => model.mask)),
    training,
    learningRate: new Float64Array(seeds.length),
    ...(changes.validationRows ? { validation: surface(changes.validationRows, 2) } : {}),
  })
  return session
}

const bits = (array: Float64Array): BigUint64Array => new BigUint64Array(array.slice().buffer)

/** What L-BFGS owes on every engine. */
export function lbfgsSuite(makeEngine: () => Promise<Engine>, forward: number): void {
  it('goes down with every iteration, and counts its evaluations', async () => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1])
    const { losses, functionEvaluations, step } = await session.run(40)
    const state = await session.read()
    expect(step).toBe(40)
    expect(losses).toHaveLength(40)
    for (let s = 1; s < losses.length; s++) expect(losses[s]).toBeLessThan(losses[s - 1]!)
    expect(losses.at(-1)! / losses[0]!).toBeLessThan(1e-2)
    expect(functionEvaluations[0]).toBeGreaterThan(40)
    expect(functionEvaluations[0]).toBeLessThan(80)
    // It stands where its own loss says.
    const { loss } = await session.gradients()
    expect(relativeError(loss, state.optimizer['loss']!)).toBeLessThan(forward)
  })

  it.each([0, 70])(
    'evaluates after every third iteration and keeps the best (%i validation rows)',
    async validationRows => {
      await using engine = await makeEngine()
      const session = await openLbfgs(engine, [3], { validationRows, evaluateEvery: 3 })
      const seen: { step: number; loss: number; parameters: Float64Array }[] = []
      for (const steps of [2, 5, 1, 4]) {
        const { evaluationSteps, evaluationLosses } = await session.run(steps)
        evaluationSteps.forEach((step, e) =>
          seen.push({ step, loss: evaluationLosses[e]!, parameters: new Float64Array(0) }),
        )
      }
      expect(seen.map(({ step }) => step)).toEqual([3, 6, 9, 12])
      const rows = validationRows > 0 ? validation : training
      const outputs = await session.predict(rows.x)
      const loss = outputs.reduce((sum, y, b) => sum + (y - rows.y[b]!) ** 2, 0) / outputs.length
      expect(relativeError([seen.at(-1)!.loss], [loss])).toBeLessThan(10 * forward)
      const { best } = await session.read()
      expect(best.loss[0]).toBe(Math.min(...seen.map(each => each.loss)))
      expect(best.step[0]).toBe(seen.find(each => each.loss === best.loss[0])!.step)
    },
  )

  it('goes on from its state as if it had never stopped, and however the iterations are cut', async () => {
    await using engine = await makeEngine()
    const whole = await openLbfgs(engine, [1, 2])
    const { losses } = await whole.run(24)
    const expected = await whole.read()
    const first = await openLbfgs(engine, [1, 2])
    const before = [await first.run(1), await first.run(12)]
    const state = await first.read()
    const second = await openLbfgs(engine, [7, 8])
    await second.upload({ state })
    const after = await second.run(11)
    const actual = await second.read()
    expect([...before.flatMap(part => [...part.losses]), ...after.losses]).toEqual([...losses])
    expect(bits(actual.parameters)).toEqual(bits(expected.parameters))
    for (const [name, values] of Object.entries(expected.optimizer))
      expect({ name, bits: bits(actual.optimizer[name]!) }).toEqual({ name, bits: bits(values) })
  })

  it('trains models side by side as it trains each alone', async () => {
    await using engine = await makeEngine()
    const together = await openLbfgs(engine, [4, 5, 6])
    const { losses } = await together.run(15)
    for (const [m, seed] of [4, 5, 6].entries()) {
      const alone = await openLbfgs(engine, [seed])
      expect((await alone.run(15)).losses).toEqual(losses.filter((_, p) => p % 3 === m))
    }
  })

  it('stalls at the best weights where there is no way down, and stays there', async () => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1], { evaluateEvery: 1 })
    // Nothing to learn: targets are what the network says.
    const y = await session.predict(training.x)
    await session.upload({ training: { ...training, y } })
    const before = await session.read()
    const { stopped, step, losses } = await session.run(100)
    expect(stopped[0]).toBe(STOPPED.stalled)
    expect(step).toBeLessThan(100)
    expect(losses).toHaveLength(step)
    const after = await session.read()
    expect(relativeError(after.parameters, before.parameters)).toBeLessThan(1e-3)
    expect(after.parameters.every(Number.isFinite)).toBe(true)
    expect((await session.run(5)).stopped[0]).toBe(STOPPED.stalled)
    expect(bits((await session.read()).parameters)).toEqual(bits(after.parameters))
  })

  it('runs out of patience on validation rows', async () => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1], { validationRows: 70, evaluateEvery: 1, patience: 1 })
    // Noise is learned by heart, and the validation rows have none of it.
    const noisy = surface(200, 1)
    const random = seeded(9)
    await session.upload({ training: { ...noisy, y: noisy.y.map(y => Math.fround(y + random() - 0.5)) } })
    const { stopped, step, bestStep } = await session.run(300)
    expect(stopped[0]).toBe(STOPPED.patience)
    expect(step).toBe(bestStep[0]! + 1)
  })

  it('starts anew from other parameters', async () => {
    await using engine = await makeEngine()
    const session = await openLbfgs(engine, [1])
    const start = await session.read()
    const { losses } = await session.run(10)
    await session.upload({ parameters: start.parameters })
    expect([...(await session.run(10)).losses]).toEqual([...losses])
  })
}
