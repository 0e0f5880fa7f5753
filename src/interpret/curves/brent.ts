/** Where a minimum is looked for, and in how many evaluations at most. */
export interface Bracket {
  readonly low: number
  readonly high: number
  readonly evaluations: number
}

/** Share of the longer part that a golden section takes: (3 - sqrt 5) / 2. */
const GOLDEN = (3 - Math.sqrt(5)) / 2

/**
 * The place of a minimum of `loss` in [low, high] by Brent's parabolic interpolation with golden sections ("Algorithms for
 * minimization without derivatives", 1973, chapter 5), to about the square root of the rounding error, which is as near as values
 * alone can tell. It needs no slope, so kinks do no harm, and it takes large residuals as it takes small ones.
 *
 * @param middle a point inside with a loss below both ends'
 */
export function minimise(
  loss: (place: number) => number,
  middle: number,
  { evaluations, ...bracket }: Bracket,
): number {
  let { low, high } = bracket
  let [best, second, third] = [middle, middle, middle]
  let bestLoss = loss(middle)
  let [secondLoss, thirdLoss] = [bestLoss, bestLoss]
  let [step, before] = [0, 0]
  for (let k = 1; k < evaluations; k++) {
    const centre = (low + high) / 2
    const tolerance = 1e-8 * Math.abs(best) + 1e-12
    if (Math.abs(best - centre) <= 2 * tolerance - (high - low) / 2) break
    let parabolic = false
    if (Math.abs(before) > tolerance) {
      const r = (best - second) * (bestLoss - thirdLoss)
      let q = (best - third) * (bestLoss - secondLoss)
      let p = (best - third) * q - (best - second) * r
      q = 2 * (q - r)
      if (q > 0) p = -p
      else q = -q
      const inside = p > q * (low - best) && p < q * (high - best)
      // NaN, from an infinite loss, fails both comparisons.
      if (inside && Math.abs(p) < Math.abs((q * before) / 2)) {
        parabolic = true
        before = step
        step = p / q
      }
    }
    if (!parabolic) {
      before = best < centre ? high - best : low - best
      step = GOLDEN * before
    }
    const place = best + (Math.abs(step) >= tolerance ? step : Math.sign(step) * tolerance)
    const value = loss(place)
    if (value <= bestLoss) {
      if (place < best) high = best
      else low = best
      third = second
      thirdLoss = secondLoss
      second = best
      secondLoss = bestLoss
      best = place
      bestLoss = value
    } else {
      if (place < best) low = place
      else high = place
      if (value <= secondLoss || second === best) {
        third = second
        thirdLoss = secondLoss
        second = place
        secondLoss = value
      } else if (value <= thirdLoss || third === best || third === second) {
        third = place
        thirdLoss = value
      }
    }
  }
  return best
}
