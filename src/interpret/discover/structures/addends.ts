import type { LayerPlan, Structure } from './structures.ts'

/** Starts of each: the sums are lines, and two factors hardly have bad minima. */
const STARTS = 2
/** Groups of inputs that a product of sums takes, at most. */
const MOST_GROUPS = 3

/**
 * Functions of all columns with products among them,
 *
 *     f1(x1) + f2(x2) + .. + g(x1 + ..) h(x2 + ..)
 *
 * where every variable stands for a function of it, and last edges are lines: among noise a curve there, as other structures have it,
 * leaves so many functions as good that the law's is not found. Two steps: products of two columns; products of sums and of three
 * columns, and two products.
 *
 * @param wholes all divisions of inputs into factors, `pairs` those of two columns
 */
export function addends(
  inputs: number,
  pairs: readonly (readonly (readonly number[])[])[],
  others: readonly (readonly (readonly number[])[])[],
): Structure[][] {
  const structure = (...products: (readonly (readonly number[])[])[]): Structure => {
    const layers: LayerPlan[] = [
      { sums: ['all'], products },
      { sums: ['all'], products: [] },
    ]
    return { inputs, layers, starts: STARTS, lines: true }
  }
  const apart = (one: readonly (readonly number[])[], two: readonly (readonly number[])[]): boolean =>
    !one.flat().some(i => two.flat().includes(i))
  const twoPairs = pairs.flatMap((one, p) =>
    pairs.slice(p + 1).flatMap(two => (apart(one, two) ? [structure(one, two)] : [])),
  )
  return [
    pairs.map(pair => structure(pair)),
    [
      ...others.filter(factors => factors.flat().length <= MOST_GROUPS).map(own => structure(own)),
      ...twoPairs,
    ],
  ]
}
