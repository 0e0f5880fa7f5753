import type { Base, LayerLayout } from '../../model/shape.ts'
import { findInterval } from '../../spline/basis.ts'
import { localPolynomialStride } from '../../spline/polynomials.ts'
import type { Allocator } from './memory.ts'
import { firstBasis } from '../pieces.ts'

/**
 * What the edges of a layer need to know about a block of rows, shared by all outputs. The rows are sorted per input by the
 * first basis they touch (a counting sort), so that a run of rows uses the same k + 1 coefficients, which then stay in
 * registers. A row has k + 2 terms, its k + 1 non-zero bases and the base function b(x); below degree 3 zeros between them make
 * it five, so that the unrolled kernels serve degrees 1 to 3.
 */
export interface LayerBlock {
  /** Terms of a row, max(k, 3) + 2. */
  readonly terms: number
  /** Runs an input's rows are sorted into, G. */
  readonly runs: number
  /** [inputs][rowStride]: the row (within the block) at each sorted place. */
  readonly order: Int32Array
  /** [inputs][G + 1]: the place where each run starts, and the end of the last. */
  readonly starts: Int32Array
  /** [inputs][rowStride][terms], by sorted place. */
  readonly values: Float64Array
  /** The derivatives of `values` by the input; empty where nobody needs them. */
  readonly slopes: Float64Array
  /** [rowStride]: knot interval of each row, and [G]: where the next row of each run goes. */
  readonly cells: Int32Array
  readonly next: Int32Array
}

/** Terms of a row of the layer: its k + 1 bases, at least four, and the base function. */
export function rowTerms({ degree }: LayerLayout): number {
  return Math.max(degree, 3) + 2
}

/** Allocates the arrays of a layer for blocks of up to `rowStride` rows. */
export function createLayerBlock(
  layer: LayerLayout,
  rowStride: number,
  withSlopes: boolean,
  allocator: Allocator,
): LayerBlock {
  const { inputs, intervals } = layer
  const terms = rowTerms(layer)
  return {
    terms,
    runs: intervals,
    order: allocator.int32('sorted rows', inputs * rowStride),
    starts: allocator.int32('sorted rows', inputs * (intervals + 1)),
    values: allocator.float64('basis values', inputs * rowStride * terms),
    slopes: allocator.float64('basis slopes', withSlopes ? inputs * rowStride * terms : 0),
    cells: allocator.int32('sorted rows', rowStride),
    next: allocator.int32('sorted rows', intervals),
  }
}

/** Turns the matrices of the pieces (fillPieces) from [basis][power] into [power][basis]: bases then lie next to each other. */
export function transposePieces(degree: number, pieces: Float64Array): void {
  const width = degree + 1
  const stride = localPolynomialStride(degree)
  for (let at = 2; at < pieces.length; at += stride)
    for (let r = 1; r < width; r++)
      for (let power = 0; power < r; power++) {
        const held = pieces[at + r * width + power]!
        pieces[at + r * width + power] = pieces[at + power * width + r]!
        pieces[at + power * width + r] = held
      }
}

/**
 * Sorts a block's rows by interval and evaluates bases and base function (and their slopes) for every input of a layer.
 * Outside the knots the bases are 0, and the row joins the first run.
 *
 * @param pieces transposed: see transposePieces
 * @param x node-major inputs [inputs][rowStride]
 */
export function evaluateBases(
  layer: LayerLayout,
  block: LayerBlock,
  knots: Float64Array,
  knotsStart: number,
  pieces: Float64Array,
  piecesStart: number,
  x: Float64Array,
  rowStride: number,
  rows: number,
  withSlopes: boolean,
): void {
  const { inputs, degree, knotsPerInput } = layer
  const inputPieces = (knotsPerInput - 1) * localPolynomialStride(degree)
  for (let i = 0; i < inputs; i++) {
    const place = i * rowStride
    const table = piecesStart + i * inputPieces
    sortRows(layer, block, i, knots, knotsStart + i * knotsPerInput, x, place, rows)
    if (degree === 3)
      evaluateCubic(block, place, pieces, table, x, rows, block.values, block.slopes, withSlopes)
    else evaluateDegree(degree, block, place, pieces, table, x, rows, block.values, block.slopes, withSlopes)
    evaluateBase(layer.base, block, place, x, rows, withSlopes)
  }
}

