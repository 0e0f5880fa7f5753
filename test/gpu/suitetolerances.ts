import { trainableGroups } from '../../src/engine/parity/cases.ts'
import { bounds, MARGIN } from '../../src/engine/parity/tolerances.ts'
import { NETWORKS } from '../engine/samples.ts'
import type { Tolerances } from '../engine/suite.ts'

// The largest bound that src/engine/parity/tolerances.ts derives for any network of the suite, in whose place a margin over what
// was measured steps where that is less: the worst errors on SwiftShader.
const MEASURED = { forward: 9.3e-7, gradient: 2e-6, trajectory: 3.4e-7, statistics: 3.9e-7 }

const all = NETWORKS.map(network =>
  bounds({
    ...network,
    products: (network.layers ?? []).map(({ products = [] }) => products),
    loss: 'mse',
    trainable: trainableGroups('cbsno'),
    uniform: false,
    batch: network.rows,
    models: 1,
  }),
)
const loss = Math.max(...all.map(bound => bound.loss))
const gradient = Math.max(...all.map(bound => bound.inputs))

/** What the WebGPU engine may err in the suite of every engine. */
export const SUITE_TOLERANCES: Tolerances = {
  forward: Math.min(loss, MARGIN * MEASURED.forward),
  gradient: Math.min(gradient, MARGIN * MEASURED.gradient),
  // Twenty steps of Adam, each with a relative error of a gradient in its direction.
  trajectory: Math.min(20 * gradient, MARGIN * MEASURED.trajectory),
  statistics: Math.min(gradient, MARGIN * MEASURED.statistics),
}
