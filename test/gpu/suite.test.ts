import { tolerances } from '../../src/engine/parity/tolerances.ts'
import { NETWORKS } from '../engine/samples.ts'
import { engineSuite } from '../engine/suite.ts'
import { requireGpuEngine } from './require.ts'

// The largest bound that src/engine/parity/tolerances.ts derives for any network of the suite.
const bounds = NETWORKS.map(network =>
  tolerances({ ...network, loss: 'mse', uniform: false, batch: network.rows, models: 1 }),
)
const gradient = Math.max(...bounds.map(bound => bound.gradient))

engineSuite('WebGPU engine', requireGpuEngine, {
  forward: Math.max(...bounds.map(bound => bound.loss)),
  gradient,
  // Twenty steps of Adam, each with a relative error of a gradient in its direction.
  trajectory: 20 * gradient,
  statistics: gradient,
})
