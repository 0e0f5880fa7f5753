import type { Engine } from '../../../engine/engine.ts'
import { fitScaling } from '../../../model/scaling.ts'
import type { Scaling } from '../../../model/scaling.ts'
import { edgeCurve } from '../../../model/curve.ts'
import { column, forwardNodes } from '../../../model/forward.ts'
import { startSeeds } from '../../../model/initialize.ts'
import { Model } from '../../../model/model.ts'
import { nodeOutputs } from '../../../model/products.ts'
import { predict, toNetworkInputs } from '../../../train/evaluate.ts'
import { fit } from '../../../train/fit.ts'
import { LEVENBERG_LIMITS } from '../../../train/optimizer.ts'
import type { FitOptions } from '../../../train/options.ts'
import type { Judge } from '../judging/judge.ts'
import type { LogScales } from '../logscale.ts'
import { firstRows, samplesOf } from '../rows.ts'
import { rootMeanSquare } from '../statistics.ts'
import type { TargetRows } from '../rows.ts'
import { hasLogarithm } from '../structures/ridges.ts'
import { splinesOf } from './splines.ts'
import { outputInputs, widthAndArity } from '../structures/structures.ts'
import type { Rung, Structure } from '../structures/structures.ts'

/** What the search works with. */
export interface Ground {
  readonly training: TargetRows
  readonly validation: TargetRows
  /** All of them: what inputs are scaled by. */
  readonly all: TargetRows
  readonly heldOut: boolean
  readonly judge: Judge
  /** Columns on a logarithmic scale, by their user's choice. */
  readonly log: LogScales
  readonly engine: Engine
  readonly seed: number
  readonly signal: AbortSignal
}

/** A network of the ladder. */
export interface Grown {
  readonly rung: Rung
  readonly model: Model
  /** Its error on the validation rows: see Judge. */
  readonly error: number
}

/** Steps of training where nothing is said, and how many steps of L-BFGS stand for one. */
export const LATER_STEPS = 50
const LBFGS_STEPS = 6
/** Rows that are enough to tell structures apart: more only take longer. */
const ROWS_A_PARAMETER = 2
const FEWEST_ROWS = 300
/**
 * Initial spline noise of networks with hidden nodes: ten times the usual. Of (x2 - x1)^2 + (y2 - y1)^2 by two
 * functions of sums, 20 starts of 60 steps: 3 good ones with 0.3, 6 with 3, 3 with 9.
 */
const DEEP_NOISE = 3
/**
 * Inputs that span more than so many times, but for a share of the rows at each end, are seen on a logarithmic scale: numbers
 * that are uniform from 0 on have a few that are very small.
 */
const LOG_SPAN = 100
const LOG_TAIL = 0.05

/** Grid intervals that so many rows can fill, four an interval, 5 at most. */
function intervalsFor(rows: number, inputs: number): number {
  return Math.max(1, Math.min(5, Math.floor(rows / (4 * inputs)) - 3))
}

/** A rung's network before training, from the given start. */
export function plant({ structure, target }: Rung, { all, training, seed, log }: Ground, start = 0): Model {
  const model = new Model({
    ...widthAndArity(structure),
    ...splinesOf(structure, intervalsFor(training.rows, all.names.length)),
    seed: startSeed(seed, start),
    noise: structure.layers.length > 1 ? DEEP_NOISE : 0.3,
    scaling: {
      log: {
        inputs: log.inputs.map((isLog, i) => isLog || hasLogarithm(structure, i) || spansDecades(all, i)),
      },
    },
  })
  maskEdges(model, structure)
  // A base of x alone: a spline of degree 1 is a line between its knots only.
  if (structure.lines === true) model.layer(structure.layers.length - 1).values.scaleSpline.fill(0)
  if (start % 2 === 1) liftFactors(model)
  model.scaling = scalingFor(model, all.x, all.y.map(target.forward))
  return model
}

/**
 * Trains a rung's network in float64 by Levenberg and Marquardt's method, from start after start until one is good enough or all
 * are tried; the best is left. (Starts side by side are judged after a few steps, which does not tell deep networks apart.)
 */
export async function grow(
  rung: Rung,
  ground: Ground,
  options: {
    readonly steps: number
    readonly goodEnough: number
    readonly over: () => boolean
    /** Starts that there were before (default 0). */
    readonly tried?: number
  },
): Promise<Grown & { readonly starts: number }> {
  let best: Grown | undefined
  const { tried = 0 } = options
  let start = 0
  do {
    const model = plant(rung, ground, tried + start++)
    const grown = await growOn({ rung, model, error: Infinity }, ground, { steps: options.steps })
    if (best === undefined || grown.error < best.error) best = grown
  } while (start < rung.structure.starts && best.error > options.goodEnough && !options.over())
  return { ...best, starts: start }
}

/** Trains a network on, in place. */
export async function growOn({ rung, model }: Grown, ground: Ground, options: FitOptions): Promise<Grown> {
  await train(model, rung, enoughFor(model, ground), options)
  return { rung, model, error: await errorOf(model, rung, ground) }
}

/** Fewer training rows where a small network needs no more. */
function enoughFor(model: Model, ground: Ground): Ground {
  const rows = Math.max(FEWEST_ROWS, ROWS_A_PARAMETER * model.trainableParameters)
  return { ...ground, training: firstRows(ground.training, rows) }
}

/** The seed of a start; the first has the search's own. */
function startSeed(seed: number, start: number): number {
  return start === 0 ? seed : startSeeds(seed, start)[start - 1]!
}

