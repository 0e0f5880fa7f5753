import { ConfigError } from '../errors.ts'
import type { Config } from './config.ts'
import { Model } from './model.ts'
import { createLayout, parameterGroups } from './shape.ts'
import type { SymbolicEdge } from './shape.ts'
import { checkSymbolic } from './symbolic.ts'
import { formatWidth } from './width.ts'

/** a, b, c and d of phi(x) = c f(a x + b) + d. */
export type Affine = readonly [a: number, b: number, c: number, d: number]

/** phi(x) = f(x). */
const IDENTITY_AFFINE: Affine = [1, 0, 1, 0]

/** What an edge is to become: a function of u, and where on it the edge lies. */
export interface SymbolicCurve {
  /** Such as 'sin'. */
  readonly name: string
  /** f as a formula of u, such as 'sin(u)'. */
  readonly formula: string
  /** Default: phi(x) = f(x). */
  readonly affine?: Affine
}

/**
 * A new network in which the edge from input i to output j of layer l is c f(a x + b) + d. Its spline's numbers stay, for
 * `unfixEdge`, behind a mask of 0; an edge that was fixed before gets the new function. Everything else is as it was, but for the
 * statistics, which go: they tell of another network.
 *
 * @throws ConfigError where there is no such edge, for a formula that cannot be used, and for affine numbers that are not finite
 */
export function fixEdge(model: Model, l: number, i: number, j: number, curve: SymbolicCurve): Model {
  const edge = edgeNumber(model, l, i, j)
  const { name, formula, affine = IDENTITY_AFFINE } = curve
  checkSymbolic({ name, formula })
  if (affine.length !== 4 || !affine.every(Number.isFinite))
    throw new ConfigError(
      `affine is [${affine.join(', ')}]; give the four finite numbers a, b, c, d of c f(a x + b) + d.`,
    )
  const others = (model.config.layers[l]!.symbolic ?? []).filter(other => other.edge !== edge)
  const symbolic = [...others, { edge, name, formula }].sort((one, other) => one.edge - other.edge)
  const fixed = withSymbolic(model, l, symbolic)
  const { mask, affine: all } = fixed.layer(l).values
  mask[edge] = 0
  all.set(affine, 4 * symbolic.findIndex(own => own.edge === edge))
  return fixed
}

/**
 * A new network in which that edge is a spline again, with the numbers it had when it was fixed. Statistics go, as in fixEdge.
 * Throws ConfigError where there is no such edge, and where it is not symbolic.
 */
export function unfixEdge(model: Model, l: number, i: number, j: number): Model {
  const edge = edgeNumber(model, l, i, j)
  const { symbolic = [] } = model.config.layers[l]!
  const others = symbolic.filter(other => other.edge !== edge)
  if (others.length === symbolic.length)
    throw new ConfigError(
      `The edge from input ${i} to output ${j} of layer ${l} is not symbolic; fix it first, or leave it as it is.`,
    )
  const unfixed = withSymbolic(model, l, others)
  unfixed.layer(l).values.mask[edge] = 1
  return unfixed
}

/** The edge's number, i * outputs + j. Throws ConfigError where there is none. */
export function edgeNumber(model: Model, l: number, i: number, j: number): number {
  const shape = model.layout.layers[l]
  const exists =
    shape !== undefined && Number.isInteger(i) && Number.isInteger(j) && i >= 0 && i < shape.inputs
  if (!exists || !(j >= 0 && j < shape.outputs))
    throw new ConfigError(
      `There is no edge from input ${i} to output ${j} of layer ${l}; this network is ${formatWidth(model.layout.layers)}.`,
    )
  return i * shape.outputs + j
}

/** The network with these symbolic edges in layer l; those that it has already keep their affine numbers, new ones have zeros. */
function withSymbolic(model: Model, l: number, symbolic: readonly SymbolicEdge[]): Model {
  const layers = model.config.layers.map((layer, own) => {
    if (own !== l) return layer
    const { symbolic: _, ...shape } = layer
    return symbolic.length > 0 ? { ...shape, symbolic } : shape
  })
  const config: Config = { ...model.config, layers }
  const layout = createLayout(layers)
  const parameters = new Float64Array(layout.parameters)
  layout.layers.forEach((to, at) => {
    const from = model.layout.layers[at]!
    const starts = new Map(parameterGroups(from).map(({ name, start }) => [name, start]))
    for (const { name, start, size } of parameterGroups(to)) {
      const before = starts.get(name) ?? 0
      if (name !== 'affine' || at !== l)
        parameters.set(model.parameters.subarray(before, before + size), start)
    }
    if (at !== l) return
    symbolic.forEach(({ edge }, e) => {
      const before = from.symbolic?.findIndex(own => own.edge === edge) ?? -1
      const start = from.affine + 4 * before
      if (before >= 0) parameters.set(model.parameters.subarray(start, start + 4), to.affine + 4 * e)
    })
  })
  const { knots, mask, scaling, encoder, loss } = model
  return new Model({ config, parameters, knots, mask, scaling, encoder, loss })
}
