import type { Coefficient } from './coefficient.ts'
import { is, isExact, plus } from './coefficient.ts'
import { compareTerms, keyOf, valueOfNumbers, variablePart } from './form.ts'
import type { Factor, Sum, Term } from './form.ts'

/**
 * The terms as a sum: like ones added up, those that are 0 left out, in order. Terms that differ by pi or a root stay apart
 * where all their numbers are exact (pi x + 2 x); where one is not, they become one term with one number. `termOf` makes a
 * term.
 */
export function collected(
  terms: readonly Term[],
  termOf: (coefficient: Coefficient, factors: readonly Factor[]) => Term,
): Sum {
  const total: Term[] = []
  for (const group of grouped(terms, term => keyOf(variablePart(term)))) {
    const [first] = group
    if (group.length === 1) total.push(first!)
    else if (group.some(term => !isExact(term.coefficient)))
      total.push(termOf(group.map(valueOfNumbers).reduce(plus), variablePart(first!)))
    else
      for (const same of grouped(group, term => term.key)) {
        const coefficient = same.map(term => term.coefficient).reduce(plus)
        total.push({ ...same[0]!, coefficient })
      }
  }
  return total.filter(term => !is(term.coefficient, 0)).sort(compareTerms)
}

/** The terms by key, in the order in which the keys come. */
function grouped(terms: readonly Term[], keyOf: (term: Term) => string): Iterable<Term[]> {
  const groups = new Map<string, Term[]>()
  for (const term of terms) {
    const key = keyOf(term)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [term])
    else group.push(term)
  }
  return groups.values()
}
