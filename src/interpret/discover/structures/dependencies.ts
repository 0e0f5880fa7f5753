import { column } from '../../../model/forward.ts'
import { dot } from '../reading/regression.ts'
import type { TargetRows } from '../rows.ts'

/** What is left of a column, as a share of it, below which the others say it: roundings are 1e-16 for each of them. */
const NOTHING = 1e-9

/** A column without its mean and what earlier ones say of it, with how it is made of columns: [columns of the table]. */
interface Direction {
  readonly values: Float64Array
  readonly made: Float64Array
}

/**
 * The columns among these that are c + sum of coef * an earlier one: each with the earlier ones in it before it, by Gram and
 * Schmidt's method, whose directions remember what they are made of.
 */
export function dependencies({ names, x }: TargetRows, columns: readonly number[]): number[][] {
  const inputs = names.length
  const found: number[][] = []
  const basis: Direction[] = []
  for (const i of columns) {
    const { values, made } = without(basis, column(x, inputs, i), i, inputs)
    if (values.some(value => value !== 0)) {
      basis.push({ values, made })
      continue
    }
    const largest = made.reduce((most, coef) => Math.max(most, Math.abs(coef)), 0)
    found.push(columns.filter(k => k !== i && Math.abs(made[k]!) > NOTHING * largest).concat(i))
  }
  return found
}

/** What each of these columns adds to the target, where it is 1: a regression on them and the others, which are lines. */
export function effects(
  { names, x, y }: TargetRows,
  others: readonly number[],
  levels: readonly number[],
): number[] {
  const inputs = names.length
  const basis: Direction[] = []
  // The last level is what the other ones and the mean say: it has 0.
  for (const i of [...others, ...levels]) {
    const next = without(basis, column(x, inputs, i), i, inputs)
    if (next.values.some(value => value !== 0)) basis.push(next)
  }
  const coefs = new Float64Array(inputs)
  for (const { values, made } of basis) {
    const share = dot(values, y)
    for (let k = 0; k < inputs; k++) coefs[k] = coefs[k]! + share * made[k]!
  }
  return levels.map(i => coefs[i]!)
}

/** The rest of a column that the directions do not say, of length 1; all 0 where there is none. */
function without(basis: readonly Direction[], own: Float64Array, i: number, inputs: number): Direction {
  const mean = own.reduce((sum, value) => sum + value, 0) / own.length
  const values = own.map(value => value - mean)
  const made = new Float64Array(inputs)
  made[i] = 1
  const length = Math.sqrt(dot(values, values))
  // Twice, as one pass leaves roundings of what it takes away.
  for (let pass = 0; pass < 2; pass++)
    for (const direction of basis) {
      const share = dot(values, direction.values)
      for (let r = 0; r < values.length; r++) values[r] = values[r]! - share * direction.values[r]!
      for (let k = 0; k < inputs; k++) made[k] = made[k]! - share * direction.made[k]!
    }
  const left = Math.sqrt(dot(values, values))
  if (!(left > NOTHING * length)) return { values: values.fill(0), made }
  return { values: values.map(value => value / left), made: made.map(value => value / left) }
}
