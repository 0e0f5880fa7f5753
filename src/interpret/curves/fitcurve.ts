import { ConfigError } from '../../errors.ts'
import type { AffineNumbers, Candidate } from './candidate.ts'
import { Chart, createPlace } from './chart.ts'
import { CurveSamples } from './samples.ts'
import { resolveLibrary } from './library.ts'
import type { LibraryChoice, SymbolicFunction } from './library.ts'
import { curveOf } from './traits.ts'
import type { Curve } from './traits.ts'
import { descendAll } from './valleys.ts'
import type { Valley } from './valleys.ts'

/** What fitCurve may be told. */
export interface FitCurveOptions {
  /** Functions to try: names of the library and functions of one's own. Default: the standard library. */
  readonly library?: LibraryChoice
  /**
   * w, the weight of simplicity, 0 to 1 (default 0.5). Candidates are sorted by
   *
   *     score = (1 - w) log2(noise + 1 - r2) + w (complexity + free / 2)
   *
   * so that at w = 0.5 one step of complexity must halve the unexplained share of the variance. `free` counts those of a and b
   * that the function does not make redundant (1 for x^2 and exp, 2 for sin). No unit of x or y changes a score.
   */
  readonly simplicity?: number
  /** The unexplained share of the variance that is taken for nothing (default 1e-9). */
  readonly noise?: number
  /** How many candidates to return, best first (default: all that fit at all). */
  readonly most?: number
}

/**
 * Fits every function of a library to a curve, y ~ c f(a x + b) + d by weighted least squares, and sorts them by score. (a, b)
 * are searched on a grid and then by Levenberg-Marquardt steps in float64 to the last digit, from several valleys; (c, d) are
 * the regression's (KAN paper, section 2.5.1; pykan's fit_params stops after three zooms of its grid). Rows never leave a
 * function's domain nor straddle its pole. Candidates that are not finite anywhere are left out, so there is no NaN.
 *
 * @param x places of the rows, in any order; @param y the curve there
 * @param weights how much each row counts, at least 0 (default 1 each)
 * @throws ShapeError for lists of different lengths, DataError for values that are not finite and where no row counts,
 * ConfigError for options
 */
export function fitCurve(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
  options: FitCurveOptions = {},
): Candidate[] {
  const { simplicity = 0.5, noise = 1e-9, most } = options
  if (!(simplicity >= 0 && simplicity <= 1))
    throw new ConfigError(`simplicity is ${simplicity}; it is a weight from 0 (fit alone) to 1.`)
  if (!(noise > 0 && noise < 1))
    throw new ConfigError(`noise is ${noise}; give the share of the variance that counts as none, 0 to 1.`)
  checkMost(most)
  const library = resolveLibrary(options.library)
  const samples = new CurveSamples(x, y, weights)
  const candidates: Candidate[] = []
  let reached = 1
  for (const source of library) {
    const fitted = fitFunction(source, samples, reached)
    if (fitted === undefined) continue
    reached = Math.min(reached, fitted.unexplained)
    candidates.push({ ...fitted, score: score(fitted, simplicity, noise) })
  }
  return candidates.sort(byScore).slice(0, most)
}

/** Throws ConfigError for a number of candidates that is none. */
export function checkMost(most: number | undefined): void {
  if (most !== undefined && !(Number.isInteger(most) && most > 0))
    throw new ConfigError(`most is ${most}; give how many candidates to return, at least 1.`)
}

/** Scores that agree to 1e-3 are equal, as those of sin and cos; the smaller shift is then the plainer formula. */
function byScore(p: Candidate, q: Candidate): number {
  const [first, second] = [Math.round(1000 * p.score), Math.round(1000 * q.score)]
  return first - second || Math.abs(p.b) - Math.abs(q.b) || p.unexplained - q.unexplained
}

type Fitted = Omit<Candidate, 'score'>

function score({ unexplained, ...fitted }: Fitted, simplicity: number, noise: number): number {
  return (1 - simplicity) * Math.log2(noise + unexplained) + simplicity * costOf(fitted)
}

/** What a function costs in scores: complexity + free / 2. */
export function costOf({ complexity, free }: Pick<Candidate, 'complexity' | 'free'>): number {
  return complexity + free / 2
}

