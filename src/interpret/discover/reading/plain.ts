import { call, number, power, variable } from '../../../formula/index.ts'
import type { KnownCurve } from './compose.ts'
import { regress } from './regression.ts'
import type { Regression } from './regression.ts'

interface PlainCurve {
  readonly curve: KnownCurve
  readonly name: string
  /** As fitCurve has it at its default simplicity. */
  readonly score: number
  readonly unexplained: number
}

/** Complexities, as the library has them: of c log(x) + d, and of c x^p + d. */
const LOG_COST = 2
const POWER_COST = 4

/**
 * Functions of a column as it is, without the shift that the library's have: c log(x) + d, and c x^p + d with any p. Most laws
 * are made of these, and few rows cannot tell a shift from none. None where x is not positive.
 */
export function plainCurves(
  u: Float64Array,
  v: Float64Array,
  noise: number,
  weights?: Float64Array,
): PlainCurve[] {
  if (!u.every(value => value > 0)) return []
  const logs = u.map(Math.log)
  const x = variable('u')
  const scored = (unexplained: number, cost: number): Pick<PlainCurve, 'score' | 'unexplained'> => ({
    unexplained,
    score: 0.5 * Math.log2(noise + unexplained) + 0.5 * cost,
  })
  const { unexplained, c, d } = regress(logs, v, weights)
  const best = bestPower(logs, v, weights)
  return [
    {
      name: 'log',
      ...scored(unexplained, LOG_COST),
      curve: [{ expression: call('log', x), a: 1, b: 0, c, d }],
    },
    {
      name: 'x^p',
      ...scored(best.unexplained, POWER_COST),
      curve: [{ expression: power(x, number(best.p)), a: 1, b: 0, c: best.c, d: best.d }],
    },
  ]
}

/** The p of the least squares of c x^p + d: on a grid, then by halving steps. */
function bestPower(
  logs: Float64Array,
  v: Float64Array,
  weights: Float64Array | undefined,
): Regression & { readonly p: number } {
  let best = { p: 1, c: 0, d: 0, unexplained: Infinity }
  const visit = (p: number): void => {
    const fit = regress(
      logs.map(value => Math.exp(p * value)),
      v,
      weights,
    )
    if (fit.unexplained < best.unexplained) best = { p, ...fit }
  }
  for (let p = -6; p <= 6; p += 0.25) if (p !== 0) visit(p)
  for (let step = 0.125; step > 1e-9; step /= 2)
    for (const p of [best.p - step, best.p + step]) if (Math.abs(p) > 1e-3) visit(p)
  return best
}
