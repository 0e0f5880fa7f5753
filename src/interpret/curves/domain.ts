import type { Domain } from './library.ts'

/** Where functions are looked at, and in which steps: off whole numbers and their fractions, which are where poles are. */
const SCAN = { from: -48, step: 1 / 32, offset: 0.37 / 32, points: 3072 } as const

/** |f| that grows by so much, from a step away to as near as numbers come, is a pole; or where it is not finite. */
const POLE = 1e6

/**
 * The piece of the line, among those between the poles and gaps of a function that lie in [-48, 48], on which u = 1 is; or else
 * the widest. A user's function without a domain gets it, so that its poles are not put between rows.
 */
export function findPiece(f: (u: number) => number): Domain {
  const at = (k: number): number => SCAN.from + SCAN.offset + k * SCAN.step
  const values = Float64Array.from({ length: SCAN.points }, (_, k) => f(at(k)))
  const pieces: Domain[] = []
  let low = -Infinity
  let closed = true // the low end of the piece at hand; one that is not there is reached by no row
  const end = (high: number, isClosed: boolean): void => {
    if (high > low) pieces.push({ low, high, closed: closed && isClosed })
  }
  for (let k = 0; k < SCAN.points; k++) {
    const isThere = Number.isFinite(values[k]!)
    const isNext = Number.isFinite(values[k + 1] ?? values[k]!)
    if (k === 0 && !isThere) low = Infinity // nothing to the left
    if (isThere && isNext) {
      const pole = poleBetween(f, at(k - 1), at(k), at(k + 1))
      if (pole === undefined) continue
      end(pole, false)
      low = pole
      closed = false
    } else if (isThere !== isNext) {
      const edge = edgeBetween(f, at(k), at(k + 1), isThere)
      const isClosed = Number.isFinite(f(edge))
      if (isThere) {
        end(edge, isClosed)
        low = Infinity
      } else {
        low = edge
        closed = isClosed
      }
    }
  }
  end(Infinity, true)
  return (
    pieces.find(piece => piece.low < 1 && 1 < piece.high) ??
    pieces.toSorted((p, q) => q.high - q.low - (p.high - p.low))[0] ?? {
      low: -Infinity,
      high: Infinity,
      closed: false,
    }
  )
}

/** Where |f| grows without bounds between the neighbours of a point at which it is largest, if it does. */
function poleBetween(
  f: (u: number) => number,
  before: number,
  here: number,
  after: number,
): number | undefined {
  const size = (u: number): number => {
    const value = Math.abs(f(u))
    return Number.isNaN(value) ? Infinity : value
  }
  if (!(size(here) > size(before) && size(here) >= size(after))) return undefined
  let [low, high] = [before, after]
  for (let round = 0; round < 120 && high > low; round++) {
    const [first, second] = [low + (high - low) / 3, high - (high - low) / 3]
    if (size(first) > size(second)) high = second
    else low = first
  }
  const pole = tidy((low + high) / 2)
  return size(pole) > POLE * size(here) ? pole : undefined
}

/** Where a function begins or ends to exist. */
function edgeBetween(f: (u: number) => number, from: number, to: number, isThere: boolean): number {
  let [low, high] = [from, to]
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (Number.isFinite(f(middle)) === isThere) low = middle
    else high = middle
  }
  return tidy((low + high) / 2)
}

/** The fraction of small numbers that a place is meant to be, where it is one but for rounding. */
function tidy(place: number): number {
  const nearest = Math.round(place * 840) / 840
  return Math.abs(nearest - place) < 1e-9 ? nearest + 0 : place // + 0 makes 0 of -0
}
