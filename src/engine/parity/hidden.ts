import { createLayout } from '../../model/shape.ts'
import type { Engine, Plan, Rows } from '../engine.ts'
import type { NetworkUpload } from './cases.ts'

/** Rows whose hidden values come this close to a knot get weight 0: derivatives of degree 1 (2: second) jump there. */
const NEAR_KNOT = 2 ** -12

/** Values that the layers before layer l give it, on the reference engine: the network cut off there. */
async function hiddenValues(
  reference: Engine,
  plan: Plan,
  network: NetworkUpload,
  l: number,
  x: Float64Array,
): Promise<Float64Array> {
  const layout = createLayout(plan.layers)
  const layers = plan.layers.slice(0, l)
  const cut = createLayout(layers)
  const take = (values: Float64Array, whole: number, part: number): Float64Array => {
    const result = new Float64Array(plan.models * part)
    for (let m = 0; m < plan.models; m++) result.set(values.subarray(m * whole, m * whole + part), m * part)
    return result
  }
  const session = await reference.open({ ...plan, layers, rows: 0, validationRows: 0, loss: 'mse' })
  try {
    await session.upload({
      parameters: take(network.parameters, layout.parameters, cut.parameters),
      knots: take(network.knots, layout.knots, cut.knots),
      mask: take(network.mask, layout.edges, cut.edges),
    })
    return await session.predict(x)
  } finally {
    await session.close()
  }
}

/** Takes the weight of every row that comes near a knot of a hidden layer, in any model. */
export async function avoidKnots(
  reference: Engine,
  plan: Plan,
  network: NetworkUpload,
  rows: Rows,
): Promise<void> {
  const layout = createLayout(plan.layers)
  const count = rows.weights.length
  for (let l = 1; l < layout.layers.length; l++) {
    const layer = layout.layers[l]!
    const values = await hiddenValues(reference, plan, network, l, rows.x)
    values.forEach((value, p) => {
      const m = Math.floor(p / (count * layer.inputs))
      const b = Math.floor(p / layer.inputs) % count
      const start = m * layout.knots + layer.knots + (p % layer.inputs) * layer.knotsPerInput
      const knots = network.knots.subarray(start, start + layer.knotsPerInput)
      if (knots.some(knot => Math.abs(value - knot) < NEAR_KNOT)) rows.weights[b] = 0
    })
  }
}
