import { complexity, toText } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { withMapsTurned } from '../../constants/levelmaps.ts'
import type { Levels } from '../../constants/levels.ts'
import { acceptance } from './acceptance.ts'
import type { Trial } from './acceptance.ts'

/** What changing sides costs beside the complexity: as much as a digit less, which numbers have by chance. */
const TURN = 1

/**
 * Writes the affine maps of levels of texts in the way that has the plainest numbers. The same map can be said in four: 8.31 (1 +
 * u) n and (8.31 + 8.31 u) n, and both below the fraction's line, n/(1 + u) for (1 - u/2) n. Each is written as a person would
 * (snap); the least complex that the rows do not object to is taken, of equal ones the first of these.
 */
export function plainLevels(
  expression: Expression,
  levels: Levels,
  trial: Omit<Trial, 'polish'>,
): Expression {
  if (levels.size === 0) return expression
  const turned = withMapsTurned(expression, levels)
  if (toText(turned) === toText(expression)) return expression
  const accepts = acceptance(expression, trial)
  const snapped = (form: Expression, factors: 'inside' | 'before'): Expression =>
    trial.snap(form, () => false, factors)
  const forms = [
    { written: snapped(expression, 'before'), more: 0 },
    { written: expression, more: 0 },
    { written: snapped(turned, 'before'), more: TURN },
    { written: snapped(turned, 'inside'), more: TURN },
  ]
  const cost = ({ written, more }: (typeof forms)[number]): number => complexity(written) + more
  return forms
    .filter(({ written }) => written === expression || accepts(written))
    .reduce((best, form) => (cost(form) < cost(best) ? form : best)).written
}
