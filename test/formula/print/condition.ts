import { compile, constants, fold, functions, parse } from '../../../src/formula/index.ts'
import type { BinaryNode, CompiledFormula, Expression, FunctionName } from '../../../src/formula/index.ts'

/** A value, and how much it errs when everything that led to it is rounded by at most one unit. */
interface Rounded {
  readonly value: number
  /** The error, in units of the relative rounding. */
  readonly error: number
}

/**
 * How much of the relative rounding of every operation arrives at the result: a forward bound. Each variable, number and
 * operation errs by its own size, times the slope of what follows:
 *
 *     error(x) = |x|,  error(f(u, v)) = |df/du| error(u) + |df/dv| error(v) + |f(u, v)|
 *
 * The condition number is error / |value|. `unit` says how far roundings may carry an argument: where it could cross a jump of
 * the function, or leave its domain, the error is Infinity.
 */
export function rounding(expression: Expression, values: ReadonlyMap<string, number>, unit: number): Rounded {
  return fold<Rounded>(expression, (node, parts) => {
    if (node.kind === 'number') return exact(node.value)
    if (node.kind === 'constant') return exact(constants[node.name])
    if (node.kind === 'variable') return exact(values.get(node.name)!)
    const u = parts[0]!
    const v = parts[1] ?? u
    if (node.kind === 'negate') return { value: -u.value, error: u.error }
    if (node.kind === 'call') return called(node.name, u, v, unit)
    return operated(node, u, v, unit)
  })
}

function exact(value: number): Rounded {
  return { value, error: Math.abs(value) }
}

function operated({ kind, right }: BinaryNode, u: Rounded, v: Rounded, unit: number): Rounded {
  if (kind === 'add' || kind === 'subtract') {
    const value = kind === 'add' ? u.value + v.value : u.value - v.value
    return { value, error: u.error + v.error + Math.abs(value) }
  }
  if (kind === 'multiply') {
    const value = u.value * v.value
    return { value, error: Math.abs(v.value) * u.error + Math.abs(u.value) * v.error + Math.abs(value) }
  }
  if (kind === 'divide') {
    const value = u.value / v.value
    if (v.error * unit >= Math.abs(v.value)) return { value, error: Infinity }
    return { value, error: (u.error + Math.abs(value) * v.error) / Math.abs(v.value) + Math.abs(value) }
  }
  const value = v.value === 2 ? u.value * u.value : u.value ** v.value
  const constantExponent = right.kind === 'number' && Number.isInteger(right.value)
  if (!constantExponent && u.value - u.error * unit <= 0) return { value, error: Infinity }
  const byBase = Math.abs(v.value * u.value ** (v.value - 1)) * u.error
  const byExponent = constantExponent ? 0 : Math.abs(value * Math.log(u.value)) * v.error
  return { value, error: byBase + byExponent + Math.abs(value) }
}

const slopes = new Map<FunctionName, readonly CompiledFormula[]>()

function called(name: FunctionName, u: Rounded, v: Rounded, unit: number): Rounded {
  const { value: evaluate, derivatives } = functions[name]
  let compiled = slopes.get(name)
  if (compiled === undefined) {
    compiled = derivatives.map(text => compile(parse(text, { variables: ['u', 'v'] }), ['u', 'v']))
    slopes.set(name, compiled)
  }
  const value = evaluate(u.value, v.value)
  const args = [u, v].slice(0, derivatives.length)
  // A change of the arguments within the roundings may not change the value by more than the slopes say, twice.
  let error = Math.abs(value)
  for (const [i, argument] of args.entries())
    error += Math.abs(compiled[i]!([u.value, v.value])) * argument.error
  for (const sign of [-1, 1]) {
    const moved = evaluate(u.value + sign * unit * u.error, v.value + sign * unit * v.error)
    const other = evaluate(u.value + sign * unit * u.error, v.value - sign * unit * v.error)
    for (const each of [moved, other])
      if (!(Math.abs(each - value) <= 2 * unit * error)) return { value, error: Infinity }
  }
  return { value, error }
}

/** The value of a node, given those of its children and of the variables. */
export function valueOf(
  node: Expression,
  u: number,
  v: number,
  variables: ReadonlyMap<string, number>,
): number {
  if (node.kind === 'number') return node.value
  if (node.kind === 'constant') return constants[node.name]
  if (node.kind === 'variable') return variables.get(node.name)!
  if (node.kind === 'negate') return -u
  if (node.kind === 'call') return functions[node.name].value(u, v)
  if (node.kind === 'add') return u + v
  if (node.kind === 'subtract') return u - v
  if (node.kind === 'multiply') return u * v
  return node.kind === 'divide' ? u / v : u ** v
}
