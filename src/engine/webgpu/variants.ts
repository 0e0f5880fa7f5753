import { ConfigError } from '../../errors.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import { formatWidth } from '../../model/width.ts'
import type { KernelChoice, Plan } from '../engine.ts'
import { FUSED_LIMITS, fusedShape, launchBound } from './fused.ts'
import type { FusedShape } from './fused.ts'

/**
 * The variants of each kernel that is chosen a layer at a time. All give the same results within the bounds of engine/parity;
 * none the same bits. What each costs: bench/NOTES.md.
 *
 *   basis           single   a thread owns a (row, input), neighbours have neighbouring inputs
 *                   tile     neighbours have neighbouring rows, and share local polynomials; written by way of workgroup memory
 *   forward         gather   a thread owns a (row, output)
 *                   tileR    a thread owns R rows of an output, or of four neighbouring ones where a layer's outputs allow that
 *                   rows4    four rows of up to eight neighbouring outputs, without arrays
 *   backward_coef   columns  a thread owns an edge and keeps its sums in a column of workgroup memory
 *                   sorted   rows sorted by place (sort_rows), k + 1 sums in registers: the cost does not grow with G
 *                   serial   the same with few threads: each sorts alone, or owns up to eight neighbouring outputs
 *   backward_input  gather   a thread owns a (row, input) and sums over the outputs
 *                   tileR    neighbouring threads share the outputs, and own R rows
 *                   rows4    a thread owns four rows of an input, and takes up to eight outputs at a time
 */
export const LAYER_VARIANTS = {
  basis: ['single', 'tile'],
  forward: ['gather', 'tile1', 'tile2', 'tile4', 'rows4'],
  backward_coef: ['columns', 'sorted', 'serial'],
  backward_input: ['gather', 'tile1', 'tile2', 'tile4', 'rows4'],
} as const

/**
 * The variants that a session chooses once.
 *
 *   reductions  tree       halving in workgroup memory
 *               subgroups  sums within subgroups first; needs the device's feature
 *   steps       passes     a dispatch a kernel
 *               fused      a dispatch many steps, a workgroup a model, where a plan allows it (fused.ts)
 */
export const SESSION_VARIANTS = {
  reductions: ['tree', 'subgroups'],
  steps: ['passes', 'fused'],
} as const

/** One variant of each kernel of a layer. */
export type LayerVariants = {
  readonly [K in keyof typeof LAYER_VARIANTS]: (typeof LAYER_VARIANTS)[K][number]
}

/** One variant of each kernel that a session chooses once. */
export type SessionVariants = {
  readonly [K in keyof typeof SESSION_VARIANTS]: (typeof SESSION_VARIANTS)[K][number]
}

/** What a device has that some variants need. */
export interface DeviceTraits {
  readonly subgroups: boolean
  /** Emulated by the CPU. */
  readonly software: boolean
}

/** The variants of a session. */
export interface Variants {
  readonly session: SessionVariants
  /** Where steps are fused. */
  readonly fused: FusedShape | undefined
  /** One a layer. */
  readonly layers: readonly LayerVariants[]
  /** The same as plain data that can be given back as Plan.kernels. */
  readonly choice: KernelChoice
}

/** Rows times edges above which a layer's arithmetic, not its dispatches, takes the time. */
const LARGE = 2 ** 18
/** The same for a software adapter, which does in a millisecond what a GPU does in microseconds. */
const LARGE_SOFTWARE = 2 ** 16
/** Sums that fit a thread's column of backward_coef's workgroup memory: for more of them it reads the batch once more. */
const COLUMN = 64
/** Threads that keep a GPU busy: more rows a thread are worth their registers only where so many threads are left. */
const BUSY_THREADS = 16384

function tileOf(rows: number, values: number): 'tile1' | 'tile2' | 'tile4' {
  const threads = (rows * values) / 4
  return threads >= 4 * BUSY_THREADS ? 'tile4' : threads >= 2 * BUSY_THREADS ? 'tile2' : 'tile1'
}

/** Rows times edges of a step. */
function work(plan: Plan, layer: LayerLayout): number {
  return plan.models * plan.batch * layer.inputs * layer.outputs
}

/** Whether a layer's arithmetic takes longer than a dispatch of it. */
export function isLarge(plan: Plan, layer: LayerLayout): boolean {
  return work(plan, layer) >= LARGE
}

/**
 * The rule of thumb: a function of shapes, so that a plan gives the same bits on a device every time. A software adapter has no
 * cache lines to share among threads, and pays for every barrier and for every word that it loads: it gets what loads fewest words
 * a multiplication, without barriers.
 */
function layerRule(plan: Plan, layer: LayerLayout, { software }: DeviceTraits): LayerVariants {
  const rows = plan.models * plan.batch
  if (software) {
    const large = work(plan, layer) >= LARGE_SOFTWARE
    return {
      basis: 'single',
      forward: large ? 'rows4' : 'gather',
      backward_coef: large || layer.bases > COLUMN ? 'serial' : 'columns',
      backward_input: large ? 'rows4' : 'gather',
    }
  }
  const large = isLarge(plan, layer)
  return {
    basis: large ? 'tile' : 'single',
    forward: large ? tileOf(rows, layer.outputs) : 'gather',
    backward_coef: large || layer.bases > COLUMN ? 'sorted' : 'columns',
    backward_input: large && layer.outputs >= 4 ? tileOf(rows, layer.outputs) : 'gather',
  }
}

