import { compile, substitute, variable } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import type { Model } from '../../model/model.ts'
import type { LayerShape } from '../../model/shape.ts'
import {
  constantForm,
  expForm,
  expressionOf,
  formOf,
  logForm,
  mapped,
  multiplied,
  raisedForm,
  summed,
} from './affine.ts'
import type { Affine } from './affine.ts'
import type { TargetTransform } from './targets.ts'

/** c f(a u + b) + d, with f as a formula of u. */
export interface KnownFunction {
  readonly expression: Expression
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

/** Known functions in the place of an edge's curve, one after another: mostly one. */
export type KnownCurve = readonly KnownFunction[]

/** A known curve where it stands: from node i before layer l to an output of a layer. */
export interface PlacedCurve {
  readonly curve: KnownCurve
  readonly from: { readonly l: number; readonly i: number }
  readonly to: { readonly l: number; readonly j: number }
}

/** The outputs of a layer that make each of its nodes: one for a sum, all factors for a product. */
export function nodeOutputs({ outputs, products = [] }: LayerShape): number[][] {
  const factors = products.reduce((total, count) => total + count, 0)
  const nodes = Array.from({ length: outputs - factors }, (_, j) => [j])
  let next = outputs - factors
  for (const count of products) {
    nodes.push(Array.from({ length: count }, (_, f) => next + f))
    next += count
  }
  return nodes
}

/**
 * The formula of a network whose edges are known functions, in the table's own columns and units. `curves` has the edges that are
 * there; those that start from the inputs are functions of the columns themselves.
 */
export function compose(
  model: Model,
  names: readonly string[],
  target: TargetTransform,
  curves: readonly PlacedCurve[],
): Expression {
  const nodes: Affine[][] = [names.map(name => formOf(variable(name)))]
  model.layout.layers.forEach((layer, l) => {
    const { nodeScale, nodeBias } = model.layer(l).values
    const outputs = Array.from({ length: layer.outputs }, (_, j) => {
      const parts = curves
        .filter(({ to }) => to.l === l && to.j === j)
        .map(({ curve, from }) => applied(curve, nodes[from.l]![from.i]!))
      return mapped(summed(parts), nodeScale[j]!, nodeBias[j]!)
    })
    nodes.push(
      nodeOutputs(layer).map(own =>
        own.length === 1 ? outputs[own[0]!]! : multiplied(own.map(j => outputs[j]!)),
      ),
    )
  })
  const scaling = model.scaling?.output
  const said = mapped(nodes.at(-1)![0]!, scaling?.scale[0] ?? 1, scaling?.shift[0] ?? 0)
  return expressionOf(target.undo(said))
}

/** The curve of a form, with everything that its functions let through in the numbers of the form. */
function applied(curve: KnownCurve, form: Affine): Affine {
  return curve.reduce(
    (inner, { expression, a, b, c, d }) => mapped(functionOf(expression, mapped(inner, a, b)), c, d),
    form,
  )
}

function functionOf(f: Expression, inner: Affine): Affine {
  if (inner.terms.length === 0) return constantForm(compile(f, ['u'])([inner.constant]))
  const exponent = exponentOf(f)
  if (exponent !== undefined) return raisedForm(inner, exponent)
  if (f.kind === 'number') return constantForm(f.value)
  if (f.kind === 'call' && f.name === 'exp') return expForm(inner)
  if (f.kind === 'call' && f.name === 'log') return logForm(inner)
  return formOf(substitute(f, new Map([['u', expressionOf(inner)]])))
}

/** p where f is u^p. */
export function exponentOf(f: Expression): number | undefined {
  if (f.kind === 'variable') return 1
  if (f.kind === 'power' && f.left.kind === 'variable' && f.right.kind === 'number') return f.right.value
  if (f.kind === 'call' && f.name === 'sqrt') return scaled(exponentOf(f.arguments[0]!), 0.5)
  if (f.kind === 'divide' && f.left.kind === 'number' && f.left.value === 1)
    return scaled(exponentOf(f.right), -1)
  if (f.kind === 'multiply') {
    const [p, q] = [exponentOf(f.left), exponentOf(f.right)]
    return p === undefined || q === undefined ? undefined : p + q
  }
  return undefined
}

function scaled(exponent: number | undefined, factor: number): number | undefined {
  return exponent === undefined ? undefined : exponent * factor
}
