import { call, compile, fold, number, power, variable, withChildren } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import type { Model } from '../../../model/model.ts'
import { nodeOutputs } from '../../../model/products.ts'
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
import type { AffineForm } from './affine.ts'
import type { TargetTransform } from '../structures/targets.ts'

/** c f(a u + b) + d, with f as a formula of u. */
interface KnownFunction {
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
  const nodes: AffineForm[][] = [names.map(name => formOf(variable(name)))]
  model.layout.layers.forEach((layer, l) => {
    const { nodeScale, nodeBias } = model.layer(l).values
    const outputs = Array.from({ length: layer.outputs }, (_, j) => {
      const parts = curves.flatMap(({ curve, from, to }) => {
        const node = nodes[from.l]?.[from.i]
        return node !== undefined && to.l === l && to.j === j ? [applied(curve, node)] : []
      })
      return mapped(summed(parts), nodeScale[j]!, nodeBias[j])
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
function applied(curve: KnownCurve, form: AffineForm): AffineForm {
  return curve.reduce(
    (inner, { expression, a, b, c, d }) => mapped(functionOf(expression, mapped(inner, a, b)), c, d),
    form,
  )
}

/** f of a form, by the rules of affine.ts at each of its nodes. */
export function functionOf(f: Expression, inner: AffineForm): AffineForm {
  return fold<AffineForm>(f, (node, parts) => {
    if (node.kind === 'variable') return inner
    const [left, right] = parts
    if (left === undefined) return constantForm(compile(node, [])([]))
    if (parts.every(({ terms }) => terms.length === 0)) return folded(node, parts)
    if (node.kind === 'negate') return mapped(left, -1)
    if (node.kind === 'call') {
      if (node.name === 'exp') return expForm(left)
      if (node.name === 'log') return logForm(left)
      if (node.name === 'sqrt') return raisedForm(left, 0.5)
      return formOf(call(node.name, ...parts.map(expressionOf)))
    }
    if (right === undefined) return left
    if (node.kind === 'add') return summed([left, right])
    if (node.kind === 'subtract') return summed([left, mapped(right, -1)])
    if (node.kind === 'multiply') return multipliedForm(left, right)
    if (node.kind === 'divide') return multipliedForm(left, raisedForm(right, -1))
    return right.terms.length === 0
      ? raisedForm(left, right.constant)
      : formOf(power(expressionOf(left), expressionOf(right)))
  })
}

/** A product, which is a power where both are the same: u sqrt(u) is u^1.5. */
function multipliedForm(left: AffineForm, right: AffineForm): AffineForm {
  if (left.terms.length === 0) return mapped(right, left.constant)
  return right.terms.length === 0 ? mapped(left, right.constant) : multiplied([left, right])
}

/** The value of a node of numbers. */
function folded(node: Expression, parts: readonly AffineForm[]): AffineForm {
  const numbers = parts.map(({ constant }) => number(constant))
  return constantForm(compile(withChildren(node, numbers), [])([]))
}

/** p where f is u^p. */
export function exponentOf(f: Expression): number | undefined {
  if (f.kind === 'variable') return 1
  if (f.kind !== 'power' || f.left.kind !== 'variable') return undefined
  return f.right.kind === 'number' ? f.right.value : undefined
}
