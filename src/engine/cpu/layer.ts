/**
 * One layer over one block of rows, in effective coordinates (see effective.ts): with the terms v of a row (its k + 1
 * non-zero bases and b(x)) and the matching rows c of the effective coefficients,
 *
 *     forward           y[j]       += sum_t v[t] c[t][j]
 *     coefGradient      dc[t][j]   += v[t] dy[j]
 *     inputGradient     dx         += sum_j dy[j] sum_t v'[t] c[t][j]
 *
 * for one input i and all outputs j. Rows come in runs that share their coefficients (see bases.ts): a tile of one run and
 * two outputs keeps its 10 coefficients or sums in registers, and the inner loop runs over rows, so that a
 * multiply-add costs 0.7 loads instead of 2 loads and a store, and layers with a single output have no short inner loop.
 *
 * Arrays: y, dy, dx node-major [nodes][rowStride]; c, dc from `at` as in effective.ts, the base function's row from `base`.
 */
import type { LayerLayout } from '../../model/shape.ts'
import { evaluateBases } from './bases.ts'
import type { LayerBlock } from './bases.ts'
import { baseStart, splineRows } from './effective.ts'
import { coefGradientUnrolled, forwardUnrolled, inputGradientUnrolled } from './unrolled.ts'

/**
 * What is done with all inputs of a layer and a block of `size` rows: bases, and the three kernels; forward starts from the
 * outputs' biases.
 */
export interface LayerKernels {
  readonly bases: typeof evaluateBases
  forward(
    layer: LayerLayout,
    block: LayerBlock,
    size: number,
    c: Float64Array,
    at: number,
    y: Float64Array,
    rowStride: number,
    bias: Float64Array,
    biasAt: number,
  ): void
  /** Adds to dc, or with `fresh` writes over it. */
  coefGradient(
    layer: LayerLayout,
    block: LayerBlock,
    size: number,
    dy: Float64Array,
    dc: Float64Array,
    at: number,
    rowStride: number,
    fresh: boolean,
  ): void
  /** Adds to dx; needs the block's slopes. */
  inputGradient(
    layer: LayerLayout,
    block: LayerBlock,
    size: number,
    c: Float64Array,
    at: number,
    dy: Float64Array,
    dx: Float64Array,
    rowStride: number,
  ): void
}

/** The kernels in TypeScript: what runs where WebAssembly does not, and what its kernels (simd/) are held against. */
export const plainKernels: LayerKernels = {
  bases: evaluateBases,
  forward(layer, block, size, c, at, y, rowStride, bias, biasAt) {
    const { inputs, outputs } = layer
    const stride = splineRows(layer) * outputs
    const base = at + baseStart(layer)
    for (let j = 0; j < outputs; j++) y.fill(bias[biasAt + j]!, j * rowStride, j * rowStride + size)
    for (let i = 0; i < inputs; i++)
      forwardInput(block, i, outputs, c, at + i * stride, base + i * outputs, y, rowStride)
  },
  coefGradient(layer, block, _, dy, dc, at, rowStride, fresh) {
    const { inputs, outputs } = layer
    const stride = splineRows(layer) * outputs
    const base = at + baseStart(layer)
    for (let i = 0; i < inputs; i++) {
      const from = at + i * stride
      if (fresh) dc.fill(0, from, from + stride).fill(0, base + i * outputs, base + (i + 1) * outputs)
      coefGradientInput(block, i, outputs, dy, dc, from, base + i * outputs, rowStride)
    }
  },
  inputGradient(layer, block, _, c, at, dy, dx, rowStride) {
    const { inputs, outputs } = layer
    const stride = splineRows(layer) * outputs
    const base = at + baseStart(layer)
    for (let i = 0; i < inputs; i++)
      inputGradientInput(block, i, outputs, c, at + i * stride, base + i * outputs, dy, dx, rowStride)
  },
}

/** Adds input i's part to the outputs of the block. */
export function forwardInput(
  block: LayerBlock,
  i: number,
  outputs: number,
  c: Float64Array,
  at: number,
  base: number,
  y: Float64Array,
  rowStride: number,
): void {
  const { terms, runs, order, starts, values } = block
  if (terms === 5) return forwardUnrolled(runs, order, starts, values, i, outputs, c, at, base, y, rowStride)
  for (let run = 0; run < runs; run++) {
    const p0 = i * rowStride + starts[i * (runs + 1) + run]!
    const p1 = i * rowStride + starts[i * (runs + 1) + run + 1]!
    if (p0 === p1) continue
    for (let j = 0; j < outputs; j++) {
      const first = at + run * outputs + j
      const column = j * rowStride
      const cb = c[base + j]!
      for (let p = p0; p < p1; p++) {
        const v = p * terms
        let sum = values[v + terms - 1]! * cb
        for (let t = 0, ct = first; t < terms - 1; t++, ct += outputs) sum += values[v + t]! * c[ct]!
        const b = column + order[p]!
        y[b] = y[b]! + sum
      }
    }
  }
}

/** Adds input i's part to the gradient of the effective coefficients. */
export function coefGradientInput(
  block: LayerBlock,
  i: number,
  outputs: number,
  dy: Float64Array,
  dc: Float64Array,
  at: number,
  base: number,
  rowStride: number,
): void {
  const { terms, runs, order, starts, values } = block
  if (terms === 5)
    return coefGradientUnrolled(runs, order, starts, values, i, outputs, dy, dc, at, base, rowStride)
  for (let run = 0; run < runs; run++) {
    const p0 = i * rowStride + starts[i * (runs + 1) + run]!
    const p1 = i * rowStride + starts[i * (runs + 1) + run + 1]!
    if (p0 === p1) continue
    for (let j = 0; j < outputs; j++) {
      const column = j * rowStride
      for (let t = 0; t < terms; t++) {
        let sum = 0
        for (let p = p0; p < p1; p++) sum += values[p * terms + t]! * dy[column + order[p]!]!
        const ct = t === terms - 1 ? base + j : at + (run + t) * outputs + j
        dc[ct] = dc[ct]! + sum
      }
    }
  }
}

/** Adds the gradient by input i to dx[i]; needs the block's slopes. */
export function inputGradientInput(
  block: LayerBlock,
  i: number,
  outputs: number,
  c: Float64Array,
  at: number,
  base: number,
  dy: Float64Array,
  dx: Float64Array,
  rowStride: number,
): void {
  const { terms, runs, order, starts, slopes } = block
  if (terms === 5)
    return inputGradientUnrolled(runs, order, starts, slopes, i, outputs, c, at, base, dy, dx, rowStride)
  for (let run = 0; run < runs; run++) {
    const p0 = i * rowStride + starts[i * (runs + 1) + run]!
    const p1 = i * rowStride + starts[i * (runs + 1) + run + 1]!
    if (p0 === p1) continue
    for (let j = 0; j < outputs; j++) {
      const first = at + run * outputs + j
      const column = j * rowStride
      const cb = c[base + j]!
      for (let p = p0; p < p1; p++) {
        const v = p * terms
        let slope = slopes[v + terms - 1]! * cb
        for (let t = 0, ct = first; t < terms - 1; t++, ct += outputs) slope += slopes[v + t]! * c[ct]!
        const b = order[p]!
        const d = i * rowStride + b
        dx[d] = dx[d]! + slope * dy[column + b]!
      }
    }
  }
}
