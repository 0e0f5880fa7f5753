/** Root of the mean of the squares. */
export function rootMeanSquare(values: ArrayLike<number>): number {
  let sum = 0
  for (let r = 0; r < values.length; r++) sum += values[r]! ** 2
  return Math.sqrt(sum / values.length)
}

/** The mean of the values by their weights. */
export function average(values: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let [sum, total] = [0, 0]
  for (let r = 0; r < values.length; r++) total += weights?.[r] ?? 1
  for (let r = 0; r < values.length; r++) sum += ((weights?.[r] ?? 1) / total) * values[r]!
  return sum
}

/** Population standard deviation by weights, in two passes. */
export function deviation(values: ArrayLike<number>, weights?: ArrayLike<number>): number {
  const mean = average(values, weights)
  const squares = Float64Array.from(values, value => (value - mean) ** 2)
  return Math.sqrt(average(squares, weights))
}
