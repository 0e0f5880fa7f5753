import { greekLetters, greekNames } from './greek.ts'

/** The parts of a name as it is set on paper. */
export interface NameParts {
  /** A letter, a Greek letter by its English name, or any text. */
  readonly base: string
  readonly kind: 'letter' | 'greek' | 'word'
  /** What stands below: the 1 of x1 and x_1, the sun of m_sun. Empty where there is nothing. */
  readonly index: string
}

/** Takes a name apart: x1 is x with 1 below, theta_0 and θ0 are θ with 0 below, m_sun is m with sun below. */
export function nameParts(name: string): NameParts {
  const match = /^(\p{L}+)(?:_(\p{L}+|\d+)|(\d+))?$/u.exec(name)
  const base = match?.[1] ?? name
  const index = match?.[2] ?? match?.[3] ?? ''
  // Only the constant is π.
  if (name === 'pi' || name === 'π') return { base: 'pi', kind: 'word', index: '' }
  if (greekLetters.has(base)) return { base, kind: 'greek', index }
  const greek = greekNames.get(base)
  if (greek !== undefined) return { base: greek, kind: 'greek', index }
  return { base, kind: /^[A-Za-z]$/.test(base) ? 'letter' : 'word', index }
}
