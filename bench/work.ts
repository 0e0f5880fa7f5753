/** What a pass through a network cannot do without: the useful work that kernels are measured by. */
import type { LayerShape } from '../src/model/shape.ts'
import type { Detail } from './figure.ts'

/** Operations and traffic that no kernel can avoid. */
export interface Work {
  /** 2 (k + 1) + 2 an edge and row. */
  readonly flops: number
  /** Each operand read once and each result written once, 4 bytes a word. */
  readonly bytes: number
  /** k + 1 words an edge and row, from a table; none where rows are sorted by interval. */
  readonly gathers: number
}

/** The kernels that a network's time goes into; the names of their variants begin with these. */
export const HOT = ['forward', 'backward_coef', 'backward_input'] as const
export type HotKernel = (typeof HOT)[number]

/** Which of them a kernel is a variant of, or works for. */
export function hotKernel(name: string): HotKernel | undefined {
  // What sorted rows and slices gain is paid for by sorting the ones and adding the others.
  if (name.startsWith('sort_rows') || name.startsWith('reduce_gradient')) return 'backward_coef'
  return HOT.find(hot => name === hot || name.startsWith(`${hot}_`))
}

/** Whether these kernels read a table at random places: threads that walk sorted rows keep their sums in registers. */
export function gathers(kernels: readonly string[]): boolean {
  return !kernels.some(name => name.startsWith('backward_coef_sorted'))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** A layer's share of a hot kernel's work, for `rows` rows of each of `models` models. */
function layerWork(kernel: HotKernel, layer: LayerShape, rows: number, models: number): Work {
  const { inputs, outputs, intervals, degree } = layer
  const edges = inputs * outputs
  const each = models * rows * edges
  // The place, and the base's and the k + 1 splines' values (or their slopes).
  const records = rows * inputs * (degree + 3)
  const parameters = edges * (intervals + degree + 2)
  const nodes = rows * outputs
  const words = {
    forward: records + parameters + nodes,
    backward_coef: records + nodes + parameters,
    backward_input: records + parameters + nodes + rows * inputs,
  }[kernel]
  return {
    flops: each * (2 * (degree + 1) + 2),
    bytes: 4 * models * words,
    gathers: each * (degree + 1),
  }
}

/**
 * A hot kernel's work in one step, over all layers that it runs for: no gradient goes on to the network's own inputs. `gathering`:
 * whether its variant reads at random places at all.
 */
export function usefulWork(
  kernel: HotKernel,
  layers: readonly LayerShape[],
  rows: number,
  models: number,
  gathering = true,
): Work {
  const run = kernel === 'backward_input' ? layers.slice(1) : layers
  const each = run.map(layer => layerWork(kernel, layer, rows, models))
  return {
    flops: sum(each.map(({ flops }) => flops)),
    bytes: sum(each.map(({ bytes }) => bytes)),
    gathers: gathering ? sum(each.map(work => work.gathers)) : 0,
  }
}

/** Useful operations of a whole step. */
export function stepFlops(layers: readonly LayerShape[], rows: number, models: number): number {
  return sum(HOT.map(kernel => usefulWork(kernel, layers, rows, models).flops))
}

/** What the machine can do: operations, bytes and reads a millisecond. */
export interface Ceiling {
  readonly flops: number
  readonly bytes: number
  readonly gathers: number
}

/** The limit that takes longest for this work, and how long, in milliseconds. */
export function tightestLimit(
  work: Work,
  ceiling: Ceiling,
): { readonly limit: keyof Work; readonly milliseconds: number } {
  const limits = (['flops', 'bytes', 'gathers'] as const).map(limit => ({
    limit,
    milliseconds: work[limit] / ceiling[limit],
  }))
  return limits.reduce((tightest, other) => (other.milliseconds > tightest.milliseconds ? other : tightest))
}

/** What a share above 1 is marked with: no kernel is faster than the machine, so a limit was measured too slow. */
export const UNDERESTIMATED = 'limit underestimated'

/** The share of what each limit allows that work reaches in so many milliseconds (1: at the limit), and which is the tightest. */
export function sharesOf(work: Work, ceiling: Ceiling, milliseconds: number): Detail {
  const tightest = tightestLimit(work, ceiling)
  const share = tightest.milliseconds / milliseconds
  return {
    limit: tightest.limit,
    share,
    ...(share > 1 ? { note: UNDERESTIMATED } : {}),
    'share of FMA': work.flops / ceiling.flops / milliseconds,
    'share of copy': work.bytes / ceiling.bytes / milliseconds,
    'share of gather': work.gathers / ceiling.gathers / milliseconds,
  }
}
