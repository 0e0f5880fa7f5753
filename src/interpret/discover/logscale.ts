import { DataError } from '../../errors.ts'
import { quote } from '../../data/quote.ts'
import { call, normalise, number, power, substitute, variable } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { resolveLog } from '../../model/scalingchoice.ts'
import type { LogChoice } from '../../model/scalingchoice.ts'
import type { KnownCurve } from './reading/compose.ts'
import { expForm } from './reading/affine.ts'
import type { TargetRows } from './rows.ts'
import { targetTransforms } from './structures/targets.ts'
import type { TargetTransform } from './structures/targets.ts'

/** Which columns a search looks at the logarithms of: one entry an input, and the target. */
export interface LogScales {
  readonly inputs: readonly boolean[]
  readonly output: boolean
}

/** What the option `log` of discover chooses, of so many inputs. Throws ConfigError. */
export function resolveLogScales(chosen: LogChoice = {}, inputs: number): LogScales {
  const text = { name: 'log', example: 'discover(samples, { log: { inputs: [0, 2], output: true } })' }
  const { inputs: columns, outputs } = resolveLog(chosen, text, { inputs, outputs: 1 })
  return {
    inputs: Array.from({ length: inputs }, (_, i) => columns.includes(i)),
    output: outputs.length > 0,
  }
}

/**
 * Throws DataError for the first value without a logarithm in a column on a logarithmic scale; rows of weight 0 may hold
 * any. `name` is what the samples are called.
 */
export function checkLogarithms(
  { names, x, y, rows }: TargetRows,
  weights: Float64Array,
  { inputs, output }: LogScales,
  name: string,
): void {
  const columns = names.length
  const refuse = (what: string, r: number, value: number): never => {
    throw new DataError(
      `${name}${what}, row ${r + 1}, is ${value}, which has no logarithm, and the column is on a logarithmic scale; leave such rows ` +
        `out, or the column out of log.`,
    )
  }
  for (let r = 0; r < rows; r++) {
    if (weights[r] === 0) continue
    if (output && !(y[r]! > 0)) refuse('y', r, y[r]!)
    for (let i = 0; i < columns; i++) {
      const value = x[r * columns + i]!
      if (inputs[i] === true && !(value > 0)) refuse(`x, column ${quote(names[i]!)}`, r, value)
    }
  }
}

/**
 * The formula as it is on the chosen scales, which says what it costs there: of columns on a logarithmic scale x stands for log(x), and
 * the logarithm of the formula for it where the target is on one. A power law is a line, and sqrt(x) exp(x/2).
 */
export function onScales(
  expression: Expression,
  names: readonly string[],
  { inputs, output }: LogScales,
): Expression {
  if (!output && !inputs.includes(true)) return expression
  const powers = names.filter((_, i) => inputs[i]).map(name => [name, call('exp', variable(name))] as const)
  const own = substitute(expression, new Map(powers))
  return normalise(output ? call('log', own) : own)
}

/** A transform of log y, of a target on a logarithmic scale: that of log y itself is the transform 'log y'. */
export function ofLogarithm(inner: TargetTransform): TargetTransform {
  const { name, fits, forward, inverse, undo, edge } = inner
  return {
    name: name === 'y' ? 'log y' : `${name}, y the logarithm`,
    fits: y => fits(Array.from(y, Math.log)),
    forward: y => forward(Math.log(y)),
    inverse: t => Math.exp(inverse(t)),
    undo: form => expForm(undo(form)),
    edge,
    ofLog: inner,
  }
}

/** The target itself, as a search looks at it. */
export function plainTarget({ output }: LogScales): TargetTransform {
  const own = targetTransforms[0]!
  return output ? ofLogarithm(own) : own
}

/**
 * c f(a log u + b) + d, of a known function of log u: as a function of u. Those that are lines and powers are written so, which
 * other edges need to see.
 */
export function ofLogColumn(
  name: string,
  curve: KnownCurve,
): { readonly name: string; readonly curve: KnownCurve } {
  const u = variable('u')
  const first = curve[0]
  if (first !== undefined && curve.length === 1) {
    const { a, b, c, d } = first
    if (name === 'x')
      return { name: 'log', curve: [{ expression: call('log', u), a: 1, b: 0, c: c * a, d: c * b + d }] }
    if (name === 'exp')
      return { name: 'x^p', curve: [{ expression: power(u, number(a)), a: 1, b: 0, c: c * Math.exp(b), d }] }
  }
  return { name, curve: [{ expression: call('log', u), a: 1, b: 0, c: 1, d: 0 }, ...curve] }
}
