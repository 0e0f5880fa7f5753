import adam from '../../../shaders/adam.wgsl?raw'
import backwardCoef from '../../../shaders/backward_coef.wgsl?raw'
import backwardCoefSorted from '../../../shaders/backward_coef_sorted.wgsl?raw'
import backwardInput from '../../../shaders/backward_input.wgsl?raw'
import backwardInputRows from '../../../shaders/backward_input_rows.wgsl?raw'
import backwardInputTile from '../../../shaders/backward_input_tile.wgsl?raw'
import backwardNode from '../../../shaders/backward_node.wgsl?raw'
import backwardProducts from '../../../shaders/backward_products.wgsl?raw'
import baseFunction from '../../../shaders/base_function.wgsl?raw'
import bases from '../../../shaders/bases.wgsl?raw'
import basis from '../../../shaders/basis.wgsl?raw'
import basisTile from '../../../shaders/basis_tile.wgsl?raw'
import clipGradient from '../../../shaders/clip_gradient.wgsl?raw'
import edgeNorms from '../../../shaders/edge_norms.wgsl?raw'
import edgeStatistics from '../../../shaders/edge_statistics.wgsl?raw'
import factors from '../../../shaders/factors.wgsl?raw'
import forward from '../../../shaders/forward.wgsl?raw'
import forwardRows from '../../../shaders/forward_rows.wgsl?raw'
import fusedGradient from '../../../shaders/fused_gradient.wgsl?raw'
import fusedModel from '../../../shaders/fused_model.wgsl?raw'
import fusedRow from '../../../shaders/fused_row.wgsl?raw'
import fusedSteps from '../../../shaders/fused_steps.wgsl?raw'
import forwardTile from '../../../shaders/forward_tile.wgsl?raw'
import gather from '../../../shaders/gather.wgsl?raw'
import keep from '../../../shaders/keep.wgsl?raw'
import lbfgsJudge from '../../../shaders/lbfgs_judge.wgsl?raw'
import lbfgsPropose from '../../../shaders/lbfgs_propose.wgsl?raw'
import lbfgsState from '../../../shaders/lbfgs_state.wgsl?raw'
import lbfgsVerdict from '../../../shaders/lbfgs_verdict.wgsl?raw'
import loss from '../../../shaders/loss.wgsl?raw'
import lossTerms from '../../../shaders/loss_terms.wgsl?raw'
import moments from '../../../shaders/moments.wgsl?raw'
import penalty from '../../../shaders/penalty.wgsl?raw'
import penaltyCoef from '../../../shaders/penalty_coef.wgsl?raw'
import penaltyCoefSorted from '../../../shaders/penalty_coef_sorted.wgsl?raw'
import penaltyInput from '../../../shaders/penalty_input.wgsl?raw'
import penaltySize from '../../../shaders/penalty_size.wgsl?raw'
import products from '../../../shaders/products.wgsl?raw'
import record from '../../../shaders/record.wgsl?raw'
import reduceGradient from '../../../shaders/reduce_gradient.wgsl?raw'
import reduceLoss from '../../../shaders/reduce_loss.wgsl?raw'
import scaleSpline from '../../../shaders/scale_spline.wgsl?raw'
import shuffle from '../../../shaders/shuffle.wgsl?raw'
import slicesSum from '../../../shaders/slices_sum.wgsl?raw'
import sortRows from '../../../shaders/sort_rows.wgsl?raw'
import sortRowsSerial from '../../../shaders/sort_rows_serial.wgsl?raw'
import sortedSum from '../../../shaders/sorted_sum.wgsl?raw'
import sortedWalk from '../../../shaders/sorted_walk.wgsl?raw'
import subgroupSum from '../../../shaders/subgroup_sum.wgsl?raw'
import treeSum from '../../../shaders/tree_sum.wgsl?raw'
import value1 from '../../../shaders/value1.wgsl?raw'
import value4 from '../../../shaders/value4.wgsl?raw'
import value8 from '../../../shaders/value8.wgsl?raw'
import verdict from '../../../shaders/verdict.wgsl?raw'
import weightDecay from '../../../shaders/weight_decay.wgsl?raw'
import type { SessionVariants } from './variants.ts'

/** A compute shader: its text, and how its bindings in group 1 are used, in order (r: read, w: read and write, u: uniform). */
export interface Kernel {
  readonly name: string
  readonly code: string
  /** What WGSL wants before everything else: extensions. */
  readonly directives?: string
  readonly bindings: string
}

/** A kernel that adds over a workgroup, in both variants of it. */
function reducing(
  name: string,
  code: string,
  bindings: string,
): Record<SessionVariants['reductions'], Kernel> {
  return {
    tree: { name, code: treeSum + code, bindings },
    subgroups: {
      name: `${name} by subgroups`,
      code: subgroupSum + code,
      directives: 'enable subgroups;\nrequires subgroup_id;\n',
      bindings,
    },
  }
}