/** Subgroups save five barriers of some 30 cycles in kernels that take thousands: not worth other bits on every driver. */
const REDUCTIONS: SessionVariants['reductions'] = 'tree'

/**
 * A software adapter pays for a barrier what it pays for a dispatch, and runs a workgroup on one core. Who pins the kernels of
 * passes wants passes.
 */
function stepsRule(
  plan: Plan,
  layout: Layout,
  traits: DeviceTraits,
  pinned: KernelChoice,
): SessionVariants['steps'] {
  const ofPasses = Object.keys(pinned).some(name => name !== 'steps')
  return !traits.software && !ofPasses && launchBound(plan, layout) ? 'fused' : 'passes'
}

/** The variant that `choice` names under one of the names, the first that it has; else the rule's. Throws ConfigError. */
function named<V extends string>(
  choice: KernelChoice,
  names: readonly string[],
  variants: readonly V[],
  rule: V,
): V {
  const name = names.find(each => choice[each] !== undefined)
  if (name === undefined) return rule
  const found = variants.find(variant => variant === choice[name])
  if (found === undefined)
    throw new ConfigError(
      `kernels.${name} is '${choice[name]}'; this device has ${variants.map(each => `'${each}'`).join(', ')}.`,
    )
  return found
}

/** Throws ConfigError for a name that is none. */
function checkNames(choice: KernelChoice, layers: number): void {
  const kernels = [...Object.keys(LAYER_VARIANTS), ...Object.keys(SESSION_VARIANTS)]
  const perLayer = Object.keys(LAYER_VARIANTS).flatMap(kernel =>
    Array.from({ length: layers }, (_, l) => `${kernel}.${l}`),
  )
  for (const name of Object.keys(choice))
    if (!kernels.includes(name) && !perLayer.includes(name))
      throw new ConfigError(
        `kernels has '${name}'; there are ${kernels.join(', ')}, and for one layer of ${layers} such as ${perLayer[0]}.`,
      )
}

/** Layers as plain data: one entry where all agree, else one a layer. */
function describe(layers: readonly LayerVariants[], session: SessionVariants): KernelChoice {
  const choice: Record<string, string> = {}
  for (const kernel of ['basis', 'forward', 'backward_coef', 'backward_input'] as const) {
    const first = layers[0]![kernel]
    if (layers.every(layer => layer[kernel] === first)) choice[kernel] = first
    else layers.forEach((layer, l) => (choice[`${kernel}.${l}`] = layer[kernel]))
  }
  return { ...choice, ...session }
}

/** Throws ConfigError for a plan whose steps cannot be fused; a session that only predicts takes none. */
function refuseFused({ models, rows, batch, optimizer, penalty }: Plan, { layers }: Layout): void {
  if (rows === 0) return
  const networks = models === 1 ? 'one network' : `${models} networks`
  throw new ConfigError(
    `kernels.steps is 'fused', and steps of ${networks} ${formatWidth(layers)} on ${batch} rows with ${optimizer.kind}${penalty ? ' and a penalty' : ''} ` +
      `cannot be. ${FUSED_LIMITS} Leave steps out, or pin 'passes'.`,
  )
}

/**
 * The variants of a plan on a device: what it pins, under a kernel's name or for layer l alone under `name.l`, and the rule's
 * for the rest.
 *
 * @throws ConfigError for a kernel or a variant that there is not, or not on this device or for this plan
 */
export function chooseVariants(plan: Plan, layout: Layout, traits: DeviceTraits): Variants {
  const pinned = plan.kernels === 'tune' || plan.kernels === undefined ? {} : plan.kernels
  checkNames(pinned, layout.layers.length)
  const { reductions, steps } = SESSION_VARIANTS
  const fused =
    named(pinned, ['steps'], steps, stepsRule(plan, layout, traits, pinned)) === 'fused'
      ? fusedShape(plan, layout)
      : undefined
  if (pinned['steps'] === 'fused' && fused === undefined) refuseFused(plan, layout)
  const session: SessionVariants = {
    reductions: named(
      pinned,
      ['reductions'],
      traits.subgroups ? reductions : (['tree'] as const),
      REDUCTIONS,
    ),
    steps: fused ? 'fused' : 'passes',
  }
  const layers = layout.layers.map((layer, l) => {
    const own = layerRule(plan, layer, traits)
    const names = (kernel: keyof LayerVariants): string[] => [`${kernel}.${l}`, kernel]
    const { basis, forward, backward_coef, backward_input } = LAYER_VARIANTS
    return {
      basis: named(pinned, names('basis'), basis, own.basis),
      forward: named(pinned, names('forward'), forward, own.forward),
      backward_coef: named(pinned, names('backward_coef'), backward_coef, own.backward_coef),
      backward_input: named(pinned, names('backward_input'), backward_input, own.backward_input),
    }
  })
  return { session, fused, layers, choice: describe(layers, session) }
}
