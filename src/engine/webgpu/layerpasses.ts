import { WIDTH } from './buffers.ts'
import type { TrainingBuffers } from './buffers.ts'
import { valueWidth } from './coefficients.ts'
import { kernels } from './kernels.ts'
import type { Passes } from './passes.ts'
import { inputsOf, outputGradients } from './products.ts'
import { folded } from './recording.ts'
import type { Recording } from './recording.ts'

/** Numbers of the base functions in the shaders. */
export const BASES = { silu: 0, identity: 1, zero: 2 } as const

/** Inputs that a workgroup of basis_tile takes: with degree 5 their records fill the workgroup's memory. */
const BASIS_INPUTS = 4

/** Rows a thread owns in each variant that has tiles. */
const TILE_ROWS = { tile1: 1, tile2: 2, tile4: 4 } as const
/** Inputs that a workgroup of backward_input_tile takes: with 4 rows a thread its sums fill the workgroup's memory. */
const TILE_INPUTS = 8

/** The bases of layer l at its inputs, of which the network's first ones are x, in the session's variant. */
export function recordBasis(
  passes: Passes,
  recording: Recording,
  slot: number,
  l: number,
  rows: number,
  x: GPUBuffer,
): void {
  const { plan, layout, buffers, variants } = passes
  const { inputs, base } = layout.layers[l]!
  const { parameters, knots, pieces } = buffers
  const prelude = { WIDTH, ...passes.spline(l), BASE: BASES[base] }
  const values = inputsOf(buffers, l, x)
  const bound = [parameters, knots, pieces, values, buffers.basis[l]!, buffers.places[l]!]
  if (variants.layers[l]!.basis === 'single') {
    recording.add(kernels.basis, prelude, bound, { layer: slot }, folded(rows * inputs, WIDTH, plan.models))
    return
  }
  const tiles = Math.ceil(rows / WIDTH) * Math.ceil(inputs / BASIS_INPUTS)
  const size = folded(tiles, 1, plan.models)
  recording.add(kernels.basisTile, { ...prelude, TILE: BASIS_INPUTS }, bound, { layer: slot }, size)
}

/** Layer l forward, from its bases, in the session's variant. */
export function recordForward(
  passes: Passes,
  recording: Recording,
  slot: number,
  l: number,
  rows: number,
): void {
  const { plan, layout, buffers, variants } = passes
  const layer = layout.layers[l]!
  const { forward } = variants.layers[l]!
  const bound = [buffers.parameters, buffers.mask, buffers.basis[l]!, buffers.places[l]!, buffers.sums[l]!]
  if (forward === 'gather') {
    const threads = folded(rows * layer.outputs, WIDTH, plan.models)
    recording.add(kernels.forward, { WIDTH, ...passes.spline(l) }, bound, { layer: slot }, threads)
    return
  }
  if (forward === 'rows4') {
    const value = valueWidth(plan, layout, layer, 8)
    const threads = folded(Math.ceil(rows / 4) * (layer.outputs / value), WIDTH, plan.models)
    recording.add(kernels.forwardRows[value], { WIDTH, ...passes.spline(l) }, bound, { layer: slot }, threads)
    return
  }
  const value = valueWidth(plan, layout, layer, 4)
  const ROWS = TILE_ROWS[forward]
  recording.add(
    kernels.forwardTile[value],
    { WIDTH, ...passes.spline(l), ROWS },
    bound,
    { layer: slot },
    folded(Math.ceil(rows / ROWS) * (layer.outputs / value), WIDTH, plan.models),
  )
}

/** The gradient by layer l's inputs, from that by its outputs, in the session's variant. */
export function recordInward(
  passes: Passes,
  recording: Recording,
  training: TrainingBuffers,
  slot: number,
  l: number,
): void {
  const { plan, layout, buffers, variants } = passes
  const layer = layout.layers[l]!
  const variant = variants.layers[l]!.backward_input
  const bound = [
    buffers.parameters,
    buffers.mask,
    buffers.basis[l]!,
    buffers.places[l]!,
    outputGradients(passes, training, l),
    training.outward[l % 2]!,
  ]
  if (variant === 'gather') {
    const threads = folded(plan.batch * layer.inputs, WIDTH, plan.models)
    recording.add(kernels.backwardInput, { WIDTH, ...passes.spline(l) }, bound, { layer: slot }, threads)
    return
  }
  if (variant === 'rows4') {
    const threads = folded(Math.ceil(plan.batch / 4) * layer.inputs, WIDTH, plan.models)
    const kernel = kernels.backwardInputRows[valueWidth(plan, layout, layer, 8)]
    recording.add(kernel, { WIDTH, ...passes.spline(l) }, bound, { layer: slot }, threads)
    return
  }
  const value = valueWidth(plan, layout, layer, 4)
  const ROWS = TILE_ROWS[variant]
  const LANES = Math.min(WIDTH, 2 ** Math.ceil(Math.log2(layer.outputs / value)))
  const tiles = Math.ceil(layer.inputs / TILE_INPUTS) * Math.ceil(plan.batch / ((WIDTH / LANES) * ROWS))
  recording.add(
    kernels.backwardInputTile[value],
    { WIDTH, ...passes.spline(l), ROWS, LANES, TILE: TILE_INPUTS },
    bound,
    { layer: slot },
    folded(tiles, 1, plan.models),
  )
}
