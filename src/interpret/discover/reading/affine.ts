import { call, multiply, number, power } from '../../../formula/index.ts'
import { product, quotient, sum } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'

/** One term of an affine form: coef * body. */
export interface Term {
  readonly coef: number
  readonly body: Expression
}

/**
 * constant + sum of coef * body: what a node of a network says when its edges are known functions. The affine maps of edges,
 * nodes and columns go into these numbers, so that the composed formula has no more constants than it needs: a search that
 * fits them then has no directions that change nothing.
 */
export interface AffineForm {
  readonly constant: number
  readonly terms: readonly Term[]
}

/** The number `constant`. */
export function constantForm(constant: number): AffineForm {
  return { constant, terms: [] }
}

/** 1 * body. */
export function formOf(body: Expression): AffineForm {
  return { constant: 0, terms: [{ coef: 1, body }] }
}

/** scale * form + shift. Terms that are multiplied by 0 go. */
export function mapped(form: AffineForm, scale: number, shift = 0): AffineForm {
  const terms = form.terms.map(({ coef, body }) => ({ coef: coef * scale, body }))
  return { constant: form.constant * scale + shift, terms: terms.filter(({ coef }) => coef !== 0) }
}

/** The sum of the forms. */
export function summed(forms: readonly AffineForm[]): AffineForm {
  return {
    constant: forms.reduce((total, form) => total + form.constant, 0),
    terms: forms.flatMap(form => form.terms),
  }
}

/** The form as an expression. */
export function expressionOf({ constant, terms }: AffineForm): Expression {
  let total: Expression | undefined
  for (const { coef, body } of terms) {
    const term = termOf(coef, body)
    total = total === undefined ? term : sum(total, term)
  }
  if (total === undefined) return number(constant)
  return constant === 0 ? total : sum(total, number(constant))
}

/** coef * body; a quotient keeps its form: 2 * (1 / x) is 2 / x. */
function termOf(coef: number, body: Expression): Expression {
  return product(number(coef), body)
}

/**
 * The form divided by its first coefficient's size, and that size: what functions that turn a factor of their argument into a
 * factor or a summand of their value take out of it. A constant alone is divided by its size.
 */
function normalised(form: AffineForm): { readonly size: number; readonly rest: AffineForm } {
  const size = Math.abs(form.terms[0]?.coef ?? form.constant)
  return size === 0 || !Number.isFinite(size)
    ? { size: 1, rest: form }
    : { size, rest: mapped(form, 1 / size) }
}

/** form^exponent, with the size of its first coefficient taken out. Precondition: the form is positive where that matters. */
export function raisedForm(form: AffineForm, exponent: number): AffineForm {
  if (exponent === 0) return constantForm(1)
  if (exponent === 1) return form
  const { size, rest } = normalised(form)
  const only = rest.terms[0]
  if (only === undefined) return constantForm(Math.sign(form.constant) ** exponent * size ** exponent)
  const whole = Number.isInteger(exponent)
  // (-x)^2 is x^2, and (-x)^3 is -(x^3).
  const negative = rest.terms.length === 1 && rest.constant === 0 && only.coef < 0 && whole
  const sign = negative && exponent % 2 !== 0 ? -1 : 1
  const base = expressionOf(negative ? mapped(rest, -1) : rest)
  return { constant: 0, terms: [{ coef: sign * size ** exponent, body: raisedBody(base, exponent) }] }
}

/**
 * base^exponent. A power of a power is one power where the base is a power of a variable, and that of a product the product of
 * powers, as if all were positive: where they are not, it has no value, and the search drops it.
 */
function raisedBody(base: Expression, exponent: number): Expression {
  if (base.kind === 'multiply')
    return joined(raisedBody(base.left, exponent), raisedBody(base.right, exponent))
  if (base.kind === 'divide' && base.left.kind !== 'number')
    return quotient(raisedBody(base.left, exponent), raisedBody(base.right, exponent))
  if (base.kind === 'power' && base.right.kind === 'number' && base.left.kind === 'variable')
    return raisedBody(base.left, base.right.value * exponent)
  if (exponent === 0.5) return call('sqrt', base)
  if (exponent === -1) return quotient(number(1), base)
  if (exponent === -0.5) return quotient(number(1), call('sqrt', base))
  return exponent === 1 ? base : power(base, number(exponent))
}

/** log(form), with the size of its first coefficient as a summand. */
export function logForm(form: AffineForm): AffineForm {
  const { size, rest } = normalised(form)
  return { constant: Math.log(size), terms: [{ coef: 1, body: call('log', expressionOf(rest)) }] }
}

/** exp(form) as a product: summands c log(g) become powers g^c, and the constant a factor. */
export function expForm(form: AffineForm): AffineForm {
  const others: Term[] = []
  let body: Expression | undefined
  const join = (factor: Expression): void => {
    body = body === undefined ? factor : product(body, factor)
  }
  for (const term of form.terms)
    if (term.body.kind === 'call' && term.body.name === 'log') {
      const inner = term.body.arguments[0]!
      if (term.coef < 0 && body !== undefined) {
        const below = raisedBody(inner, -term.coef)
        body = quotient(body, below)
      } else join(raisedBody(inner, term.coef))
    } else others.push(term)
  if (others.length > 0) join(call('exp', expressionOf({ constant: 0, terms: others })))
  return body === undefined
    ? constantForm(Math.exp(form.constant))
    : { constant: 0, terms: [{ coef: Math.exp(form.constant), body }] }
}

/** The product of the forms, with the sizes of their first coefficients in one number before it. */
export function multiplied(forms: readonly AffineForm[]): AffineForm {
  let coef = 1
  let body: Expression | undefined
  for (const form of forms) {
    const only = form.terms[0]
    if (only === undefined) {
      coef *= form.constant
      continue
    }
    const { size, rest } = normalised(form)
    const single = rest.terms.length === 1 && rest.constant === 0
    coef *= single ? size * Math.sign(only.coef) : size
    const factor = single ? only.body : expressionOf(rest)
    body = body === undefined ? factor : joined(body, factor)
  }
  return body === undefined || coef === 0
    ? constantForm(body === undefined ? coef : 0)
    : { constant: 0, terms: [{ coef, body }] }
}

/** a b; 1/b becomes a divisor. */
function joined(a: Expression, b: Expression): Expression {
  if (b.kind === 'divide' && b.left.kind === 'number' && b.left.value === 1) return quotient(a, b.right)
  if (a.kind === 'divide' && a.left.kind === 'number' && a.left.value === 1) return quotient(b, a.right)
  return multiply(a, b)
}
