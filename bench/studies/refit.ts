/** The constants of a formula fitted to rows, apart from the library's own fit, to judge a form by. */
import { derive, evaluateRows, fold, variable, variables, withChildren } from 'webkan/formula'
import type { Expression } from 'webkan/formula'

const STEPS = 200

/**
 * The least root mean square of f - y near the constants that the formula has, by Levenberg and Marquardt's method with exact
 * derivatives. Whole exponents stay.
 */
export function refitted(
  expression: Expression,
  names: readonly string[],
  x: Float64Array,
  y: Float64Array,
): number {
  const start: number[] = []
  const held = new Set<Expression>()
  fold<undefined>(expression, node => {
    if (node.kind === 'power' && node.right.kind === 'number' && Number.isInteger(node.right.value))
      held.add(node.right)
    return undefined
  })
  const free = fold<Expression>(expression, (node, parts) => {
    if (node.kind === 'number' && !held.has(node)) return variable(`c_${start.push(node.value)}`)
    if (node.kind === 'constant') return variable(`c_${start.push(evaluateRows(node, [], [], 1)[0]!)}`)
    return parts.length === 0 ? node : withChildren(node, parts)
  })
  const own = variables(free).filter(name => /^c_\d+$/.test(name))
  const slopes = own.map(name => derive(free, name))
  const rows = y.length
  const values = (formula: Expression, c: readonly number[]): Float64Array => {
    const all = [...names, ...c.map((_, k) => `c_${k + 1}`)]
    const width = all.length
    const table = new Float64Array(rows * width)
    for (let r = 0; r < rows; r++) {
      table.set(x.subarray(r * names.length, (r + 1) * names.length), r * width)
      table.set(c, r * width + names.length)
    }
    return evaluateRows(formula, all, table, rows)
  }
  const squaresOf = (errors: Float64Array): number => errors.reduce((sum, e) => sum + e * e, 0)
  const errorsAt = (c: readonly number[]): Float64Array => values(free, c).map((value, r) => value - y[r]!)
  let [c, damping] = [start, 1e-3]
  let errors = errorsAt(c)
  let squares = squaresOf(errors)
  for (let step = 0; step < STEPS && damping < 1e12; step++) {
    const columns = slopes.map(slope => values(slope, c))
    const normal = columns.map(a => columns.map(b => dot(a, b)))
    const right = columns.map(a => -dot(a, errors))
    for (; damping < 1e12; damping *= 4) {
      const move = solved(
        normal.map((line, k) => line.with(k, line[k]! * (1 + damping) + 1e-300)),
        right,
      )
      const next = c.map((value, k) => value + (move[own.indexOf(`c_${k + 1}`)] ?? 0))
      const tried = errorsAt(next)
      const less = squaresOf(tried)
      if (!(less < squares)) continue
      ;[c, errors, squares, damping] = [next, tried, less, damping / 9]
      break
    }
  }
  return Math.sqrt(squares / rows)
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, r) => sum + value * b[r]!, 0)
}

/** Gauss's elimination with pivots. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const lines = matrix.map((line, k) => [...line, right[k]!])
  const n = right.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let r = k + 1; r < n; r++) if (Math.abs(lines[r]![k]!) > Math.abs(lines[pivot]![k]!)) pivot = r
    ;[lines[k], lines[pivot]] = [lines[pivot]!, lines[k]!]
    for (let r = 0; r < n; r++) {
      if (r === k) continue
      const share = lines[r]![k]! / lines[k]![k]!
      for (let j = k; j <= n; j++) lines[r]![j]! -= share * lines[k]![j]!
    }
  }
  return lines.map((line, k) => line[n]! / line[k]!)
}