/** The counting sort of one input's rows by first basis; keeps their order within a run. */
function sortRows(
  layer: LayerLayout,
  block: LayerBlock,
  i: number,
  knots: Float64Array,
  knotsStart: number,
  x: Float64Array,
  place: number,
  rows: number,
): void {
  const { order, starts, cells, next, runs } = block
  const { knotsPerInput } = layer
  next.fill(0)
  for (let b = 0; b < rows; b++) {
    const s = findInterval(knots, knotsStart, knotsPerInput, x[place + b]!)
    const first = firstBasis(layer, s)
    cells[b] = s
    next[first] = next[first]! + 1
  }
  let sum = 0
  const run = i * (runs + 1)
  for (let r = 0; r < runs; r++) {
    const size = next[r]!
    starts[run + r] = next[r] = sum
    sum += size
  }
  starts[run + runs] = sum
  for (let b = 0; b < rows; b++) {
    const first = firstBasis(layer, cells[b]!)
    const p = next[first]!
    next[first] = p + 1
    order[place + p] = b
  }
}

/** Horner's rule on the four cubics of each row's interval: p = ((a u + b) u + c) u + d, p' = h ((3 a u + 2 b) u + c). */
function evaluateCubic(
  block: LayerBlock,
  place: number,
  pieces: Float64Array,
  table: number,
  x: Float64Array,
  rows: number,
  values: Float64Array,
  slopes: Float64Array,
  withSlopes: boolean,
): void {
  const { order, cells } = block
  for (let p = 0; p < rows; p++) {
    const b = order[place + p]!
    const s = cells[b]!
    const v = (place + p) * 5
    if (s < 0) {
      values[v] = values[v + 1] = values[v + 2] = values[v + 3] = 0
      if (withSlopes) slopes[v] = slopes[v + 1] = slopes[v + 2] = slopes[v + 3] = 0
      continue
    }
    const at = table + s * 18
    const h = pieces[at + 1]!
    const u = (x[place + b]! - pieces[at]!) * h
    for (let r = 0; r < 4; r++) {
      const linear = pieces[at + 6 + r]!
      const square = pieces[at + 10 + r]!
      const cube = pieces[at + 14 + r]!
      values[v + r] = ((cube * u + square) * u + linear) * u + pieces[at + 2 + r]!
      if (withSlopes) slopes[v + r] = ((3 * cube * u + 2 * square) * u + linear) * h
    }
  }
}

/** As evaluateCubic, for any degree. */
function evaluateDegree(
  degree: number,
  block: LayerBlock,
  place: number,
  pieces: Float64Array,
  table: number,
  x: Float64Array,
  rows: number,
  values: Float64Array,
  slopes: Float64Array,
  withSlopes: boolean,
): void {
  const { order, cells, terms } = block
  const stride = localPolynomialStride(degree)
  for (let p = 0; p < rows; p++) {
    const b = order[place + p]!
    const s = cells[b]!
    const v = (place + p) * terms
    const at = table + s * stride
    const h = s < 0 ? 0 : pieces[at + 1]!
    const u = s < 0 ? 0 : (x[place + b]! - pieces[at]!) * h
    for (let r = 0; r <= degree; r++) {
      let value = 0
      let slope = 0
      if (s >= 0) {
        for (let power = degree; power >= 0; power--) {
          slope = slope * u + value
          value = value * u + pieces[at + 2 + power * (degree + 1) + r]!
        }
      }
      values[v + r] = value
      if (withSlopes) slopes[v + r] = slope * h
    }
    for (let r = degree + 1; r < terms - 1; r++) {
      values[v + r] = 0
      if (withSlopes) slopes[v + r] = 0
    }
  }
}

/** The base function as the last term: silu(x) = x sigma(x), silu'(x) = sigma(x) (1 + x (1 - sigma(x))). */
function evaluateBase(
  base: Base,
  block: LayerBlock,
  place: number,
  x: Float64Array,
  rows: number,
  withSlopes: boolean,
): void {
  const { order, terms, values, slopes } = block
  for (let p = 0; p < rows; p++) {
    const t = x[place + order[place + p]!]!
    const v = (place + p) * terms + terms - 1
    if (base === 'silu') {
      const sigma = 1 / (1 + Math.exp(-t))
      values[v] = t * sigma
      if (withSlopes) slopes[v] = sigma * (1 + t * (1 - sigma))
    } else {
      values[v] = base === 'identity' ? t : 0
      if (withSlopes) slopes[v] = base === 'identity' ? 1 : 0
    }
  }
}
