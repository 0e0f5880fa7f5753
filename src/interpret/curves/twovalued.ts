/**
 * The columns of rows [rows][columns] with two values or one, such as those that are 1 where a text is "red" and 0 elsewhere. A line
 * goes through two points, so that there every other function says the same in more words: exp(x) is 1 + (e - 1) x where x is 0 or 1.
 */
export function twoValuedColumns(x: ArrayLike<number>, columns: number): ReadonlySet<number> {
  const found = new Set<number>()
  for (let i = 0; i < columns; i++) {
    const first = x[i]
    let other: number | undefined
    let r = i
    for (; r < x.length; r += columns) {
      if (x[r] === first) continue
      other ??= x[r]
      if (x[r] !== other) break
    }
    if (r >= x.length) found.add(i)
  }
  return found
}
