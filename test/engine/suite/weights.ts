import { expect, it } from 'vitest'
import type { Engine } from '../../../src/engine/engine.ts'
import { shuffledRow, shuffleKey } from '../../../src/engine/shuffle.ts'
import { oracleGradient } from '../../oracle/kan.ts'
import {
  flatRows,
  flatten,
  flattenParameters,
  lossPlan,
  planFor,
  relativeError,
  worstGroupError,
} from '../flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from '../samples.ts'
import type { Tolerances } from '../suite.ts'

/** Many rows, rows without weight. */
export function weightSuite(engineOf: () => Engine, tolerances: Tolerances): void {
  it.each(['mse', 'mae', 'huber', 'crossEntropy'] as const)('adds 5000 weighted rows: %s', async kind => {
    const network = { ...NETWORKS[0]!, width: [1, 2], rows: 5000 }
    const model = caseModel(network)
    const x = caseInputs(network)
    const loss = caseLoss(network, kind, true)
    const flat = flatten(model)
    const session = await engineOf().open(planFor(flat.layout, 5000, { ...lossPlan(loss), evaluateEvery: 1 }))
    await session.upload({ ...flat, training: flatRows(x, loss), learningRate: Float64Array.of(0) })
    const expected = oracleGradient(model, x, loss)
    const gradients = await session.gradients()
    expect(relativeError(gradients.loss, [expected.loss])).toBeLessThan(tolerances.forward)
    const parameters = flattenParameters(flat.layout, expected.layers)
    expect(worstGroupError(flat.layout, gradients.parameters, parameters)).toBeLessThan(tolerances.gradient)
    const { losses, evaluationLosses } = await session.run(1)
    expect(relativeError([...losses, ...evaluationLosses], [expected.loss, expected.loss])).toBeLessThan(
      tolerances.forward,
    )
  })

  const small = { ...NETWORKS[0]!, width: [2, 3, 1], rows: 6 }
  const flat = flatten(caseModel(small))
  const training = flatRows(caseInputs(small), caseLoss(small, 'mse', false))

  it('takes loss and gradients of a batch without weight for 0', async () => {
    const session = await engineOf().open(planFor(flat.layout, 6, { batch: 5 }))
    await session.upload({ ...flat, training: { ...training, weights: Float64Array.of(0, 0, 0, 0, 0, 1) } })
    const { loss, parameters, inputs } = await session.gradients()
    expect([...loss, ...parameters, ...inputs].every(value => value === 0)).toBe(true)
  })

  it('coasts on its momentum over a mini-batch without weight', async () => {
    const seed = 4
    const key = shuffleKey(seed, 0, 6)
    const weights = new Float64Array(6).fill(1)
    for (const position of [2, 3]) weights[shuffledRow(key, position)] = 0
    const session = await engineOf().open(planFor(flat.layout, 6, { batch: 2, seed, evaluateEvery: 1 }))
    await session.upload({ ...flat, training: { ...training, weights }, learningRate: Float64Array.of(0.01) })
    const first = await session.run(1)
    const before = await session.read()
    const second = await session.run(1)
    const after = await session.read()
    const third = await session.run(1)
    expect(first.losses[0]).toBeGreaterThan(0)
    expect(second.losses[0]).toBe(0)
    expect(third.losses[0]).toBeGreaterThan(0)
    // One product each.
    const shrunk = (name: string, beta: number): number[] => [...before.optimizer[name]!].map(m => beta * m)
    expect(relativeError(after.optimizer['first']!, shrunk('first', 0.9))).toBeLessThan(2 ** -23)
    expect(relativeError(after.optimizer['second']!, shrunk('second', 0.999))).toBeLessThan(2 ** -23)
    // The evaluation looks at all rows, and not at the batch.
    expect(second.evaluationLosses[0]).toBeGreaterThan(0)
  })
}
