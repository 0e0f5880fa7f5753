import { expect, it } from 'vitest'
import type { Engine, Plan, Rows } from '../../../src/engine/engine.ts'
import { oracleGradient, oracleLoss } from '../../oracle/kan.ts'
import type { OracleLoss } from '../../oracle/kan.ts'
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
import type { Tolerances } from '../suite.ts'

const network = { ...NETWORKS[0]!, width: [2, 3, 2], degree: 3 }
const SEEDS = [1, 2, 3]
const models = SEEDS.map(seed => caseModel(network, seed))
const flat = models.map(flatten)
const layout = flat[0]!.layout

/** Rows of each model: other inputs, other targets, other weights. */
function rowsOfModels(kind: OracleLoss['kind'], rows: number): { x: number[][]; loss: OracleLoss }[] {
  return SEEDS.map(seed => {
    const own = { ...network, seed: 100 * seed, rows }
    return { x: caseInputs(own), loss: caseLoss(own, kind, true) }
  })
}

function join(sets: readonly { x: number[][]; loss: OracleLoss }[]): Rows {
  const rows = sets.map(({ x, loss }) => flatRows(x, loss))
  return {
    x: concatenate(rows.map(set => set.x)),
    y: concatenate(rows.map(set => set.y)),
    weights: concatenate(rows.map(set => set.weights)),
  }
}

const together = {
  parameters: concatenate(flat.map(model => model.parameters)),
  knots: concatenate(flat.map(model => model.knots)),
  mask: concatenate(flat.map(model => model.mask)),
}

function part(values: Float64Array, m: number): Float64Array {
  return values.subarray((m * values.length) / models.length, ((m + 1) * values.length) / models.length)
}

/** Every third value, from the m-th on. */
function column(values: Float64Array, m: number): Float64Array {
  return values.filter((_, p) => p % models.length === m)
}

/** Models with rows of their own, [M][rows][...]: each as if it were alone. */
export function ownRowsSuite(engineOf: () => Engine, tolerances: Tolerances): void {
  it.each(['mse', 'mae', 'huber', 'crossEntropy'] as const)(
    'have losses and gradients of their own rows: %s',
    async kind => {
      const sets = rowsOfModels(kind, 37)
      const plan = planFor(layout, 37, { models: 3, ownRows: true, ...lossPlan(sets[0]!.loss) })
      const session = await engineOf().open(plan)
      await session.upload({ ...together, training: join(sets) })
      const gradients = await session.gradients()
      await session.close()
      sets.forEach(({ x, loss }, m) => {
        const expected = oracleGradient(models[m]!, x, loss)
        expect(relativeError([gradients.loss[m]!], [expected.loss])).toBeLessThan(tolerances.forward)
        expect(relativeError(part(gradients.inputs, m), expected.x.flat())).toBeLessThan(tolerances.gradient)
        const parameters = flattenParameters(layout, expected.layers)
        expect(worstGroupError(layout, part(gradients.parameters, m), parameters)).toBeLessThan(
          tolerances.gradient,
        )
      })
    },
  )

  // More validation rows than an engine takes at a time (1024 on a GPU), and fewer.
  it.each([1500, 11])('are judged by their own validation rows, %s of them', async rows => {
    const training = rowsOfModels('mse', 20)
    const validation = rowsOfModels('mse', rows)
    const changes = { models: 3, ownRows: true, batch: 7, validationRows: rows, evaluateEvery: 1 }
    const session = await engineOf().open(planFor(layout, 20, changes))
    await session.upload({
      ...together,
      training: join(training),
      validation: join(validation),
      learningRate: new Float64Array(3),
    })
    const { evaluationLosses, bestLoss } = await session.run(1)
    await session.close()
    const expected = validation.map(({ x, loss }, m) => oracleLoss(models[m]!, x, loss))
    evaluationLosses.forEach((loss, m) =>
      expect(relativeError([loss], [expected[m]!])).toBeLessThan(tolerances.forward),
    )
    expect(bestLoss).toEqual(evaluationLosses)
  })

  it.each<{ name: string; changes: Partial<Plan> }>([
    { name: 'mini-batches', changes: { batch: 7 } },
    { name: 'all rows', changes: {} },
    { name: 'L-BFGS', changes: { optimizer: { kind: 'lbfgs' } } },
    {
      name: "a penalty, the paper's",
      changes: { batch: 7, penalty: { metric: 'paper', l1: 1, entropy: 2, coef: 0, coefdiff: 0 } },
    },
    {
      name: "a penalty, pykan's",
      changes: { penalty: { metric: 'edge_forward_spline_n', l1: 1, entropy: 2, coef: 0.1, coefdiff: 0.1 } },
    },
  ])('train as each does alone: $name', async ({ changes }) => {
    const training = rowsOfModels('mse', 20)
    const validation = rowsOfModels('mse', 11)
    const rates = Float64Array.of(0.001, 0.01, 0.02)
    const lambdas = Float64Array.of(0.01, 0, 0.02)
    const steps = 6
    const plan = planFor(layout, 20, { validationRows: 11, evaluateEvery: 2, ...changes })
    const session = await engineOf().open({ ...plan, models: 3, ownRows: true })
    await session.upload({
      ...together,
      training: join(training),
      validation: join(validation),
      learningRate: rates,
      ...(plan.penalty ? { lambda: lambdas } : {}),
    })
    const progress = await session.run(steps)
    const state = await session.read()
    await session.close()
    for (let m = 0; m < 3; m++) {
      const alone = await engineOf().open(plan)
      await alone.upload({
        ...flat[m]!,
        training: join([training[m]!]),
        validation: join([validation[m]!]),
        learningRate: rates.slice(m, m + 1),
        ...(plan.penalty ? { lambda: lambdas.slice(m, m + 1) } : {}),
      })
      const expected = await alone.run(steps)
      const { parameters, best } = await alone.read()
      await alone.close()
      const near = (actual: ArrayLike<number>, own: ArrayLike<number>): void =>
        expect(relativeError(actual, own)).toBeLessThan(tolerances.trajectory)
      near(column(progress.losses, m), expected.losses)
      near(column(progress.evaluationLosses, m), expected.evaluationLosses)
      near(part(state.parameters, m), parameters)
      near(part(state.best.parameters, m), best.parameters)
      expect(progress.bestStep[m]).toBe(expected.bestStep[0])
    }
  })

  it('must all have rows that count', async () => {
    const sets = rowsOfModels('mse', 5)
    const session = await engineOf().open(planFor(layout, 5, { models: 3, ownRows: true }))
    const rows = join(sets)
    await expect(session.upload({ training: join(sets.slice(1)) })).rejects.toThrow(
      /training\.x has 20 values; this session needs exactly 30, 5 rows of 2 inputs, for each of 3 models/,
    )
    const weights = rows.weights.map((_, row) => (row < 5 ? 1 : 0))
    await expect(session.upload({ training: { ...rows, weights } })).rejects.toThrow(
      /training\.weights of model 1 are all 0/,
    )
    await session.close()
  })
}
