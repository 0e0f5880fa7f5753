import type { OracleLayer, OracleModel } from './kan.ts'

/** Seeded uniform numbers in [0, 1): mulberry32. For tests only; independent of src/random.ts, which it may judge. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Extended knots over [-1, 1] with k more each side; `ratio` > 1 alternates small and large steps of about that ratio
 * everywhere, the extension included.
 */
export function randomKnots(random: () => number, intervals: number, degree: number, ratio = 1): number[] {
  const count = intervals + 2 * degree
  const steps = Array.from({ length: count }, (_, s) =>
    ratio === 1 ? 1 : (s % 2 === 0 ? 1 : ratio) * (0.9 + 0.1 * random()),
  )
  const positions = [0]
  for (const step of steps) positions.push(positions.at(-1)! + step)
  const lo = positions[degree]!
  const hi = positions[degree + intervals]!
  return positions.map(p => -1 + (2 * (p - lo)) / (hi - lo))
}

/**
 * A random KAN of so many nodes: coefficients and scales in [-1, 1], node scales in [0.5, 1.5], one edge in eight masked. The
 * last nodes of a layer with `products` multiply so many outputs each.
 */
export function randomModel(
  random: () => number,
  width: number[],
  layers: {
    intervals: number
    degree: number
    base: OracleLayer['base']
    ratio?: number
    products?: readonly number[]
  }[],
): OracleModel {
  const signed = (): number => 2 * random() - 1
  const table = (rows: number, columns: number, value: () => number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, value))
  return {
    layers: layers.map(({ intervals, degree, base, ratio, products = [] }, l) => {
      const inputs = width[l]!
      const outputs = products.reduce((sum, factors) => sum + factors - 1, width[l + 1]!)
      return {
        inputs,
        outputs,
        intervals,
        degree,
        base,
        knots: Array.from({ length: inputs }, () => randomKnots(random, intervals, degree, ratio)),
        coef: Array.from({ length: inputs }, () => table(intervals + degree, outputs, signed)),
        scaleBase: table(inputs, outputs, signed),
        scaleSpline: table(inputs, outputs, signed),
        mask: table(inputs, outputs, () => (random() < 1 / 8 ? 0 : 1)),
        nodeScale: Array.from({ length: outputs }, () => 0.5 + random()),
        nodeBias: Array.from({ length: outputs }, signed),
        ...(products.length > 0 ? { products: [...products] } : {}),
      }
    }),
  }
}
