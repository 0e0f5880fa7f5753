/**
 * Symbolic edges of a layer over one block of rows: phi(x) = c f(u) + d, u = a x + b, in place of a spline (whose mask is 0, so
 * that the kernels of layer.ts add nothing for it).
 *
 *     forward      y[j]  += s_j (c f + d)                          s: nodeScale
 *     backward     dx[i] += sum_b dy s_j c a f'
 *                  da = s_j c sum dy f' x,   db = s_j c sum dy f',   dc = s_j sum dy f,   dd = s_j sum dy
 *
 * f and f' are one program (formula/program.ts): what they have in common is computed once. Where f has a value but no finite
 * derivative (sqrt at 0), the derivative counts as 0: such a row says nothing about which way to go, and must not stop the
 * others.
 */
import { derive } from '../../../formula/derive.ts'
import { assemble, fillRegisters, runBlock } from '../../../formula/program.ts'
import type { Program } from '../../../formula/program.ts'
import { singularPlaces } from '../../../formula/singular.ts'
import type { SingularPlaces } from '../../../formula/singular.ts'
import type { LayerLayout } from '../../../model/shape.ts'
import { parseSymbolic, SYMBOLIC_VARIABLE } from '../../../model/symbolic.ts'
import type { Allocator } from '../memory.ts'

/** Numbers of an edge in SymbolicLayer.folded. */
export const FOLDED = 5

/** A formula and its derivative, ready for blocks of rows: plain data, which crosses to other threads. */
export interface BlockFormula {
  readonly program: Program
  /** [registers] of [rowStride]. */
  readonly registers: readonly Float64Array[]
  /** Where f has poles, and where it begins and ends to exist. */
  readonly singular: SingularPlaces | undefined
}

/** The symbolic edges of a layer: what the block that went forward last made of them. */
export interface SymbolicLayer {
  readonly edges: readonly {
    readonly input: number
    readonly output: number
    readonly formula: BlockFormula
  }[]
  /** [edges][rowStride]: f and f' at a x + b, by row. */
  readonly values: Float64Array
  readonly slopes: Float64Array
  /** [inputs][outputs], 1 where the edge is symbolic: what lies behind it is no parameter; empty where none is. */
  readonly marks: Int32Array
  /** [edges]: 1 where f had no finite value for some row since it was cleared, though x was finite. */
  readonly left: Int32Array
  /** [edges][2]: the least and the greatest a x + b since they were cleared, of edges with singular places (lm/singular.ts). */
  readonly ranges: Float64Array
  /** [edges]: how many singular places lay between those when they were last counted. */
  readonly inside: Int32Array
}

/** Scratch for the symbolic edges of all layers; edges of one formula share its registers. */
export function createSymbolic(
  layers: readonly LayerLayout[],
  rowStride: number,
  allocator: Allocator,
): SymbolicLayer[] {
  const formulas = new Map<string, BlockFormula>()
  const blockFormula = (text: string): BlockFormula => {
    const known = formulas.get(text)
    if (known !== undefined) return known
    const tree = parseSymbolic(text)
    const program = assemble([tree, derive(tree, SYMBOLIC_VARIABLE)], [SYMBOLIC_VARIABLE])
    const registers = program.initial.map(() => allocator.float64('symbolic edges', rowStride))
    fillRegisters(program, registers)
    const made = { program, registers, singular: singularPlaces(tree, SYMBOLIC_VARIABLE) }
    formulas.set(text, made)
    return made
  }
  return layers.map(({ symbolic = [], inputs, outputs }) => {
    const marks = allocator.int32('symbolic edges', symbolic.length > 0 ? inputs * outputs : 0)
    for (const { edge } of symbolic) marks[edge] = 1
    return {
      edges: symbolic.map(({ edge, formula }) => ({
        input: Math.floor(edge / outputs),
        output: edge % outputs,
        formula: blockFormula(formula),
      })),
      values: allocator.float64('symbolic edges', symbolic.length * rowStride),
      slopes: allocator.float64('symbolic edges', symbolic.length * rowStride),
      marks,
      left: allocator.int32('symbolic edges', symbolic.length),
      ranges: allocator.float64('symbolic edges', 2 * symbolic.length),
      inside: allocator.int32('symbolic edges', symbolic.length),
    }
  })
}

/** Whether edge e of a layer is symbolic. */
export function isSymbolic({ marks }: SymbolicLayer, e: number): boolean {
  return marks.length > 0 && marks[e] === 1
}

/**
 * Puts a, b, c, d and the node scale of the layer's symbolic edges beside each other, for the model from `model`:
 * [edges][FOLDED].
 */
export function foldSymbolic(
  { symbolic = [], affine, nodeScale, outputs }: LayerLayout,
  parameters: Float64Array,
  model: number,
  folded: Float64Array,
): void {
  for (let e = 0; e < symbolic.length; e++) {
    for (let n = 0; n < 4; n++) folded[e * FOLDED + n] = parameters[model + affine + 4 * e + n]!
    folded[e * FOLDED + 4] = parameters[model + nodeScale + (symbolic[e]!.edge % outputs)]!
  }
}

