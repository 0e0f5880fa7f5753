import type { LayerLayout, Trainable } from '../../../model/shape.ts'
import { FOLDED } from './curves.ts'

/**
 * The chain rule of symbolic edges, from their sums (addAffineSums) to the groups that are trainable: writes the gradient by
 * `affine`, and adds to that by nodeScale, sum dy (c f + d), which holds the splines' share already.
 *
 * @param folded [edges][FOLDED]; @param sums [edges][4]
 */
export function unfoldAffine(
  { symbolic = [], affine, nodeScale, outputs }: LayerLayout,
  trainable: Trainable,
  folded: Float64Array,
  sums: Float64Array,
  model: number,
  gradient: Float64Array,
): void {
  for (let e = 0; e < symbolic.length; e++) {
    const scale = folded[e * FOLDED + 4]!
    const c = folded[e * FOLDED + 2]!
    const at = model + affine + 4 * e
    if (trainable.affine) {
      gradient[at] = scale * c * sums[4 * e]!
      gradient[at + 1] = scale * c * sums[4 * e + 1]!
      gradient[at + 2] = scale * sums[4 * e + 2]!
      gradient[at + 3] = scale * sums[4 * e + 3]!
    }
    if (!trainable.nodeScale) continue
    const node = model + nodeScale + (symbolic[e]!.edge % outputs)
    gradient[node] = gradient[node]! + c * sums[4 * e + 2]! + folded[e * FOLDED + 3]! * sums[4 * e + 3]!
  }
}

/** Adds a penalty's gradient by `affine`, from the sums with its own adjoints in place of dy: phi has no node scale. */
export function addAffinePenalty(
  { symbolic = [], affine }: LayerLayout,
  folded: Float64Array,
  sums: Float64Array,
  model: number,
  gradient: Float64Array,
): void {
  for (let e = 0; e < symbolic.length; e++) {
    const c = folded[e * FOLDED + 2]!
    const at = model + affine + 4 * e
    gradient[at] = gradient[at]! + c * sums[4 * e]!
    gradient[at + 1] = gradient[at + 1]! + c * sums[4 * e + 1]!
    gradient[at + 2] = gradient[at + 2]! + sums[4 * e + 2]!
    gradient[at + 3] = gradient[at + 3]! + sums[4 * e + 3]!
  }
}
