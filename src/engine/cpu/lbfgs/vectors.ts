/** sum_p a[p] b[p] over `size` values from each start. */
export function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, size: number): number {
  let sum = 0
  for (let p = 0; p < size; p++) sum += a[aStart + p]! * b[bStart + p]!
  return sum
}

/** to[p] += factor from[p] over all of `to`. */
export function addScaled(to: Float64Array, factor: number, from: Float64Array, start: number): void {
  for (let p = 0; p < to.length; p++) to[p] = to[p]! + factor * from[start + p]!
}
