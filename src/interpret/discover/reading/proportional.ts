import { multiply, number } from '../../../formula/index.ts'
import { polishOn } from '../../constants/polish.ts'
import { ColumnTable } from '../../constants/problem.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import type { ScoredCurve } from './choices.ts'
import { factorsFor } from './factors.ts'
import type { Factor } from './factors.ts'
import { dot } from './regression.ts'
import { deviation } from '../statistics.ts'

/** Starts of each kind of function, and steps that each is fitted by. */
const EACH = 2
const STEPS = 12

interface ProportionalOptions {
  readonly library: LibraryChoice | undefined
  readonly weights: Float64Array | undefined
  /** The unexplained share of the variance that is taken for nothing. */
  readonly noise: number
}

/**
 * Functions c f(u) of a curve v(u), without the offset that fitCurve's have, best first: from a grid of their numbers, the best starts
 * of each kind fitted by Levenberg and Marquardt's method. An offset that is not fitted tells functions apart that are alike with one:
 * with it a sine of any low frequency is a parabola.
 */
export function proportionalCurves(
  u: Float64Array,
  v: Float64Array,
  { library, weights, noise }: ProportionalOptions,
): ScoredCurve[] {
  const squares = dot(v, v)
  const variance = deviation(v, weights) ** 2
  if (!(variance > 0)) return []
  const table = new ColumnTable(['u'], u, v, u.length, { weights })
  const best = new Map<string, { readonly factor: Factor; readonly c: number; readonly left: number }[]>()
  for (const factor of factorsFor(u, library)) {
    const c = dot(factor.values, v) / dot(factor.values, factor.values)
    const one = { factor, c, left: squares - c * dot(factor.values, v) }
    const list = [...(best.get(factor.kind) ?? []), one].toSorted((p, q) => p.left - q.left)
    best.set(factor.kind, list.slice(0, EACH))
  }
  return [...best.values()]
    .flatMap(starts =>
      starts
        .map(({ factor: { kind, cost, expression }, c }): ScoredCurve => {
          const fitted = polishOn(table, multiply(number(c), expression), { steps: STEPS })
          const unexplained = fitted.rmse ** 2 / variance
          return {
            name: kind,
            unexplained,
            score: 0.5 * Math.log2(noise + unexplained) + 0.5 * cost,
            curve: [{ expression: fitted.expression, a: 1, b: 0, c: 1, d: 0 }],
          }
        })
        .filter(({ score }) => Number.isFinite(score))
        .toSorted((p, q) => p.score - q.score)
        .slice(0, 1),
    )
    .toSorted((p, q) => p.score - q.score)
}
