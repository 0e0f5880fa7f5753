import type { LayerLayout, Layout } from '../../model/shape.ts'
import type { Plan } from '../engine.ts'
import { evaluationRows } from './buffers.ts'
import { WORKGROUP_WORDS } from './coefficients.ts'
import { constantsLayout } from './fusedconstants.ts'
import { piecesLayout } from './pieces.ts'
import { BACK_AND_FORTH } from './submissions.ts'

/** How one workgroup a model takes whole training steps: the numbers behind shaders/fused_model.wgsl. */
export interface FusedShape {
  /** Threads a workgroup. */
  readonly width: number
  /** Threads that sum coefficient gradients, and words each has for it. */
  readonly columns: number
  readonly column: number
  /** Edges, then nodes if their affine map is trained; threads that share one; how many are summed at a time. */
  readonly jobs: number
  readonly slices: number
  readonly roundJobs: number
  /**
   * Whether knots and polynomials lie in workgroup memory: a subgroup's 17 loads of a cubic's polynomial touch some five lines of
   * a storage buffer each, and no bank of workgroup memory twice. Worth up to half of the columns.
   */
  readonly holdsCurves: boolean
  /** Rows that scratch holds at a time, and words a row. */
  readonly tileRows: number
  readonly rowWords: number
  /** Where a row's elements of each layer begin. */
  readonly layers: readonly FusedLayerShape[]
}

export interface FusedLayerShape {
  readonly records: number
  readonly gradients: number
  readonly sums: number
  /** Words of a record. */
  readonly record: number
}

/** Threads a workgroup by default limits; fewer where there are fewer rows. */
const WIDEST_GROUP = 256
const NARROWEST_GROUP = 64
/** Fewer columns than a subgroup of most GPUs leave it idle: the passes are better then. */
const FEWEST_COLUMNS = 32
/** Fewer rows than this are not worth a thread that shares an edge. */
const FEWEST_SLICE_ROWS = 8
/** Threads whose sums one thread adds: GROUP in fused_model.wgsl. */
const GROUP = 16
/** Two flags in workgroup memory, which count 16 bytes each. */
const FLAG_WORDS = 8
/** Nodes of a layer that a thread keeps to itself. */
export const MOST_NODES = 32
export const MOST_LAYERS = 8
/** Words of scratch for all models: beyond it a batch goes in tiles, so that what one phase hands the next stays in a GPU's cache. */
const SCRATCH_WORDS = 2 ** 23
/** Words of a storage binding by default limits. */
const BINDING_WORDS = 2 ** 25
/**
 * Rows times edges of a batch and of an evaluation that one workgroup may take: a step cannot be cut, and on a software adapter
 * so many take a tenth of a second.
 */
const MOST_WORK = 2 ** 20
/** Rows times edges up to which a step is bound by its dispatches, not by its arithmetic. */
const LAUNCH_BOUND_WORK = 2 ** 14

/** What fusedShape asks of a plan, as a sentence. */
export const FUSED_LIMITS =
  `They need Adam without a penalty, at most ${MOST_LAYERS} layers of one degree and base with at most ${MOST_NODES} nodes, all of them sums, grids whose ` +
  `parameters a workgroup can hold, and at most ${MOST_WORK} rows times edges.`

/** Rows times edges of a first dispatch: a few milliseconds on a software adapter. */
const FIRST_WORK = 2 ** 17

/** A row's elements: records of the inputs, gradients and, where they are asked for again, sums of the nodes. */
function rowLayout(plan: Plan, layers: readonly LayerLayout[]): { layers: FusedLayerShape[]; words: number } {
  let words = 0
  const shapes = layers.map(({ inputs, outputs, degree }, l) => {
    const record = l === 0 ? 2 + (degree + 1) : 3 + 2 * (degree + 1)
    const records = words
    const gradients = records + inputs * record
    const sums = gradients + outputs
    words = plan.trainable.nodeScale ? sums + outputs : sums
    return { records, gradients, sums, record }
  })
  return { layers: shapes, words }
}

/**
 * The shape of the fused steps of a plan, or undefined where they cannot be: another optimizer than Adam, a penalty, products, layers
 * of different degree or base, or parameters, rows or nodes beyond what one workgroup may hold or finish in time.
 */
export function fusedShape(plan: Plan, layout: Layout): FusedShape | undefined {
  const { layers } = layout
  const { degree, base } = layers[0]!
  const widest = Math.max(...layers.flatMap(({ inputs, outputs }) => [inputs, outputs]))
  const edges = layout.edges
  const evaluated = evaluationRows(plan)
  if (plan.rows === 0 || plan.optimizer.kind !== 'adam' || plan.penalty !== undefined) return undefined
  if (layers.some(({ products }) => products !== undefined)) return undefined
  if (layers.some(layer => layer.degree !== degree || layer.base !== base)) return undefined
  if (layers.length > MOST_LAYERS || widest > MOST_NODES) return undefined
  if ((plan.batch + evaluated) * edges > MOST_WORK || constantsLayout(plan, layout).words > BINDING_WORDS)
    return undefined

  const rows = Math.max(plan.batch, evaluated / plan.evaluateEvery)
  let width = NARROWEST_GROUP
  while (width < rows && width < WIDEST_GROUP) width *= 2
  const column = Math.max(...layers.map(({ bases }) => bases)) + 1
  const held = WORKGROUP_WORDS - 2 * (width + width / GROUP) - FLAG_WORDS
  const free = held - 2 * layout.parameters - edges
  const columnsIn = (words: number): number => Math.min(width, Math.floor(words / column))
  const besideCurves = columnsIn(free - layout.knots - piecesLayout(layout).size)
  const holdsCurves = besideCurves >= width / 2
  const columns = holdsCurves ? besideCurves : columnsIn(free)
  if (columns < FEWEST_COLUMNS) return undefined

  const { nodeScale, nodeBias } = plan.trainable
  const nodes = layers.reduce((sum, { outputs }) => sum + outputs, 0)
  const jobs = nodeScale || nodeBias ? edges + nodes : edges
  const slices = Math.max(1, Math.min(Math.floor(columns / jobs), Math.ceil(plan.batch / FEWEST_SLICE_ROWS)))
  const { layers: shapes, words } = rowLayout(plan, layers)
  const room = Math.floor(SCRATCH_WORDS / (plan.models * words * width)) * width
  const tileRows = Math.min(Math.ceil(plan.batch / width) * width, Math.max(width, room))
  if (plan.models * words * tileRows > BINDING_WORDS / 2) return undefined
  return {
    width,
    columns,
    column,
    jobs,
    slices,
    roundJobs: Math.min(jobs, Math.floor(columns / slices)),
    holdsCurves,
    tileRows,
    rowWords: words,
    layers: shapes,
  }
}

/** Rows that a fused step passes through the network forward, as Submissions counts them: evaluations are spread over the steps. */
export function fusedRows(plan: Plan): number {
  return BACK_AND_FORTH * plan.batch + evaluationRows(plan) / plan.evaluateEvery
}

/** Steps in a session's first dispatches, whose time nobody knows yet. */
export function firstSteps(plan: Plan): number {
  const edges = plan.layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0)
  return FIRST_WORK / (fusedRows(plan) * edges * plan.models)
}

/** Whether the fused steps of a plan that can have them are likely the faster ones on a GPU: steps bound by their dispatches. */
export function launchBound(plan: Plan, layout: Layout): boolean {
  const rows = plan.batch + evaluationRows(plan) / (3 * plan.evaluateEvery)
  return rows * layout.edges <= LAUNCH_BOUND_WORK
}
