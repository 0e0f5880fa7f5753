import type { Plan } from './engine.ts'

/** How many sets of training and of validation rows a session has: one for all models, or one for each. */
export function rowSets({ ownRows, models }: Pick<Plan, 'ownRows' | 'models'>): number {
  return ownRows === true ? models : 1
}
