/** What a pass through a network cannot do without: the useful work that kernels are measured by. */
import type { LayerShape } from '../src/model/shape.ts'

/** Operations and traffic that no kernel can avoid. */
export interface Work {
  /** 2 (k + 1) + 2 an edge and row. */
  readonly flops: number
  /** Each operand read once and each result written once, 4 bytes a word. */
  readonly bytes: number
  /** k + 1 words an edge and row, from a table: what a kernel reads that does not sort its rows by interval. */
  readonly gathers: number
}

/** The kernels that a network's time goes into; the names of their variants begin with these. */
export const HOT = ['forward', 'backward_coef', 'backward_input'] as const
export type HotKernel = (typeof HOT)[number]

/** Which of them a kernel is a variant of, or works for. */
export function hotKernel(name: string): HotKernel | undefined {
  // What sorted rows gain is paid for by sorting them.
  if (name.startsWith('sort_rows')) return 'backward_coef'
  return HOT.find(hot => name === hot || name.startsWith(`${hot}_`))
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

/** A hot kernel's work in one step, over all layers that it runs for: no gradient goes on to the network's own inputs. */
export function usefulWork(
  kernel: HotKernel,
  layers: readonly LayerShape[],
  rows: number,
  models: number,
): Work {
  const run = kernel === 'backward_input' ? layers.slice(1) : layers
  const each = run.map(layer => layerWork(kernel, layer, rows, models))
  return {
    flops: sum(each.map(({ flops }) => flops)),
    bytes: sum(each.map(({ bytes }) => bytes)),
    gathers: sum(each.map(({ gathers }) => gathers)),
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
