import { DataError } from '../errors.ts'
import { quote } from './quote.ts'

/**
 * Optimal string alignment, without regard to case: the insertions, deletions, replacements and exchanges of neighbours that
 * turn a into b (Levenshtein's distance counts an exchange, the typist's commonest slip, as two).
 */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()]
  let beforeAbove: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = above[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      const exchanged =
        i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
          ? beforeAbove[j - 2]! + 1
          : Infinity
      row.push(Math.min(replaced, exchanged, above[j]! + 1, row[j - 1]! + 1))
    }
    beforeAbove = above
    above = row
  }
  return above[to.length]!
}

/** Longer names are compared by their beginnings, so that a mistaken file cannot make the search slow. */
const COMPARED_CHARACTERS = 100

/** Names in a message: the first ten, and how many more. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(quote).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}

/** The name most like `name`, for a "Did you mean"; undefined where none differs in less than about a third of its letters. */
export function nearestName(names: readonly string[], name: string): string | undefined {
  const wanted = name.slice(0, COMPARED_CHARACTERS)
  let nearest: string | undefined
  let least = Infinity
  for (const candidate of names) {
    const distance = editDistance(candidate.slice(0, COMPARED_CHARACTERS), wanted)
    const shorter = Math.min(candidate.length, wanted.length)
    const unlike =
      distance > Math.max(1, shorter / 3) || distance === Math.max(candidate.length, wanted.length)
    if (unlike || distance >= least) continue
    nearest = candidate
    least = distance
  }
  return nearest
}

/** The index of `name` among a table's column names. Throws DataError with the nearest name and the names there are. */
export function findName(names: readonly string[], name: string, table: string, role: string): number {
  const found = names.indexOf(name)
  if (found >= 0) return found
  const nearest = nearestName(names, name)
  throw new DataError(
    `${table}: there is no ${role} ${quote(name)}.` +
      (nearest === undefined ? '' : ` Did you mean ${quote(nearest)}?`) +
      ` The columns are ${listed(names)}.`,
  )
}
