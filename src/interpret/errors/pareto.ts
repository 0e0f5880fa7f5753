/** What a list of alternatives is judged by: both are better when they are smaller. */
export interface Alternative {
  readonly complexity: number
  readonly error: number
}

/**
 * Those that no other one beats in both complexity and error, the simplest first: errors fall from one to the next. Of equals the
 * first stays; errors that are not finite never do.
 */
export function paretoFront<T>(alternatives: readonly T[], judge: (alternative: T) => Alternative): T[] {
  const judged = alternatives
    .map(alternative => ({ alternative, ...judge(alternative) }))
    .filter(({ error }) => Number.isFinite(error))
    .sort((p, q) => p.complexity - q.complexity || p.error - q.error)
  let least = Infinity
  return judged
    .filter(({ error }) => {
      if (!(error < least)) return false
      least = error
      return true
    })
    .map(({ alternative }) => alternative)
}
