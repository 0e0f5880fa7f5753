import { student995, chiSquare99 } from '../../constants/significance.ts'

/**
 * Whether rows object to a formula with fewer numbers, by what it and the full one leave of each row, e' and e. Noise that is larger
 * where the target is makes a plain comparison of sums of squares object to the law itself; so the difference d = e' - e is weighed by
 * what each row leaves, as the sandwich variance does (White, Econometrica 48, 1980): they object where (sum d^2)^2 / sum d^2 e^2,
 * times (rows - numbers) / rows, is above t^2, Student's at 99 %, or its chi-square for several numbers.
 *
 * @param numbers those of the full formula
 * @param fewer how many of them are gone
 */
export function rowsObject(
  full: Float64Array,
  tried: Float64Array,
  { numbers, fewer }: { readonly numbers: number; readonly fewer: number },
): boolean {
  let [moved, noise] = [0, 0]
  for (const [r, own] of full.entries()) {
    const difference = (tried[r]! - own) ** 2
    moved += difference
    noise += difference * own ** 2
  }
  const left = Math.max(1, full.length - numbers)
  const limit = (student995(left) ** 2 * chiSquare99(Math.max(1, fewer))) / chiSquare99(1)
  const statistic = moved === 0 ? 0 : (moved ** 2 / noise) * (left / full.length)
  return !(statistic <= limit)
}
