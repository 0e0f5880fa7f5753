import type { Plan, Rows } from './engine.ts'

/** How many sets of training and of validation rows a session has: one for all models, or one for each. */
export function rowSets({ ownRows, models }: Pick<Plan, 'ownRows' | 'models'>): number {
  return ownRows === true ? models : 1
}

/** The rows of a set that model m sees: views of its part, or the set itself where all models share it. */
export function rowsOf(plan: Pick<Plan, 'ownRows' | 'models'>, set: Rows, m: number): Rows {
  const sets = rowSets(plan)
  if (sets === 1) return set
  const part = (values: Float64Array): Float64Array => {
    const size = values.length / sets
    return values.subarray(m * size, (m + 1) * size)
  }
  return { x: part(set.x), y: part(set.y), weights: part(set.weights) }
}
