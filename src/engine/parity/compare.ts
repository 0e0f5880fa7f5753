import { createLayout, parameterGroups } from '../../model/shape.ts'
import type { Layout, Trainable } from '../../model/shape.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { Random } from '../../random.ts'
import type { Engine, Gradients } from '../engine.ts'
import { randomNetwork, randomRows, shapesOf } from './cases.ts'
import type { ParityCase } from './cases.ts'
import { avoidKnots } from './hidden.ts'
import { compareLbfgs } from './lbfgs.ts'
import { comparePenalties } from './penalty.ts'
import { Ledger, relativeError } from './ledger.ts'
import type { ParityLine } from './ledger.ts'
import { pinKernels } from './pinned.ts'
import { basisProbe, FAR, lossProbe, productsProbe, sumProbe } from './probes.ts'
import { compareSymbolic } from './symbolic.ts'
import type { Probe } from './probes.ts'
import type { Result } from './tolerances.ts'
import { observe, observeAdditions, probe, trialPlan } from './trial.ts'
import type { Observation, Trial } from './trial.ts'

/** Calls `each` with every parameter group of every layer, of all models, as it is in `actual` and in `expected`. */
function eachGroup(
  layout: Layout,
  actual: Float64Array,
  expected: Float64Array,
  each: (name: keyof Trainable, layer: number, actual: Float64Array, expected: Float64Array) => void,
): void {
  const models = expected.length / layout.parameters
  const groups = layout.layers.flatMap((layer, l) => parameterGroups(layer).map(group => ({ ...group, l })))
  for (const { name, l, start, size } of groups) {
    const pick = (from: Float64Array): Float64Array => {
      const picked = new Float64Array(models * size)
      for (let m = 0; m < models; m++) {
        const first = m * layout.parameters + start
        picked.set(from.subarray(first, first + size), m * size)
      }
      return picked
    }
    each(name, l, pick(actual), pick(expected))
  }
}

/** Gradients of what is trainable: of the last layer's edges, and of everything that backward_input has a part in. */
function compareGradients(
  ledger: Ledger,
  layout: Layout,
  trainable: Trainable,
  actual: Gradients,
  expected: Gradients,
  last: Result,
  before: Result,
  condition: number,
): void {
  eachGroup(layout, actual.parameters, expected.parameters, (name, l, a, e) => {
    if (trainable[name])
      ledger.add(l === layout.layers.length - 1 ? last : before, relativeError(a, e) / condition)
  })
  ledger.add(before, relativeError(actual.inputs, expected.inputs) / condition)
}

/** What the gradient of a group is charged to; `coef` where the group is frozen: reduce_gradient writes the zeros. */
function resultOf(name: keyof Trainable, trainable: Trainable): Result {
  if (name === 'scaleBase') return trainable.scaleBase ? 'scaleBase' : 'coef'
  if (name === 'coef' || name === 'scaleSpline') return trainable.scaleSpline ? 'scaleSpline' : 'coef'
  return trainable.nodeScale || trainable.nodeBias ? 'nodes' : 'coef'
}

