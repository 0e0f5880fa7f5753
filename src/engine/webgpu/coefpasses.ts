import { WIDTH } from './buffers.ts'
import type { SetBuffers, TrainingBuffers } from './buffers.ts'
import { coefCut, coefTile, SORT_ROWS, valueWidth } from './coefficients.ts'
import { kernels } from './kernels.ts'
import type { Passes } from './passes.ts'
import { flag } from './pipelines.ts'
import { outputGradients } from './products.ts'
import { folded, MOST_WORKGROUPS } from './recording.ts'
import type { Recording } from './recording.ts'

/** Threads a workgroup of sort_rows_serial: as many as a software adapter's vectors have lanes, so that all cores get some. */
const SERIAL_WIDTH = 4

/** The gradients of layer l's coefficients and base scales, from that by its outputs, in the session's variant. */
export function recordCoefficients(
  passes: Passes,
  recording: Recording,
  training: TrainingBuffers,
  slot: number,
  l: number,
  source: SetBuffers,
): void {
  const { plan, layout, buffers, variants, penalty } = passes
  const { models, trainable } = plan
  const layer = layout.layers[l]!
  const edges = layer.inputs * layer.outputs
  const variant = variants.layers[l]!.backward_coef
  const cut = coefCut(plan, layout, layer, variant)
  const serial = variant === 'serial'
  const value = valueWidth(plan, layout, layer, serial ? 8 : 4)
  const { sorted, partialGradients } = training
  const basis = buffers.basis[l]!
  const places = buffers.places[l]!
  const outward = outputGradients(passes, training, l)
  const order = cut.sorted ? sorted : undefined
  const parts = cut.blocks * cut.slices.count
  if (order) {
    recording.add(
      serial ? kernels.sortRowsSerial : kernels.sortRows,
      { WIDTH: serial ? SERIAL_WIDTH : WIDTH, ...passes.spline(l), BLOCK: SORT_ROWS },
      [places, order.order, order.starts],
      { layer: slot },
      folded(layer.inputs * cut.blocks, serial ? SERIAL_WIDTH : 1, models),
    )
    recording.add(
      kernels.backwardCoefSorted[value],
      { WIDTH, ...passes.spline(l), BLOCK: SORT_ROWS, AHEAD: serial ? 1 : 4 },
      [buffers.parameters, buffers.mask, basis, order.order, outward, partialGradients],
      { layer: slot },
      [Math.min(MOST_WORKGROUPS, Math.ceil(edges / value / WIDTH)), parts, models],
    )
  } else {
    const { tile, width } = coefTile(layer)
    recording.add(
      kernels.backwardCoef,
      { WIDTH: width, ...passes.spline(l), TILE: tile },
      [buffers.parameters, buffers.mask, basis, places, outward, partialGradients],
      { layer: slot },
      [Math.min(MOST_WORKGROUPS, Math.ceil(edges / width)), parts * Math.ceil(layer.bases / tile), models],
    )
  }
  penalty?.coef(recording, training, slot, l, source, cut)
  const prelude = {
    WIDTH,
    TRAIN_COEF: flag(trainable.coef),
    TRAIN_BASE: flag(trainable.scaleBase),
    TRAIN_SPLINE_SCALE: flag(trainable.scaleSpline),
  }
  const bound = [buffers.parameters, partialGradients, training.normaliser, training.gradient]
  const elements = (layer.bases + 1) * edges
  if (order)
    recording.add(
      kernels.reduceSorted[value],
      { ...prelude, ...passes.spline(l), BLOCK: SORT_ROWS },
      [...bound, order.starts],
      { layer: slot },
      folded(elements / value, WIDTH, models),
    )
  else recording.add(kernels.reduceGradient, prelude, bound, { layer: slot }, folded(elements, WIDTH, models))
}
