import type { ParityCase } from './cases.ts'

/** u: half the distance between 1 and the next float32. */
const UNIT = 2 ** -24
/** Learning rate of the steps that are compared. */
export const RATE = 2 ** -10
/** Adam's epsilon in them. */
export const EPSILON = 2 ** -6

/** What arithmetic allows each kind of result, relative to the largest value of its array. */
export interface ParityTolerances {
  readonly forward: number
  readonly loss: number
  readonly gradient: number
  readonly adam: number
}

/**
 * Errors are measured against the largest value of the compared array. n roundings of relative size u = 2^-24 in random
 * directions give an error of about sqrt(n) u, and more than 4 sqrt(n) u hardly ever (Higham and Mary, "A new approach to
 * probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019, theorem 2.4: lambda = 4). In units of u:
 *
 *   basis     coordinate 2 roundings times B' <= k, Horner 2 k, e^x 3 + 2 |x| ULP with |x| <= 3 (WGSL, 15.7.4): 4 k + 16
 *   layer     a sum over inputs of k + 3 products each: basis + 4 sqrt(inputs (k + 4))
 *   forward   a layer's error passes the next ones, whose slope is up to 1 + G / 2 (coefficients differ by at most
 *             1 / sqrt(inputs) a step of 2 / G, and inputs add up at random)
 *   loss      twice forward (squares), its own sums over outputs and rows
 *   gradient  forward and backward, and a sum over rows
 *   adam      four steps of rate * g / (|g| + EPSILON): the slope by g is at most rate / EPSILON, gradients are of order 1, and
 *             about 12 operations round. (With the usual 1e-8, the sign of a gradient near 0 would be chance)
 */
export function tolerances(test: ParityCase): ParityTolerances {
  const widest = Math.max(...test.width)
  const layers = test.width.length - 1
  const layer = 4 * test.degree + 16 + 4 * Math.sqrt(widest * (test.degree + 4))
  const slope = 1 + test.intervals / 2
  let forward = 0
  for (let l = 0; l < layers; l++) forward = forward * slope + layer
  const rows = 4 * Math.sqrt(test.rows)
  const loss = 2 * forward + 4 * Math.sqrt(widest) + rows + 16
  const gradient = 2 * forward + layer + rows
  const adam = (4 * RATE * gradient) / EPSILON + 16
  return { forward: forward * UNIT, loss: loss * UNIT, gradient: gradient * UNIT, adam: adam * UNIT }
}