/** The trained network as a whole: what each kernel adds to those before it. */
export function compareNetworks(
  ledger: Ledger,
  { plan, network }: Trial,
  layout: Layout,
  actual: Observation,
  expected: Observation,
): void {
  const { trainable } = plan
  ledger.compare('outputs', actual.outputs, expected.outputs)
  ledger.compare('loss', actual.gradients.loss, expected.gradients.loss)
  eachGroup(layout, actual.gradients.parameters, expected.gradients.parameters, (name, l, a, e) => {
    const last = l === layout.layers.length - 1 || !trainable[name]
    ledger.compare(last ? resultOf(name, trainable) : 'inputs', a, e)
  })
  ledger.compare('inputs', actual.gradients.inputs, expected.gradients.inputs)
  const [still, exactStill] = [actual.still, expected.still]
  ledger.compare(plan.batch < plan.rows ? 'batches' : 'ring', still.losses, exactStill.losses)
  ledger.compare('ring', still.evaluationLosses, exactStill.evaluationLosses)
  ledger.compare('ring', still.bestLoss, exactStill.bestLoss)
  ledger.count('ring', still, exactStill, ['step', 'evaluationSteps', 'bestStep', 'stopped'])
  expected.progress.forEach((progress, part) => {
    const own = actual.progress[part]!
    ledger.compare('descent', own.losses, progress.losses)
    ledger.compare('descent', own.evaluationLosses, progress.evaluationLosses)
    ledger.compare('best', own.bestLoss, progress.bestLoss)
    ledger.count('best', own, progress, ['step', 'evaluationSteps', 'bestStep', 'stopped'])
  })
  const { optimizer, best } = expected.state
  for (const name of ['first', 'second'])
    eachGroup(layout, actual.state.optimizer[name]!, optimizer[name]!, (_, _l, a, e) =>
      ledger.compare('moments', a, e),
    )
  // Steps are small against the parameters: what is compared is how far the parameters moved.
  const moved = (to: Float64Array): Float64Array => to.map((value, p) => value - network.parameters[p]!)
  ledger.compare('moves', moved(actual.state.parameters), moved(expected.state.parameters))
  ledger.compare('bestMoves', moved(actual.state.best.parameters), moved(best.parameters))
  ledger.compare('best', actual.state.best.loss, best.loss)
  ledger.count('best', actual.state.best, best, ['step', 'stale', 'stopped'])
  compareStatistics(ledger, actual.statistics, expected.statistics)
}

/** Adam with clipping, weight decay and a schedule. The limit is half of the longest gradient among the models. */
export async function compareAdditions(
  ledger: Ledger,
  trial: Trial,
  layout: Layout,
  [engine, reference]: readonly [Engine, Engine],
  gradients: Float64Array,
): Promise<void> {
  const size = layout.parameters
  let longest = 0
  for (let start = 0; start < gradients.length; start += size) {
    const squares = gradients.subarray(start, start + size).reduce((sum, g) => sum + g * g, 0)
    longest = Math.max(longest, Math.sqrt(squares))
  }
  const clip = Math.fround(longest / 2) || 1
  const actual = await observeAdditions(engine, trial, clip)
  const expected = await observeAdditions(reference, trial, clip)
  eachGroup(layout, actual.optimizer['first']!, expected.optimizer['first']!, (_, _l, a, e) =>
    ledger.compare('clipped', a, e),
  )
  const { parameters } = trial.network
  const moved = (to: Float64Array): Float64Array => to.map((value, p) => value - parameters[p]!)
  ledger.compare('decayed', moved(actual.parameters), moved(expected.parameters))
}

function compareStatistics(ledger: Ledger, actual: LayerStatistics[][], expected: LayerStatistics[][]): void {
  const layers = expected[0]!.map((_, l) => l)
  for (const name of ['edgeL1', 'edgeMean', 'edgeDeviation'] as const)
    for (const l of layers) {
      const all = (models: LayerStatistics[][]): Float64Array =>
        Float64Array.from(models.flatMap(own => [...own[l]![name]]))
      ledger.compare('edges', all(actual), all(expected))
    }
}

/** The network of a case, with its rows; the reference moves hidden nodes away from knots where slopes jump there. */
export async function trialOf(
  reference: Engine,
  test: ParityCase,
): Promise<{ trial: Trial; layout: Layout }> {
  const shapes = shapesOf(test)
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
  return { trial: { plan, network, training, validation }, layout }
}

