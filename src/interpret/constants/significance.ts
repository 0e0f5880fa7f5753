/**
 * Few rows object to nothing: whatever they allow, the sum of squares grows by at most this share (5 % of the RMSE), or by this
 * share of the targets' spread, which is how much smaller R2 may become.
 */
const MOST_GROWTH = 0.1
const MOST_UNEXPLAINED = 0.01

/** Says whether the rows object: see snap. */
export class Significance {
  /** How many numbers have been snapped. */
  snapped = 0
  readonly rows: number
  /** The root mean square that is rounding. */
  readonly floor: number
  /** The variance s^2. */
  readonly variance: number
  /** By how much one number may make the sum of squares grow. */
  readonly #step: number
  /** By how much all of them together may, however few rows there are. */
  readonly #most: number
  readonly #squares: number

  constructor(squares: number, rows: number, parameters: number, floor: number, spread: number) {
    this.#squares = squares
    this.rows = rows
    this.floor = Number.isFinite(floor) ? floor : 0
    const freedom = Math.max(1, rows - parameters)
    this.variance = Math.max(squares / freedom, this.floor ** 2)
    const most = Math.max(MOST_GROWTH * freedom * this.variance, MOST_UNEXPLAINED * spread)
    this.#step = Math.min(student995(freedom) ** 2 * this.variance, most)
    this.#most = most
  }

  /** Whether the fit before any snapping leaves more than rounding: noise, or what the formula does not say. */
  get isNoisy(): boolean {
    return !this.isRounding(this.#squares)
  }

  /** Whether a sum of squares is rounding. */
  isRounding(squares: number): boolean {
    return squares <= this.rows * this.floor ** 2
  }

  /** Whether the step from one sum of squares to the next is insignificant, `slack` times the limits allowed. */
  allows(next: number, current: number, slack = 1): boolean {
    if (this.isRounding(next / slack ** 2)) return true
    const total = Math.min((chiSquare99(this.snapped + 1) / NORMAL_995 ** 2) * this.#step, this.#most)
    return next - current <= slack * this.#step && next - this.#squares <= slack * total
  }

  /** Whether two sums of squares differ by rounding. */
  isSame(next: number, current: number): boolean {
    return this.isRounding(next) || next <= current + 1e-6 * this.variance
  }
}

/** The 99.5th percentile of the normal distribution. */
const NORMAL_995 = 2.5758

/**
 * The 99.5th percentile of Student's distribution, by its expansion about the normal one (Abramowitz and Stegun 26.7.5): 1.2 %
 * small at 4 degrees of freedom, where it is 4.60, right to 0.1 % from 8 on.
 */
export function student995(freedom: number): number {
  const z = NORMAL_995
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  )
}

/**
 * The 99th percentile of chi-square with k degrees of freedom, by Wilson and Hilferty (1931): right to 2 % at k = 1, and to
 * 0.3 % from 3 on.
 */
export function chiSquare99(k: number): number {
  const spread = 2 / (9 * k)
  return k * (1 - spread + 2.3263 * Math.sqrt(spread)) ** 3
}