/** A kernel whose threads take so many neighbouring outputs at once: one text over f32, vec4f or two of them. */
function byOutputs(name: string, code: string, bindings: string): Record<1 | 4 | 8, Kernel> {
  return {
    1: { name, code: value1 + code, bindings },
    4: { name: `${name} of 4`, code: value4 + code, bindings },
    8: { name: `${name} of 8`, code: value8 + code, bindings },
  }
}

/** Every kernel there is. Group 0 is the same for all (shaders/common.wgsl). */
export const kernels = {
  gather: { name: 'gather', code: shuffle + gather, bindings: 'rrrwww' },
  basis: { name: 'basis', code: baseFunction + bases + basis, bindings: 'rrrrww' },
  basisTile: { name: 'basis_tile', code: baseFunction + bases + basisTile, bindings: 'rrrrww' },
  forward: { name: 'forward', code: forward, bindings: 'rrrrw' },
  forwardTile: byOutputs('forward_tile', record + forwardTile, 'rrrrw'),
  forwardRows: byOutputs('forward_rows', record + forwardRows, 'rrrrw'),
  products: { name: 'products', code: factors + products, bindings: 'rrrw' },
  loss: { name: 'loss', code: lossTerms + loss, bindings: 'rrrrww' },
  reduceLoss: reducing('reduce_loss', verdict + reduceLoss, 'rwww'),
  backwardCoef: { name: 'backward_coef', code: backwardCoef, bindings: 'rrrrrw' },
  sortRows: { name: 'sort_rows', code: sortRows, bindings: 'rww' },
  sortRowsSerial: { name: 'sort_rows_serial', code: sortRowsSerial, bindings: 'rww' },
  backwardCoefSorted: byOutputs('backward_coef_sorted', record + sortedWalk + backwardCoefSorted, 'rrrrrw'),
  reduceGradient: { name: 'reduce_gradient', code: value1 + slicesSum + reduceGradient, bindings: 'rrrw' },
  reduceSorted: byOutputs('reduce_gradient of sorted', sortedSum + reduceGradient, 'rrrwr'),
  scaleSpline: { name: 'scale_spline', code: scaleSpline, bindings: 'rw' },
  backwardNode: reducing('backward_node', backwardNode, 'rrrw'),
  backwardProducts: { name: 'backward_products', code: factors + backwardProducts, bindings: 'rrrrw' },
  backwardInput: { name: 'backward_input', code: backwardInput, bindings: 'rrrrrw' },
  backwardInputTile: byOutputs('backward_input_tile', backwardInputTile, 'rrrrrw'),
  backwardInputRows: byOutputs('backward_input_rows', backwardInputRows, 'rrrrrw'),
  clipGradient: reducing('clip_gradient', clipGradient, 'w'),
  weightDecay: { name: 'weight_decay', code: weightDecay, bindings: 'rwr' },
  adam: { name: 'adam', code: adam, bindings: 'rwwr' },
  keep: { name: 'keep', code: keep, bindings: 'rrw' },
  fusedSteps: {
    name: 'fused_steps',
    code: baseFunction + shuffle + lossTerms + verdict + fusedModel + fusedRow + fusedGradient + fusedSteps,
    bindings: 'urrwwwww',
  },
  edgeNorms: { name: 'edge_norms', code: moments + edgeNorms, bindings: 'rrrrrrw' },
  penalty: { name: 'penalty', code: moments + penalty, bindings: 'rrrwww' },
  penaltyCoef: { name: 'penalty_coef', code: penaltyCoef, bindings: 'rrrrrw' },
  penaltyCoefSorted: {
    name: 'penalty_coef_sorted',
    code: value1 + record + sortedWalk + penaltyCoefSorted,
    bindings: 'rrrrrw',
  },
  penaltyInput: { name: 'penalty_input', code: penaltyInput, bindings: 'rrrrrrw' },
  penaltySize: { name: 'penalty_size', code: penaltySize, bindings: 'rrw' },
  edgeStatistics: { name: 'edge_statistics', code: edgeStatistics, bindings: 'rrrrw' },
  lbfgsPropose: { name: 'lbfgs_propose', code: lbfgsState + lbfgsPropose, bindings: 'wwwr' },
  lbfgsJudge: { name: 'lbfgs_judge', code: lbfgsState + lbfgsJudge, bindings: 'rwwwrww' },
  lbfgsVerdict: { name: 'lbfgs_verdict', code: lbfgsState + verdict + lbfgsVerdict, bindings: 'wrww' },
} as const satisfies Record<string, Kernel | Record<string, Kernel>>