function spansDecades({ x, names }: TargetRows, i: number): boolean {
  const values = column(x, names.length, i).sort()
  const tail = Math.floor(LOG_TAIL * values.length)
  return values[0]! > 0 && values[values.length - 1 - tail]! > LOG_SPAN * values[tail]!
}

/**
 * Factors of products begin about 1 in place of 0, at every other start: a product of three factors about 0 has hardly a slope. Of 12
 * starts of (t - u x / c^2) / sqrt(1 - u^2 / c^2) none was below an error of 1e-2 after 24 steps from 0 but one, and five from 1;
 * a product of two sums is found more often from 0.
 */
function liftFactors(model: Model): void {
  model.layout.layers.forEach((layer, l) => {
    const { nodeBias } = model.layer(l).values
    for (const factors of nodeOutputs(layer)) if (factors.length > 1) for (const j of factors) nodeBias[j] = 1
  })
}

/** Leaves the edges that the structure names. */
function maskEdges(model: Model, { layers }: Structure): void {
  layers.forEach((plan, l) => {
    const { inputs, outputs, values } = model.layer(l)
    outputInputs(plan).forEach((own, j) => {
      if (own === 'all') return
      for (let i = 0; i < inputs; i++) if (!own.includes(i)) values.mask[i * outputs + j] = 0
    })
  })
}

/** As fit's own; but where the last node is a product, targets keep their zero: a shifted product is none. */
function scalingFor(model: Model, x: Float64Array, y: Float64Array): Scaling {
  const scaling = fitScaling(model.config, x, y)
  if (model.layout.layers.at(-1)!.products !== undefined) {
    scaling.output.shift.fill(0)
    scaling.output.scale.fill(rootMeanSquare(y))
  }
  return scaling
}

/** Trains a model on, in place. */
export async function train(
  model: Model,
  { target }: Rung,
  { training, validation, heldOut, engine, signal }: Ground,
  options: FitOptions,
): Promise<void> {
  // Beyond a thousand parameters a step of the second order costs more than it brings.
  const small = model.trainableParameters <= LEVENBERG_LIMITS.parameters
  const { steps = LATER_STEPS } = options
  await fit(model, samplesOf(training, target.forward), {
    engine,
    signal,
    restarts: 1,
    ...(heldOut ? { validation: samplesOf(validation, target.forward) } : {}),
    ...options,
    optimizer: small ? 'lm' : 'lbfgs',
    steps: small ? steps : LBFGS_STEPS * steps,
  })
}

/** The error of a rung's network on the validation rows. */
export async function errorOf(
  model: Model,
  rung: Rung,
  { validation, engine, judge }: Ground,
): Promise<number> {
  const { target } = rung
  const said = await predict(model, validation.x, { engine })
  // Of a logarithm that no number has, the error exists all the same.
  return target.ofLog === undefined
    ? judge.error(said.map(target.inverse), validation)
    : judge.errorOfLogs(said.map(target.ofLog.inverse), validation)
}

/** One edge that is there, or a chain of edges through sums of one edge each: one function of one node. */
export interface EdgeCurve {
  /** The layer and the number of the (last) edge, and the output it goes to. */
  readonly l: number
  readonly edge: number
  readonly j: number
  /** The node it starts from. */
  readonly from: NodePlace
  /** What goes in, in the column's own units where it is an input, and what comes out. */
  readonly u: Float64Array
  readonly v: Float64Array
}

/** Node i before layer l; the inputs are before layer 0. */
export interface NodePlace {
  readonly l: number
  readonly i: number
}

/**
 * The curves of all edges of a model that are there, at rows [rows][inputs] in the table's own units. Where only one edge leads
 * to a node, that edge and those that lead on are taken together: how a function is shared out between them means nothing.
 */
export function edgeCurves(model: Model, x: Float64Array): EdgeCurve[] {
  const nodes = forwardNodes(model, toNetworkInputs(model, x))
  const present = model.layout.layers.map(({ inputs, outputs, edges }) =>
    Array.from({ length: inputs * outputs }, (_, edge) => edge).filter(
      edge => model.mask[edges + edge] !== 0,
    ),
  )
  const outputsOf = model.layout.layers.map(nodeOutputs)
  /** The only edge into node i before layer l, of its sum or of all its factors. */
  const onlyEdge = (l: number, i: number): number | undefined => {
    if (l === 0) return undefined
    const into = present[l - 1]!.filter(edge =>
      outputsOf[l - 1]![i]!.includes(edge % model.layout.layers[l - 1]!.outputs),
    )
    return into.length === 1 ? into[0] : undefined
  }
  const nodeOf = (l: number, j: number): number => outputsOf[l]!.findIndex(own => own.includes(j))
  const source = (l: number, i: number): NodePlace => {
    const edge = onlyEdge(l, i)
    return edge === undefined
      ? { l, i }
      : source(l - 1, Math.floor(edge / model.layout.layers[l - 1]!.outputs))
  }
  return model.layout.layers.flatMap(({ inputs, outputs }, l) =>
    present[l]!.filter(
      edge => l + 1 === present.length || onlyEdge(l + 1, nodeOf(l, edge % outputs)) === undefined,
    ).map(edge => {
      const [i, j] = [Math.floor(edge / outputs), edge % outputs]
      const from = source(l, i)
      const u =
        from.l === 0
          ? column(x, model.layout.inputs, from.i)
          : column(nodes[from.l]!, model.layout.layers[from.l]!.inputs, from.i)
      return { l, edge, j, from, u, v: edgeCurve(model, l, i, j, column(nodes[l]!, inputs, i)) }
    }),
  )
}
