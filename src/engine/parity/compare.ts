import { createLayout, parameterGroups } from '../../model/shape.ts'
import type { Layout, Trainable } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import type { Engine } from '../engine.ts'
import { randomNetwork, randomRows } from './cases.ts'
import type { ParityCase } from './cases.ts'
import { avoidKnots } from './hidden.ts'
import { basisProbe, FAR, lossProbe, sumProbe } from './probes.ts'
import type { Probe } from './probes.ts'
import { kernelOf, RESULT_NAMES, tolerances } from './tolerances.ts'
import type { KernelName, Result } from './tolerances.ts'
import { observe, probe, trialPlan } from './trial.ts'
import type { Observation, Trial } from './trial.ts'

/** Worst error of one kernel in one case, relative to the largest value of the same array, and what is allowed. */
export interface ParityLine {
  readonly kernel: string
  readonly worst: number
  readonly tolerance: number
  readonly passed: boolean
}

/** Largest difference over the largest value. Two arrays of different length, or a value that is not finite, are infinitely wrong. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity
  let largest = 0
  let worst = 0
  for (let p = 0; p < expected.length; p++) {
    const difference = Math.abs(actual[p]! - expected[p]!)
    if (!Number.isFinite(difference)) return Infinity
    worst = Math.max(worst, difference)
    largest = Math.max(largest, Math.abs(expected[p]!))
  }
  return worst === 0 ? 0 : worst / largest
}

/** Collects the worst error of each result. */
class Ledger {
  readonly #worst = new Map<Result, number>()

  add(result: Result, error: number): void {
    this.#worst.set(result, Math.max(error, this.#worst.get(result) ?? 0))
  }

  compare(result: Result, actual: Float64Array, expected: Float64Array): void {
    this.add(result, relativeError(actual, expected))
  }

  /** For each kernel, its result that took most of its tolerance. */
  lines(test: ParityCase): ParityLine[] {
    const allowed = tolerances(test)
    const lines = new Map<KernelName, ParityLine>()
    for (const result of RESULT_NAMES) {
      const worst = this.#worst.get(result)
      if (worst === undefined) continue
      const kernel = kernelOf(result)
      const tolerance = allowed[result]
      const before = lines.get(kernel)
      if (before === undefined || worst / tolerance > before.worst / before.tolerance)
        lines.set(kernel, { kernel, worst, tolerance, passed: worst <= tolerance })
    }
    return [...lines.values()]
  }
}

/** Calls `each` with every parameter group of every layer, of all models, as it is in `actual` and in `expected`. */
function eachGroup(
  layout: Layout,
  actual: Float64Array,
  expected: Float64Array,
  each: (name: keyof Trainable, actual: Float64Array, expected: Float64Array) => void,
): void {
  const models = expected.length / layout.parameters
  for (const { name, start, size } of layout.layers.flatMap(parameterGroups)) {
    const pick = (from: Float64Array): Float64Array =>
      Float64Array.from(
        Array.from({ length: models }, (_, m) => {
          const first = m * layout.parameters + start
          return [...from.subarray(first, first + size)]
        }).flat(),
      )
    each(name, pick(actual), pick(expected))
  }
}

/** What the gradient of a group is charged to; `coef` where the group is frozen: reduce_gradient writes the zeros. */
function resultOf(name: keyof Trainable, trainable: Trainable): Result {
  if (name === 'scaleBase') return trainable.scaleBase ? 'scaleBase' : 'coef'
  if (name === 'coef' || name === 'scaleSpline') return trainable.scaleSpline ? 'scaleSpline' : 'coef'
  return trainable.nodeScale || trainable.nodeBias ? 'nodes' : 'coef'
}

/** The trained network as a whole: what each kernel adds to those before it. */
function compareNetworks(
  ledger: Ledger,
  { plan, network }: Trial,
  layout: Layout,
  actual: Observation,
  expected: Observation,
): void {
  ledger.compare('outputs', actual.outputs, expected.outputs)
  ledger.compare('loss', actual.gradients.loss, expected.gradients.loss)
  eachGroup(layout, actual.gradients.parameters, expected.gradients.parameters, (name, a, e) =>
    ledger.compare(resultOf(name, plan.trainable), a, e),
  )
  ledger.compare('inputs', actual.gradients.inputs, expected.gradients.inputs)
  expected.progress.forEach((progress, part) => {
    const own = actual.progress[part]!
    ledger.compare(plan.batch < plan.rows ? 'batches' : 'ring', own.losses, progress.losses)
    ledger.compare('ring', own.evaluationLosses, progress.evaluationLosses)
    ledger.compare('ring', own.bestLoss, progress.bestLoss)
    compareCounts(ledger, own, progress, ['step', 'evaluationSteps', 'bestStep', 'stopped'])
  })
  const { optimizer, best } = expected.state
  for (const name of ['first', 'second'])
    eachGroup(layout, actual.state.optimizer[name]!, optimizer[name]!, (_, a, e) =>
      ledger.compare('moments', a, e),
    )
  // Steps are small against the parameters: what is compared is how far the parameters moved.
  const moved = (to: Float64Array): Float64Array => to.map((value, p) => value - network.parameters[p]!)
  ledger.compare('moves', moved(actual.state.parameters), moved(expected.state.parameters))
  ledger.compare('bestMoves', moved(actual.state.best.parameters), moved(best.parameters))
  ledger.compare('ring', actual.state.best.loss, best.loss)
  compareCounts(ledger, actual.state.best, best, ['step', 'stale', 'stopped'])
  for (const name of ['edgeL1', 'edgeMean', 'edgeDeviation'] as const)
    layout.layers.forEach((_, l) => {
      const all = (from: Observation): Float64Array =>
        Float64Array.from(from.statistics.flatMap(layers => [...layers[l]![name]]))
      ledger.compare('edges', all(actual), all(expected))
    })
}

