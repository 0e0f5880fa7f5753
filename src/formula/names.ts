import { aliases, constants, functionNames } from './functions.ts'

/** What a name may look like without quotes: letters of any script with their accents, digits, subscript digits and underscores. */
export const NAME = /[\p{L}_][\p{L}\p{M}_0-9₀-₉]*/uy

/** A name as the tree has it: subscript digits are digits (x₁ is x1), and letters have one form (µ is μ). */
export function canonicalName(name: string): string {
  return name.normalize('NFKC')
}

/** Every name that has a meaning of its own, as formulas write it. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...functionNames,
  ...aliases.keys(),
  ...Object.keys(constants),
  'π',
  'pow',
])

/** The reserved name that this one would be in another case (PI, Sin), or undefined. `E` is free: it is an energy. */
export function reservedInOtherCase(name: string): string | undefined {
  const lower = name.toLowerCase()
  return name.length > 1 && lower !== name && reservedNames.has(lower) ? lower : undefined
}

/** Whether the parser reads the bare name back as the variable of that name; others need backticks. */
export function isPlainName(name: string): boolean {
  NAME.lastIndex = 0
  return (
    NAME.exec(name)?.[0] === name &&
    canonicalName(name) === name &&
    !reservedNames.has(name) &&
    reservedInOtherCase(name) === undefined
  )
}

/** Adjacent swaps, insertions, deletions and replacements, without regard to case (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()]
  let twoAbove: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      let least = Math.min(above[j - 1]! + (same ? 0 : 1), above[j]! + 1, row[j - 1]! + 1)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) least = Math.min(least, twoAbove[j - 2]! + 1)
      row.push(least)
    }
    twoAbove = above
    above = row
  }
  return above[to.length]!
}

/** The candidate most like `name`, where one is alike: at most a third of its letters differ, or one. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.slice(0, 40)
  let nearest: string | undefined
  let least = Infinity
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.slice(0, 40))
    const longer = Math.max(wanted.length, candidate.length)
    if (distance < least && distance <= Math.max(1, longer / 3) && distance < longer) {
      nearest = candidate
      least = distance
    }
  }
  return nearest
}

/** A name as messages show it: cut to 40 characters. */
export function shown(name: string): string {
  return name.length > 40 ? `${name.slice(0, 37)}...` : name
}

/** ` Did you mean 'sin'?`, or nothing when no candidate is like the name. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? '' : ` Did you mean '${shown(nearest)}'?`
}

/** Names in a message: the first ten, and how many more. */
export function listed(names: readonly string[]): string {
  const first = names.slice(0, 10).map(shown).join(', ')
  return names.length > 10 ? `${first} and ${names.length - 10} more` : first
}