/** The best (a, b, c, d) of one function, or undefined where it fits nowhere. */
function fitFunction(source: SymbolicFunction, samples: CurveSamples, reached: number): Fitted | undefined {
  const { name, formula, complexity } = source
  const curve = curveOf(source)
  if (curve.constant || samples.variance === 0) {
    const constant = { a: 0, b: 0, c: 0, d: samples.mean }
    const unexplained = samples.variance === 0 ? 0 : 1
    return { name, formula, complexity, free: 0, ...constant, r2: 1 - unexplained, unexplained }
  }
  const chart = new Chart(curve)
  let best: Fitted | undefined
  for (const valley of descendAll(curve, chart, samples, reached)) {
    const affine = regress(curve, samples, inRowUnits(curve, chart, valley, samples))
    if (affine === undefined || (best && affine.unexplained >= best.unexplained)) continue
    best = { name, formula, complexity, free: chart.dimensions, ...affine }
  }
  return best
}

/** (a, b) of f(a x + b) in the rows' own units, in its plainest form, and with every row inside the domain. */
function inRowUnits(
  curve: Curve,
  chart: Chart,
  { point, side }: Valley,
  samples: CurveSamples,
): { a: number; b: number } {
  const place = createPlace()
  chart.locate(point, place)
  const { low, high } = samples
  const [middle, half] = [(low + high) / 2, (high - low) / 2]
  const { scaleFree, shiftFree, period } = curve
  // The scale goes into c where it may, the shift too; a period is taken off.
  const size = scaleFree ? half / Math.abs(place.a) : 1
  const a = scaleFree ? side * Math.sign(place.a) : (side * place.a) / half
  let b = place.b * size - a * middle
  if (shiftFree && Math.abs(a * middle) < 50) b = 0
  else if (period !== undefined) b -= period * Math.round(b / period)
  return insideDomain(curve, a, b, samples)
}

/**
 * Rounding of a x + b may put the outermost row a digit outside. As a float product and sum are monotonic in x, the two ends
 * speak for all rows between.
 */
function insideDomain(
  { source: { domain } }: Curve,
  a: number,
  b: number,
  { low, high }: CurveSamples,
): { a: number; b: number } {
  const outside = (shift: number): number => {
    const [p, q] = [a * low + shift, a * high + shift]
    const [least, most] = [Math.min(p, q), Math.max(p, q)]
    if (domain.closed ? least < domain.low : least <= domain.low)
      return Math.max(domain.low - least, 0) || 1e-300
    if (domain.closed ? most > domain.high : most >= domain.high) return -(most - domain.high || 1e-300)
    return 0
  }
  const unit = Number.EPSILON * Math.max(Math.abs(a * low), Math.abs(a * high), Math.abs(b))
  for (let attempt = 1; attempt <= 4; attempt++) {
    const distance = outside(b)
    if (distance === 0) break
    b += distance + Math.sign(distance) * (attempt - 1) * unit
  }
  return { a, b }
}

/** The regression's (c, d) and what they leave; undefined where f is not finite or does not vary on the rows. */
function regress(
  curve: Curve,
  { x, y, weights, mean, variance }: CurveSamples,
  { a, b }: { readonly a: number; readonly b: number },
): (AffineNumbers & { readonly r2: number; readonly unexplained: number }) | undefined {
  const f = x.map(value => curve.value(a * value + b))
  let own = 0
  for (let k = 0; k < f.length; k++) own += weights[k]! * f[k]!
  let [squares, product] = [0, 0]
  for (let k = 0; k < f.length; k++) {
    squares += weights[k]! * (f[k]! - own) ** 2
    product += weights[k]! * (f[k]! - own) * (y[k]! - mean)
  }
  const c = product / squares
  const d = mean - c * own
  if (!Number.isFinite(c) || !Number.isFinite(d)) return undefined
  let left = 0
  for (let k = 0; k < f.length; k++) left += weights[k]! * (y[k]! - (c * f[k]! + d)) ** 2
  const unexplained = Math.min(1, left / variance)
  return { a, b, c, d, r2: 1 - unexplained, unexplained }
}
