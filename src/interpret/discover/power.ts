import { number, power, variable } from '../../formula/index.ts'
import type { KnownCurve } from './compose.ts'

/** c x^p + d with any p, where x is positive: what no library of whole exponents has. */
export function freePower(
  u: Float64Array,
  v: Float64Array,
  noise: number,
): { curve: KnownCurve; name: string; score: number; unexplained: number }[] {
  if (!u.every(value => value > 0)) return []
  const logs = u.map(Math.log)
  let best = { p: 0, c: 0, d: 0, unexplained: 1 }
  const visit = (p: number): void => {
    const fit = regress(logs, v, p)
    if (fit.unexplained < best.unexplained) best = { p, ...fit }
  }
  for (let p = -6; p <= 6; p += 0.25) if (p !== 0) visit(p)
  for (let step = 0.125; step > 1e-9; step /= 2)
    for (const p of [best.p - step, best.p + step]) if (Math.abs(p) > 1e-3) visit(p)
  const { p, c, d, unexplained } = best
  // As fitCurve's score at its default simplicity; whole exponents are the library's own.
  const score = 0.5 * Math.log2(noise + unexplained) + 0.5 * 4
  return [
    {
      name: 'x^p',
      score,
      unexplained,
      curve: [{ expression: power(variable('u'), number(p)), a: 1, b: 0, c, d }],
    },
  ]
}

/** The least squares of c x^p + d. */
function regress(
  logs: Float64Array,
  v: Float64Array,
  p: number,
): { c: number; d: number; unexplained: number } {
  const f = logs.map(value => Math.exp(p * value))
  let [meanF, meanV] = [0, 0]
  for (let k = 0; k < f.length; k++) {
    meanF += f[k]! / f.length
    meanV += v[k]! / f.length
  }
  let [squares, product, all] = [0, 0, 0]
  for (let k = 0; k < f.length; k++) {
    squares += (f[k]! - meanF) ** 2
    product += (f[k]! - meanF) * (v[k]! - meanV)
    all += (v[k]! - meanV) ** 2
  }
  const c = product / squares
  const d = meanV - c * meanF
  let left = 0
  for (let k = 0; k < f.length; k++) left += (v[k]! - d - c * f[k]!) ** 2
  return { c, d, unexplained: Number.isFinite(left) && all > 0 ? Math.min(1, left / all) : 1 }
}
