import { ConfigError } from '../errors.ts'
import { fitCoefficients } from '../spline/leastsquares.ts'
import type { Config } from './config.ts'
import { baseFunction, edgeCurve } from './curve.ts'
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
  const symbolic = [...others, { edge, name, formula, fixedAt: [...affine] }].sort(
    (one, other) => one.edge - other.edge,
  )
  const fixed = withSymbolic(model, l, symbolic)
  const { mask, affine: all } = fixed.layer(l).values
  mask[edge] = 0
  all.set(affine, 4 * symbolic.findIndex(own => own.edge === edge))
  return fixed
}

/**
 * A new network in which that edge is a spline again. Where a, b, c and d are what they were when it was fixed, it has the numbers
 * that it had then, to the last digit. Where they have been trained since, so has all around the edge, and that spline would be of
 * another network: then its coefficients are fitted to the function as it stands, by least squares over the grid and as far beyond
 * as the splines reach and the statistics say that rows lie; scaleBase stays. Statistics go, as in fixEdge.
 * Throws ConfigError where there is no such edge, and where it is not symbolic.
 */
export function unfixEdge(model: Model, l: number, i: number, j: number): Model {
  const edge = edgeNumber(model, l, i, j)
  const { symbolic = [] } = model.config.layers[l]!
  const others = symbolic.filter(other => other.edge !== edge)
  const e = symbolic.findIndex(own => own.edge === edge)
  if (others.length === symbolic.length)
    throw new ConfigError(
      `The edge from input ${i} to output ${j} of layer ${l} is not symbolic; fix it first, or leave it as it is.`,
    )
  const unfixed = withSymbolic(model, l, others)
  unfixed.layer(l).values.mask[edge] = 1
  const affine = model.layer(l).values.affine.subarray(4 * e, 4 * e + 4)
  const { fixedAt } = symbolic[e]!
  if (!fixedAt?.every((number, k) => number === affine[k])) followCurve(unfixed, model, l, i, j)
  return unfixed
}

/** Points in each interval that a spline is fitted to. */
const POINTS = 16

/** Gives the spline of an edge the coefficients that follow the curve which the edge has in the other model. */
function followCurve(unfixed: Model, model: Model, l: number, i: number, j: number): void {
  const { knotsPerInput, intervals, degree, bases, outputs, base, values } = unfixed.layer(l)
  const knots = values.knots.slice(i * knotsPerInput, (i + 1) * knotsPerInput)
  const { inputMin, inputMax } = model.statistics?.layers[l] ?? {}
  const low = Math.max(knots[0]!, Math.min(knots[degree]!, inputMin?.[i] ?? Infinity))
  const high = Math.min(knots.at(-1)!, Math.max(knots[degree + intervals]!, inputMax?.[i] ?? -Infinity))
  const count = POINTS * intervals
  const all = Float64Array.from({ length: count + 1 }, (_, p) => low + (high - low) * (p / count))
  const curve = edgeCurve(model, l, i, j, all)
  // Outside of its domain, where no rows lie, a function has no value to follow.
  const there = Array.from(all.keys()).filter(p => Number.isFinite(curve[p]!))
  if (there.length === 0) return
  const edge = i * outputs + j
  if (values.scaleSpline[edge] === 0) values.scaleSpline[edge] = 1
  const x = Float64Array.from(there, p => all[p]!)
  const y = Float64Array.from(
    there,
    p => (curve[p]! - values.scaleBase[edge]! * baseFunction(base, all[p]!)) / values.scaleSpline[edge]!,
  )
  const coef = fitCoefficients({ knots, degree, x, y, curves: 1 })
  for (let m = 0; m < bases; m++) values.coef[(i * bases + m) * outputs + j] = coef[m]!
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