/**
 * Compares an engine with the reference on one case: one line a kernel. A session shows no kernel's result by itself, so that
 * a broken kernel shows in the lines that build on it as well. Lines stand in an order in which each builds on those above, with
 * the exceptions that are said: the first one that fails is the one to look at.
 *
 *   basis            outputs of a layer with one coefficient 1 an output, the basis functions themselves (probes.ts). Their
 *                    slopes are read by backward_input alone, and show there
 *   forward          outputs of the case's network
 *   loss             losses on a layer that hands its inputs on, one workgroup of rows; of the case's network. Its derivative
 *                    is where everything backward begins, and shows from backward_coef on
 *   reduce_loss      loss of 5000 rows, and of a batch without weight; at rate 0 the rings of losses and of evaluations, also of
 *                    more rows than a pass takes (which come through gather), the best loss and its step
 *   gather           the ring of losses in mini-batches, at rate 0
 *   backward_coef    gradients of coef and scaleBase in the layer of basis functions, whose scaleSpline is 1; of scaleBase in
 *                    the last layer. Nobody sees them but through reduce_gradient, which adds slices of 32 rows or more
 *   reduce_gradient  gradient of coef in the last layer where scaleSpline is frozen; zeros of frozen groups
 *   scale_spline     gradients of scaleSpline, and of coef beside it, in the last layer
 *   backward_node    gradients of nodeScale and nodeBias in the last layer
 *   backward_input   gradient by the inputs of the basis functions, of the loss alone, and of the network; gradients of the
 *                    layers before the last, which get theirs through it
 *   clip_gradient    first moments after two steps whose gradients are shortened
 *   weight_decay     how far these moved parameters that decay, at a rate that falls; frozen ones not at all
 *   adam             both moments after five steps, how far the parameters moved, and the losses on the way
 *   keep             how far the best parameters moved: one step less, and not at all where no evaluation was better; best
 *                    losses and steps on the way (of reduce_loss)
 *   lbfgs_propose    how far L-BFGS moved the parameters, and evaluations: two iterations from the start, two from a full memory
 *   lbfgs_judge      its memory (steps, changes, their products, gradient, loss, counts), and the losses before the iterations
 *   lbfgs_verdict    evaluations, of training and of validation rows, and what they make best; which models they stop
 *   edge_norms       objectives with the L1 norms of both metrics, of more rows than a pass takes
 *   penalty          objectives with entropy too, of mini-batches and evaluations (of reduce_loss), some rows without weight
 *   penalty_coef     their gradients in the last layer
 *   penalty_input    their gradients by the inputs and in the layers before the last
 *   penalty_size     gradients and objective with the coefficients' own penalty
 *   products         the loss of a layer of products alone, where the case has products
 *   backward_products  its gradients
 *   symbolic         outputs of symbolic edges, one a function of the formula language, behind another layer
 *   symbolic_statistics  mean, L1 norm and deviation of these edges, of more rows than a pass takes
 *   edge_statistics  mean, L1 norm and deviation of every edge, also of more rows than a pass takes
 *
 * Gradients and moments are compared a group and a layer at a time. Steps are passes; fused.ts compares those that are fused.
 */
export async function compareEngines(
  asked: Engine,
  reference: Engine,
  test: ParityCase,
): Promise<ParityLine[]> {
  const engine = pinKernels(asked, { steps: 'passes' })
  const ledger = new Ledger()
  const { trial, layout } = await trialOf(reference, test)
  const { plan, network, training } = trial
  const expected = await observe(reference, trial)
  compareNetworks(ledger, trial, layout, await observe(engine, trial), expected)
  await compareAdditions(ledger, trial, layout, [engine, reference], expected.gradients.parameters)

  await compareLbfgs(ledger, engine, reference, trial, layout)

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
  eachGroup(oneLayer, slope.parameters, exactSlope.parameters, (_, _l, a, e) =>
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
      ledger.compare('outputGradient', own.gradients[set]!.inputs, gradients.inputs)
    })
    ledger.compare(result, own.evaluation, exact.evaluation)
    compareStatistics(ledger, own.statistics, exact.statistics)
  }
  if (test.products) {
    const [own, exact] = await ask(productsProbe(test))
    exact.gradients.forEach((gradients, set) => {
      const { loss, inputs, parameters } = own.gradients[set]!
      ledger.compare('products', loss, gradients.loss)
      ledger.compare('factors', inputs, gradients.inputs)
      ledger.compare('factors', parameters, gradients.parameters)
    })
    ledger.compare('products', own.evaluation, exact.evaluation)
  }
  const penalties = {
    compare: ledger.compare.bind(ledger),
    compareGradients: (
      actual: Gradients,
      expected: Gradients,
      last: Result,
      before: Result,
      condition: number,
    ) => compareGradients(ledger, layout, test.trainable, actual, expected, last, before, condition),
  }
  await comparePenalties(penalties, engine, reference, test, plan, network, training)
  await compareSymbolic(ledger, engine, reference, test)
  return ledger.lines(test)
}
