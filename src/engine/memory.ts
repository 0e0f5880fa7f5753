import type { OptimizerPlan } from './engine.ts'

/** Pairs of steps and gradient changes that L-BFGS keeps (torch's and pykan's default is 10, pykan's fit uses it). */
export const LBFGS_HISTORY = 10

/** So many iterations in a row that are level within rounding, and L-BFGS has stalled. */
export const LBFGS_LEVEL = 10

/** Length of an array that an optimizer remembers of a model with `parameters` parameters. */
type Length = (parameters: number) => number

const one: Length = () => 1
const each: Length = parameters => parameters
const pairs: Length = parameters => LBFGS_HISTORY * parameters
const history: Length = () => LBFGS_HISTORY

/**
 * What each optimizer remembers of a model, by name. L-BFGS: the steps s = p' - p and changes y = g' - g of its last iterations as
 * rings [history][parameters], their products s.y [history], and s.y / y.y of the last one (`scale`); `count` of them are filled
 * (-1: nothing was evaluated yet) and `newest` is the last; gradient and loss where the model stands;
 * `level` counts the last iterations that did not lower the loss.
 */
const MEMORY: Record<OptimizerPlan['kind'], Record<string, Length>> = {
  adam: { first: each, second: each },
  lm: { damping: one, growth: one },
  lbfgs: {
    steps: pairs,
    changes: pairs,
    products: history,
    scale: one,
    count: one,
    newest: one,
    gradient: each,
    loss: one,
    level: one,
  },
}

/** Names and lengths of the arrays that an optimizer remembers of one model with so many parameters. */
export function memoryLengths(
  kind: OptimizerPlan['kind'],
  parameters: number,
): [name: string, length: number][] {
  return Object.entries(MEMORY[kind]).map(([name, length]) => [name, length(parameters)])
}

/** Whether a text names an optimizer. */
export function isOptimizer(kind: unknown): kind is OptimizerPlan['kind'] {
  return typeof kind === 'string' && Object.hasOwn(MEMORY, kind)
}
