/**
 * A line search for the strong Wolfe conditions along a direction of descent,
 *
 *     f(t) <= f(0) + c1 t f'(0)        |f'(t)| <= -c2 f'(0)
 *
 * (Nocedal and Wright, "Numerical optimization", 2nd ed., algorithms 3.5 and 3.6; bracketing, interpolation and safeguards are
 * those of Schmidt's minFunc, which torch's and pykan's L-BFGS have too), as a machine that takes one evaluation at a time: the
 * GPU runs the same one in shaders/lbfgs_state.wgsl, an evaluation a tick.
 *
 * Rounding hides a small decrease. Within `2 u (|f| + sqrt |f|)` of the start (u: half the distance between 1 and the next number;
 * for outputs of order 1, a mean of squared errors e^2 errs by about 2 e u) a flat enough point counts as one: Hager and Zhang's
 * approximate Wolfe condition ("A new conjugate gradient method with guaranteed descent", SIAM J. Optim. 16, 2005, eq. 4.1).
 */

/** Constants of the conditions, and the most evaluations after the first (torch's and pykan's defaults). */
const SUFFICIENT = 1e-4
const FLAT = 0.9
const MOST_EVALUATIONS = 25

/** u of float64. */
const UNIT = 2 ** -53
/** Width, in units of u and relative to its end, at which a bracket is a point. */
const NARROWEST = 16

/** A point on the line: its step, the function's value and slope. */
interface Point {
  step: number
  value: number
  slope: number
}

/** What to do next: evaluate at `step`, take `step` (where the last evaluation was), or give up: no step found goes down. */
export type SearchOutcome = 'evaluate' | 'accept' | 'failed'

export class LineSearch {
  /** Where to evaluate next, or what was accepted. */
  step = 0
  readonly #unit: number
  #phase: 'bracket' | 'zoom' | 'return' = 'bracket'
  #evaluations = 0
  /** Whether the last interpolation fell close to an end of the bracket. */
  #slow = false
  readonly #start: Point = { step: 0, value: 0, slope: 0 }
  /** While bracketing the point before; then the bracket, whose `low` end has the smaller value. */
  readonly #low: Point = { step: 0, value: 0, slope: 0 }
  readonly #high: Point = { step: 0, value: 0, slope: 0 }

  /** @param unit u of the arithmetic that the function is evaluated in */
  constructor(unit = UNIT) {
    this.#unit = unit
  }

  /** A new search from a point with this value and slope < 0; the first evaluation is to be at `step`. */
  begin(value: number, slope: number, step: number): void {
    put(this.#start, 0, value, slope)
    put(this.#low, 0, value, slope)
    this.#phase = 'bracket'
    this.#evaluations = 0
    this.#slow = false
    this.step = step
  }

  /** Takes in the evaluation at `step`. A value or slope that is not finite counts as far too high. */
  advance(value: number, slope: number): SearchOutcome {
    if (this.#phase === 'return') return 'accept'
    const finite = Number.isFinite(value) && Number.isFinite(slope)
    const f = finite ? value : Infinity
    this.#evaluations++
    return this.#phase === 'bracket' ? this.#bracket(f, slope) : this.#zoom(f, slope)
  }

  #isFlat(slope: number): boolean {
    return Math.abs(slope) <= -FLAT * this.#start.slope
  }

  #isLower(value: number): boolean {
    return value <= this.#start.value + SUFFICIENT * this.step * this.#start.slope
  }

  #isLevel(value: number): boolean {
    const size = Math.abs(this.#start.value)
    return value <= this.#start.value + 2 * this.#unit * (size + Math.sqrt(size))
  }

  #bracket(value: number, slope: number): SearchOutcome {
    const { step } = this
    const low = this.#low
    const rises = !this.#isLower(value) || (this.#evaluations > 2 && value >= low.value)
    if (this.#isFlat(slope) && (!rises || this.#isLevel(value))) return 'accept'
    if (rises || slope >= 0) {
      put(this.#high, step, value, slope)
      this.#sort()
      this.#phase = 'zoom'
      return this.#narrow()
    }
    if (this.#evaluations > MOST_EVALUATIONS) {
      // It went down all the way: the last point is the lowest.
      put(low, step, value, slope)
      return this.#settle()
    }
    put(this.#high, step, value, slope)
    this.step = interpolate(low, this.#high, step + 0.01 * (step - low.step), 10 * step)
    put(low, step, value, slope)
    return 'evaluate'
  }

  #zoom(value: number, slope: number): SearchOutcome {
    const { step } = this
    const low = this.#low
    const high = this.#high
    if (this.#isFlat(slope) && this.#isLevel(value) && value <= low.value) return 'accept'
    if (!this.#isLower(value) || value >= low.value) {
      put(high, step, value, slope)
      this.#sort()
    } else {
      if (slope * (high.step - low.step) >= 0) put(high, low.step, low.value, low.slope)
      put(low, step, value, slope)
    }
    return this.#narrow()
  }

  /** The next trial inside the bracket: the minimum of a cubic, kept away from the ends where that goes too slowly. */
  #narrow(): SearchOutcome {
    const low = this.#low
    const high = this.#high
    const left = Math.min(low.step, high.step)
    const right = Math.max(low.step, high.step)
    if (this.#evaluations > MOST_EVALUATIONS || right - left <= NARROWEST * this.#unit * right)
      return this.#settle()
    let step = interpolate(low, high, left, right)
    const margin = 0.1 * (right - left)
    if (Math.min(right - step, step - left) < margin) {
      if (this.#slow || step >= right || step <= left) {
        step = Math.abs(step - right) < Math.abs(step - left) ? right - margin : left + margin
        this.#slow = false
      } else this.#slow = true
    } else this.#slow = false
    this.step = step
    return 'evaluate'
  }

  /** Takes the lowest point if it is lower than the start; unless it was the last one, it is evaluated once more for its gradient. */
  #settle(): SearchOutcome {
    const { step, value } = this.#low
    if (step === 0 || value >= this.#start.value) return 'failed'
    if (step === this.step) return 'accept'
    this.step = step
    this.#phase = 'return'
    return 'evaluate'
  }

  #sort(): void {
    const low = this.#low
    const high = this.#high
    if (low.value <= high.value) return
    const { step, value, slope } = low
    put(low, high.step, high.value, high.slope)
    put(high, step, value, slope)
  }
}

function put(point: Point, step: number, value: number, slope: number): void {
  point.step = step
  point.value = value
  point.slope = slope
}

/** Where the cubic through two points and slopes has its minimum, within bounds; their middle where it has none. */
function interpolate(a: Point, b: Point, least: number, most: number): number {
  const [left, right] = a.step <= b.step ? [a, b] : [b, a]
  if (!Number.isFinite(left.value) || !Number.isFinite(right.value)) return (least + most) / 2
  const d1 = left.slope + right.slope - (3 * (left.value - right.value)) / (left.step - right.step)
  const square = d1 ** 2 - left.slope * right.slope
  if (!(square >= 0)) return (least + most) / 2
  const d2 = Math.sqrt(square)
  const width = right.step - left.step
  const step = right.step - width * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2))
  return Number.isFinite(step) ? Math.min(Math.max(step, least), most) : (least + most) / 2
}