/** Evaluates f, and f' with slopes, for every edge, and adds the curves to the layer's outputs y [outputs][rowStride]. */
export function forwardSymbolic(
  { edges, values, slopes, left, ranges }: SymbolicLayer,
  folded: Float64Array,
  x: Float64Array,
  y: Float64Array,
  rowStride: number,
  rows: number,
  withSlopes: boolean,
): void {
  for (let e = 0; e < edges.length; e++) {
    const { input, output, formula } = edges[e]!
    const { program, registers, singular } = formula
    const { loads, results, ends } = program
    const at = e * FOLDED
    const a = folded[at]!
    const b = folded[at + 1]!
    const from = input * rowStride
    for (let n = 0; n < loads.length; n++) {
      const u = registers[loads[n]!.target]!
      for (let p = 0; p < rows; p++) u[p] = a * x[from + p]! + b
    }
    if (singular !== undefined) widen(ranges, e, a, b, x, from, rows)
    runBlock(program, registers, rows, 0, ends[withSlopes ? 1 : 0]!)
    const own = e * rowStride
    const f = registers[results[0]!]!
    const scale = folded[at + 4]! * folded[at + 2]!
    const shift = folded[at + 4]! * folded[at + 3]!
    const to = output * rowStride
    let check = 0
    for (let p = 0; p < rows; p++) {
      check += f[p]! - f[p]!
      values[own + p] = f[p]!
      y[to + p] = y[to + p]! + (scale * f[p]! + shift)
    }
    if (Number.isNaN(check))
      for (let p = 0; p < rows; p++) if (!Number.isFinite(f[p]!) && Number.isFinite(x[from + p]!)) left[e] = 1
    if (!withSlopes) continue
    const slope = registers[results[1]!]!
    for (let p = 0; p < rows; p++) {
      const value = slope[p]!
      slopes[own + p] = Number.isFinite(value) ? value : 0
    }
  }
}

function widen(
  ranges: Float64Array,
  e: number,
  a: number,
  b: number,
  x: Float64Array,
  from: number,
  rows: number,
): void {
  let low = ranges[2 * e]!
  let high = ranges[2 * e + 1]!
  for (let p = 0; p < rows; p++) {
    const u = a * x[from + p]! + b
    if (u < low) low = u
    if (u > high) high = u
  }
  ranges[2 * e] = low
  ranges[2 * e + 1] = high
}

/** Adds the curves of the edges from input i to phi [outputs][rowStride]: without the node scale, after forwardSymbolic. */
export function addCurves(
  { edges, values }: SymbolicLayer,
  folded: Float64Array,
  i: number,
  phi: Float64Array,
  rowStride: number,
  rows: number,
): void {
  for (let e = 0; e < edges.length; e++) {
    const { input, output } = edges[e]!
    if (input !== i) continue
    const c = folded[e * FOLDED + 2]!
    const d = folded[e * FOLDED + 3]!
    const to = output * rowStride
    for (let p = 0; p < rows; p++) phi[to + p] = phi[to + p]! + (c * values[e * rowStride + p]! + d)
  }
}

/** For every edge: adds sum dy f' x, sum dy f', sum dy f and sum dy to `sums` [edges][4]; see the head of this file. */
export function addAffineSums(
  { edges, values, slopes }: SymbolicLayer,
  x: Float64Array,
  dy: Float64Array,
  rowStride: number,
  rows: number,
  sums: Float64Array,
  i = -1,
): void {
  for (let e = 0; e < edges.length; e++) {
    const { input, output } = edges[e]!
    if (i >= 0 && input !== i) continue
    const from = input * rowStride
    const own = e * rowStride
    const to = output * rowStride
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let p = 0; p < rows; p++) {
      const adjoint = dy[to + p]!
      const slope = adjoint * slopes[own + p]!
      a += slope * x[from + p]!
      b += slope
      c += adjoint * values[own + p]!
      d += adjoint
    }
    sums[4 * e] = sums[4 * e]! + a
    sums[4 * e + 1] = sums[4 * e + 1]! + b
    sums[4 * e + 2] = sums[4 * e + 2]! + c
    sums[4 * e + 3] = sums[4 * e + 3]! + d
  }
}

/** Adds dy c a f', times the node scale where `scaled`, to the inputs' adjoints dx [inputs][rowStride]. */
export function addInputGradients(
  { edges, slopes }: SymbolicLayer,
  folded: Float64Array,
  dy: Float64Array,
  dx: Float64Array,
  rowStride: number,
  rows: number,
  scaled = true,
  i = -1,
): void {
  for (let e = 0; e < edges.length; e++) {
    const { input, output } = edges[e]!
    if (i >= 0 && input !== i) continue
    const at = e * FOLDED
    const factor = (scaled ? folded[at + 4]! : 1) * folded[at + 2]! * folded[at]!
    const to = input * rowStride
    const from = output * rowStride
    for (let p = 0; p < rows; p++)
      dx[to + p] = dx[to + p]! + factor * slopes[e * rowStride + p]! * dy[from + p]!
  }
}
