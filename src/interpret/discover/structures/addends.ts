import type { Structure } from './structures.ts'

/** The columns of each factor of a product. */
type Factors = readonly (readonly number[])[]

/** Starts of each: last edges are lines, and two factors hardly have bad minima. */
const STARTS = { pairs: 2, others: 1 } as const
/** Columns of a product that stands beside functions of all, at most, but for those of two columns each. */
const MOST_COLUMNS = 3

/**
 * Functions of all columns with products among them,
 *
 *     f1(x1) + f2(x2) + .. + g(x1 + ..) h(x2 + ..)
 *
 * where every variable stands for a function of it, and last edges are lines: a curve there, as other structures have it, is one more
 * than the law has, and among noise it leaves so many functions as good that the law's are not found. Two steps: products of two
 * columns; products of three and of sums, and two products of two.
 */
export function addends(
  inputs: number,
  pairs: readonly Factors[],
  others: readonly Factors[],
): readonly [Structure[], Structure[]] {
  const structure = (products: readonly Factors[], starts: number): Structure => ({
    inputs,
    layers: [
      { sums: ['all'], products },
      { sums: ['all'], products: [] },
    ],
    starts,
    lines: true,
  })
  const twoPairs = pairs.flatMap((one, p) =>
    pairs
      .slice(p + 1)
      .filter(two => !one.flat().some(i => two.flat().includes(i)))
      .map(two => [one, two]),
  )
  const few = others.filter(factors => factors.flat().length <= MOST_COLUMNS).map(factors => [factors])
  return [
    pairs.map(pair => structure([pair], STARTS.pairs)),
    [...few, ...twoPairs].map(products => structure(products, STARTS.others)),
  ]
}
