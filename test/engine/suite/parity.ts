import { expect, it } from 'vitest'
import type { Engine } from '../../../src/engine/engine.ts'
import { oracleForward, oracleGradient } from '../../oracle/kan.ts'
import type { OracleLoss, OracleModel } from '../../oracle/kan.ts'
import {
  concatenate,
  flatRows,
  flatten,
  flattenParameters,
  lossPlan,
  planFor,
  relativeError,
  worstGroupError,
} from '../flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from '../samples.ts'
import type { NetworkCase } from '../samples.ts'
import type { Tolerances } from '../suite.ts'

/** Outputs, loss and all gradients of one or more models against the oracle; returns the worst errors. */
async function compare(
  engine: Engine,
  network: NetworkCase,
  models: readonly OracleModel[],
  loss: OracleLoss,
): Promise<{ forward: number; gradient: number }> {
  const x = caseInputs(network)
  const flat = models.map(flatten)
  const { layout } = flat[0]!
  const session = await engine.open(
    planFor(layout, x.length, {
      models: models.length,
      ...lossPlan(loss),
    }),
  )
  const rows = flatRows(x, loss)
  await session.upload({
    parameters: concatenate(flat.map(m => m.parameters)),
    knots: concatenate(flat.map(m => m.knots)),
    mask: concatenate(flat.map(m => m.mask)),
    training: rows,
  })
  const outputs = await session.predict(rows.x)
  const gradients = await session.gradients()
  await session.close()
  const errors = models.map((model, m) => {
    const expected = oracleGradient(model, x, loss)
    const part = (array: Float64Array): Float64Array =>
      array.subarray((m * array.length) / models.length, ((m + 1) * array.length) / models.length)
    return {
      forward: Math.max(
        relativeError(part(outputs), oracleForward(model, x).flat()),
        relativeError(part(gradients.loss), [expected.loss]),
      ),
      gradient: Math.max(
        worstGroupError(layout, part(gradients.parameters), flattenParameters(layout, expected.layers)),
        relativeError(part(gradients.inputs), expected.x.flat()),
      ),
    }
  })
  return {
    forward: Math.max(...errors.map(e => e.forward)),
    gradient: Math.max(...errors.map(e => e.gradient)),
  }
}

/** Forward and gradients on random networks. */
export function paritySuite(engineOf: () => Engine, tolerances: Tolerances): void {
  const network = NETWORKS.find(({ name }) => name === 'degree 3, uneven knots')!

  it.each(NETWORKS)('agrees with the oracle: $name', async network => {
    const errors = await compare(engineOf(), network, [caseModel(network)], caseLoss(network, 'mse', false))
    expect(errors.forward).toBeLessThan(tolerances.forward)
    expect(errors.gradient).toBeLessThan(tolerances.gradient)
  })

  it.each(['mse', 'mae', 'huber', 'crossEntropy'] as const)(
    'agrees with the oracle on weighted rows: %s',
    async kind => {
      const errors = await compare(engineOf(), network, [caseModel(network)], caseLoss(network, kind, true))
      expect(errors.forward).toBeLessThan(tolerances.forward)
      expect(errors.gradient).toBeLessThan(tolerances.gradient)
    },
  )

  const mixed = NETWORKS.find(({ layers }) => layers)!
  const products = NETWORKS.find(({ name }) => name.startsWith('products'))!
  it.each([{ ...network, degree: 2, name: 'degree 2' }, network, mixed, products])(
    'keeps three models apart: $name',
    async shape => {
      const models = [1, 2, 3].map(seed => caseModel(shape, seed))
      const errors = await compare(engineOf(), shape, models, caseLoss(shape, 'crossEntropy', true))
      expect(errors.forward).toBeLessThan(tolerances.forward)
      expect(errors.gradient).toBeLessThan(tolerances.gradient)
    },
  )

  it('predicts any number of rows', async () => {
    const model = caseModel(network)
    const flat = flatten(model)
    const session = await engineOf().open(planFor(flat.layout, 0))
    await session.upload(flat)
    for (const rows of [1, 64, 259]) {
      const x = caseInputs(network, rows)
      const outputs = await session.predict(Float64Array.from(x.flat()))
      expect(relativeError(outputs, oracleForward(model, x).flat())).toBeLessThan(tolerances.forward)
    }
  })

  it('takes the gradients of a mini-batch plan over the first rows', async () => {
    const model = caseModel(network)
    const flat = flatten(model)
    const x = caseInputs(network)
    const loss = caseLoss(network, 'crossEntropy', false)
    const session = await engineOf().open(
      planFor(flat.layout, x.length, { batch: 10, loss: 'cross-entropy' }),
    )
    await session.upload({ ...flat, training: flatRows(x, loss) })
    const { inputs, ...gradients } = await session.gradients()
    if (loss.kind !== 'crossEntropy') throw new Error('labels were asked for')
    const expected = oracleGradient(model, x.slice(0, 10), {
      kind: 'crossEntropy',
      labels: loss.labels.slice(0, 10),
    })
    expect(relativeError(gradients.loss, [expected.loss])).toBeLessThan(tolerances.forward)
    expect(relativeError(inputs, expected.x.flat())).toBeLessThan(tolerances.gradient)
  })
}