/** Whole numbers that the device counts: equal, or infinitely wrong. */
function compareCounts<T>(ledger: Ledger, actual: T, expected: T, names: readonly (keyof T)[]): void {
  for (const name of names) if (String(actual[name]) !== String(expected[name])) ledger.add('ring', Infinity)
}

/**
 * Compares an engine with the reference on one case: one line a kernel, in the order in which kernels build on each other.
 * A session shows no kernel's result by itself, so that a broken one shows in the lines after its own as well: the first
 * line that fails names it. What each line is made of, beside all lines before it:
 *
 *   basis            outputs of a layer with one coefficient 1 an output: the basis functions (probes.ts). Their slopes are
 *                    read by backward_input alone, and show there
 *   forward          outputs of the case's network
 *   loss             loss and gradient by the outputs on a network that hands its inputs on, one workgroup of rows;
 *                    the loss of the case's network
 *   reduce_loss      losses of 5000 rows on that network, and of a batch without weight; ring of losses (full batch) and of
 *                    evaluations, best loss, its step, stale evaluations
 *   gather           ring of losses in mini-batches
 *   backward_coef    gradients of coef and scaleBase of the basis functions' layer, whose scaleSpline is 1; of scaleBase
 *   reduce_gradient  gradient of coef where scaleSpline is frozen; zeros of frozen groups. The sum over slices of
 *                    more than 32 rows shows in backward_coef
 *   scale_spline     gradients of scaleSpline, and of coef beside it
 *   backward_node    gradients of nodeScale and nodeBias
 *   backward_input   gradient by the inputs, of one layer and of all
 *   adam             both moments after five steps, and how far the parameters moved
 *   keep             how far the best parameters moved: one step less, and not at all from where no evaluation was better
 *   edge_statistics  mean, L1 norm and deviation of every edge
 *
 * Gradients, moments and moves are compared a group and a layer at a time.
 */
export async function compareEngines(
  engine: Engine,
  reference: Engine,
  test: ParityCase,
): Promise<ParityLine[]> {
  const ledger = new Ledger()
  const shapes = Array.from({ length: test.width.length - 1 }, (_, l) => ({
    inputs: test.width[l]!,
    outputs: test.width[l + 1]!,
    intervals: test.intervals,
    degree: test.degree,
    base: test.base,
  }))
  const random = new Random(test.seed, 77)
  const plan = trialPlan(test, shapes)
  const layout = createLayout(shapes)
  const network = randomNetwork(random, layout, test)
  const training = randomRows(random, test, plan.rows)
  const validation = randomRows(random, test, plan.validationRows)
  if (test.degree <= 2) {
    await avoidKnots(reference, plan, network, training)
    await avoidKnots(reference, plan, network, validation)
  }
  const trial: Trial = { plan, network, training, validation }
  compareNetworks(ledger, trial, layout, await observe(engine, trial), await observe(reference, trial))

  const ask = async ({ plan: own, network: layer, x, sets }: Probe) =>
    [await probe(engine, own, layer, x, sets), await probe(reference, own, layer, x, sets)] as const

  const bases = basisProbe(test, network.knots.subarray(0, layout.layers[0]!.knotsPerInput))
  const [functions, exactFunctions] = await ask(bases)
  const columns = bases.plan.layers[0]!.outputs
  // The base function far out is as large as x, and is judged by itself.
  const near = bases.x.findIndex(x => Math.abs(x) === FAR) * columns
  ledger.compare('functions', functions.outputs.subarray(0, near), exactFunctions.outputs.subarray(0, near))
  ledger.compare('functions', functions.outputs.subarray(near), exactFunctions.outputs.subarray(near))
  const [slope, exactSlope] = [functions.gradients[0]!, exactFunctions.gradients[0]!]
  const oneLayer = createLayout(bases.plan.layers)
  eachGroup(oneLayer, slope.parameters, exactSlope.parameters, (_, a, e) =>
    ledger.compare('functionCoef', a, e),
  )
  ledger.compare('functionInputs', slope.inputs, exactSlope.inputs)

  for (const [result, asked] of [
    ['rowLoss', lossProbe(test)],
    ['longSum', sumProbe(test)],
  ] as const) {
    const [own, exact] = await ask(asked)
    exact.gradients.forEach((gradients, set) => {
      ledger.compare(result, own.gradients[set]!.loss, gradients.loss)
      ledger.compare(result, own.gradients[set]!.inputs, gradients.inputs)
    })
  }
  return ledger.lines(test)
}
