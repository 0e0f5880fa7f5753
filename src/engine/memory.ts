import type { OptimizerPlan } from './engine.ts'

/** What each optimizer remembers of a model, by name: one number for each parameter, or one. */
const MEMORY: Record<OptimizerPlan['kind'], Record<string, 'each parameter' | 'one'>> = {
  adam: { first: 'each parameter', second: 'each parameter' },
  lm: { damping: 'one', growth: 'one' },
}

/** Names and lengths of the arrays that an optimizer remembers of one model with so many parameters. */
export function memoryLengths(
  kind: OptimizerPlan['kind'],
  parameters: number,
): [name: string, length: number][] {
  return Object.entries(MEMORY[kind]).map(([name, of]) => [name, of === 'one' ? 1 : parameters])
}

/** Whether a text names an optimizer. */
export function isOptimizer(kind: unknown): kind is OptimizerPlan['kind'] {
  return typeof kind === 'string' && Object.hasOwn(MEMORY, kind)
}
