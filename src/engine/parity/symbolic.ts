import { functionNames, functions } from '../../formula/functions.ts'
import { createLayout } from '../../model/shape.ts'
import type { LayerShape, Layout } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { Random } from '../../random.ts'
import { uniformKnots } from '../../spline/knots.ts'
import { fillMask } from '../mask.ts'
import type { Engine, Plan } from '../engine.ts'
import { LATTICE, trainableGroups } from './cases.ts'
import type { ParityCase } from './cases.ts'
import type { Ledger } from './ledger.ts'
import { SYMBOLIC_PASS, SYMBOLIC_ROWS } from './tolerances.ts'
import { trialPlan } from './trial.ts'

/**
 * Every function that formulas may call, and powers, for u in [0.4, 0.8]: all of them are finite there, and smooth or without a
 * jump, and no slope is steeper than 7.
 */
const FORMULAS: readonly string[] = [
  ...functionNames.map(name => {
    if (name === 'acosh') return 'acosh(u + 1)'
    return functions[name].derivatives.length === 2 ? `${name}(u, 0.6)` : `${name}(u)`
  }),
  'u',
  '-u',
  'u^2',
  'u^3',
  'u^0.5',
  'u^-2.5',
  '2^u',
  '1/u',
  'pi*u - e',
  'u*u + u/3',
  '0.25',
]

const MODELS = 2

/** One input, one node between, and one output for each formula: what the second layer reads has a node scale and a bias. */
function symbolicPlan(test: ParityCase): Plan {
  const shape = { intervals: 1, degree: 1, base: 'zero' } as const
  const layers: LayerShape[] = [
    { ...shape, inputs: 1, outputs: 1, symbolic: [{ edge: 0, name: 'x', formula: 'u' }] },
    {
      ...shape,
      inputs: 1,
      outputs: FORMULAS.length,
      symbolic: FORMULAS.map((formula, edge) => ({ edge, name: formula, formula })),
    },
  ]
  const changes = { models: MODELS, ownRows: false, rows: 0, batch: SYMBOLIC_PASS, validationRows: 0 }
  return trialPlan(test, layers, { ...changes, trainable: trainableGroups('cb') })
}

/** Parameters near float32 values by which u stays in [0.4, 0.8] for x in [-1, 1], others in each model. */
function symbolicParameters(random: Random, layout: Layout): Float64Array {
  const parameters = new Float64Array(MODELS * layout.parameters)
  const near = (value: number, by: number): number => Math.fround(value + by * (2 * random.uniform() - 1))
  for (let m = 0; m < MODELS; m++)
    layout.layers.forEach(({ symbolic = [], affine, nodeScale, nodeBias, outputs }, l) => {
      const own = m * layout.parameters
      for (let j = 0; j < outputs; j++) {
        parameters[own + nodeScale + j] = near(1, 0.2)
        parameters[own + nodeBias + j] = near(0, 0.1)
      }
      // The node is at most 1.7 in size, and a 0.12: u = 0.6 +- 0.2.
      const [a, b] = l === 0 ? [1, 0] : [0.11, 0.6]
      for (let e = 0; e < symbolic.length; e++) {
        const numbers = [near(a, 0.09 * a), Math.fround(b), near(1, 0.2), l === 0 ? 0 : near(0, 0.5)]
        parameters.set(numbers, own + affine + 4 * e)
      }
    })
  return parameters
}

/** Adds to the ledger what symbolic edges predict, and what their statistics are, of more rows than a pass takes. */
export async function compareSymbolic(
  ledger: Ledger,
  engine: Engine,
  reference: Engine,
  test: ParityCase,
): Promise<void> {
  const random = new Random(test.seed, 83)
  const plan = symbolicPlan(test)
  const layout = createLayout(plan.layers)
  const knots = uniformKnots([-1, 1], 1, 1)
  const network = {
    parameters: symbolicParameters(random, layout),
    knots: Float64Array.from({ length: MODELS * layout.knots }, (_, p) => knots[p % knots.length]!),
    mask: fillMask(layout, new Float64Array(MODELS * layout.edges)),
  }
  const x = Float64Array.from(
    { length: SYMBOLIC_ROWS },
    () => Math.floor((2 * random.uniform() - 1) / LATTICE) * LATTICE,
  )
  const look = async (of: Engine) => {
    const session = await of.open(plan)
    await session.upload(network)
    const result = { outputs: await session.predict(x), statistics: await session.statistics(x) }
    await session.close()
    return result
  }
  const [actual, expected] = [await look(engine), await look(reference)]
  ledger.compare('curves', actual.outputs, expected.outputs)
  for (const name of ['edgeL1', 'edgeMean', 'edgeDeviation'] as const) {
    const all = (models: LayerStatistics[][]): Float64Array =>
      Float64Array.from(models.flatMap(layers => layers.flatMap(layer => [...layer[name]])))
    ledger.compare('curveSums', all(actual.statistics), all(expected.statistics))
  }
}
