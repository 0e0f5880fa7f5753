import { constants, functions } from '../functions.ts'
import type { FunctionName } from '../functions.ts'
import { fold } from '../tree.ts'
import type { Expression } from '../tree.ts'

/** The least and the greatest value: low <= high, infinite where nothing is known. */
export type Bounds = readonly [low: number, high: number]

const unknown: Bounds = [-Infinity, Infinity]

/** Functions that never fall. */
const rising: ReadonlySet<string> = new Set(
  'asin atan sinh tanh asinh acosh atanh exp log log10 log2 sqrt cbrt sign floor ceil sigmoid relu erf min max'.split(
    ' ',
  ),
)

/** What functions never leave. */
const ranges: Readonly<Partial<Record<FunctionName, Bounds>>> = {
  sin: [-1, 1],
  cos: [-1, 1],
  acos: [0, Math.PI],
  cosh: [1, Infinity],
  abs: [0, Infinity],
  gaussian: [0, 1],
  silu: [-0.28, Infinity],
  besselj0: [-0.41, 1],
  besselj1: [-0.6, 0.6],
  atan2: [-Math.PI, Math.PI],
  sqrt: [0, Infinity],
  relu: [0, Infinity],
  exp: [0, Infinity],
  acosh: [0, Infinity],
  sigmoid: [0, 1],
}

/**
 * Bounds of the values that a formula takes where its variables lie between those given (anywhere, for those not named), by
 * interval arithmetic (Moore, "Interval Analysis", 1966): true, but wider than need be where a variable occurs twice. Values
 * that do not exist are left out.
 */
export function boundsOf(expression: Expression, variables: ReadonlyMap<string, Bounds>): Bounds {
  return fold<Bounds>(expression, (node, [u = unknown, v = unknown]) => {
    if (node.kind === 'number') return [node.value, node.value]
    if (node.kind === 'constant') return [constants[node.name], constants[node.name]]
    if (node.kind === 'variable') return variables.get(node.name) ?? unknown
    if (node.kind === 'negate') return [-u[1], -u[0]]
    if (node.kind === 'call') return ofCall(node.name, u, v)
    if (node.kind === 'add') return known(u[0] + v[0], u[1] + v[1])
    if (node.kind === 'subtract') return known(u[0] - v[1], u[1] - v[0])
    if (node.kind === 'multiply') return hull(u, v, (a, b) => (a === 0 || b === 0 ? 0 : a * b))
    if (node.kind === 'divide')
      return v[0] < 0 && v[1] > 0 ? unknown : hull(u, inverted(v), (a, b) => (a === 0 || b === 0 ? 0 : a * b))
    return ofPower(u, v)
  })
}

function ofCall(name: FunctionName, u: Bounds, v: Bounds): Bounds {
  const [least, most] = ranges[name] ?? unknown
  if (name === 'abs') return [Math.max(0, u[0], -u[1]), Math.max(-u[0], u[1])]
  if (!rising.has(name)) return [least, most]
  const { value } = functions[name]
  const [low, high] = [value(u[0], v[0]), value(u[1], v[1])]
  return [Number.isNaN(low) ? least : low, Number.isNaN(high) ? most : high]
}

function ofPower(u: Bounds, v: Bounds): Bounds {
  const n = v[0]
  if (n !== v[1]) return u[0] >= 0 ? [0, Infinity] : unknown
  if (Number.isInteger(n) && u[0] < 0) {
    if (n % 2 !== 0) return n > 0 ? [u[0] ** n, u[1] ** n] : unknown
    return u[1] <= 0 ? ofPower([-u[1], -u[0]], v) : [0, n > 0 ? Math.max(u[0] ** n, u[1] ** n) : Infinity]
  }
  const [a, b] = [Math.max(0, u[0]) ** n, Math.max(0, u[1]) ** n]
  return known(Math.min(a, b), Math.max(a, b))
}

/** 1 / v where 0 is not inside. */
function inverted([low, high]: Bounds): Bounds {
  return [high === 0 ? -Infinity : 1 / high, low === 0 ? Infinity : 1 / low]
}

function hull(u: Bounds, v: Bounds, operation: (a: number, b: number) => number): Bounds {
  const corners = [operation(u[0], v[0]), operation(u[0], v[1]), operation(u[1], v[0]), operation(u[1], v[1])]
  return known(Math.min(...corners), Math.max(...corners))
}

function known(low: number, high: number): Bounds {
  return [Number.isNaN(low) ? -Infinity : low, Number.isNaN(high) ? Infinity : high]
}
