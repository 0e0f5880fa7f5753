import { describe, expect, test } from 'vitest'
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts'
import { uniformKnots } from '../../src/spline/knots.ts'
import { fitCoefficients, grevilleAbscissae } from '../../src/spline/leastsquares.ts'
import { bsplineRow } from '../oracle/bspline.ts'
import { oracleFromPykan } from '../oracle/frompykan.ts'
import type { OracleLayer } from '../oracle/kan.ts'
import { oracleForward } from '../oracle/kan.ts'
import { randomKnots, seeded } from '../oracle/random.ts'
import type { RefineFile, UpdateGridCase } from '../reference/read.ts'
import { readReference } from '../reference/read.ts'
import { basisRow } from './row.ts'

/**
 * Plain least squares by dense normal equations and elimination with pivoting. With inv_cond above 0.01 it loses at
 * most 1e4 x 1e-16 = 1e-12.
 */
function denseLeastSquares(basis: number[][], y: number[], weights: number[]): number[] {
  const n = basis[0]!.length
  const a = Array.from({ length: n }, (_, p) => [
    ...Array.from({ length: n }, (__, q) => basis.reduce((s, b, i) => s + weights[i]! * b[p]! * b[q]!, 0)),
    basis.reduce((s, b, i) => s + weights[i]! * b[p]! * y[i]!, 0),
  ])
  for (let p = 0; p < n; p++) {
    const pivot = a
      .slice(p)
      .reduce((best, row, i) => (Math.abs(row[p]!) > Math.abs(a[best]![p]!) ? p + i : best), p)
    ;[a[p], a[pivot]] = [a[pivot]!, a[p]!]
    for (let i = 0; i < n; i++) {
      if (i === p) continue
      const factor = a[i]![p]! / a[p]![p]!
      for (let q = p; q <= n; q++) a[i]![q]! -= factor * a[p]![q]!
    }
  }
  return a.map((row, p) => row[n]! / row[p]!)
}

const spline = (knots: Float64Array, degree: number, coef: ArrayLike<number>, x: number): number =>
  basisRow(knots, degree, x).reduce((sum, b, m) => sum + b * coef[m]!, 0)

/** y [rows][out] of the splines of input i at x. */
const splineValues = (layer: OracleLayer, i: number, x: number[]): number[] =>
  x.flatMap(value => {
    const row = bsplineRow(layer.knots[i]!, layer.degree, value)
    return Array.from({ length: layer.outputs }, (_, j) =>
      row.reduce((s, b, m) => s + b * layer.coef[i]![m]![j]!, 0),
    )
  })

/** Refits `layer` on new knots from its inputs, and returns the largest difference to pykan's coef [in][out][G + k]. */
function refitError(
  layer: OracleLayer,
  inputs: number[][],
  after: { grid: number[][]; coef: number[][][] },
): number {
  let worst = 0
  after.grid.forEach((grid, i) => {
    const x = inputs.map(row => row[i]!)
    const y = splineValues(layer, i, x)
    const coef = fitCoefficients({
      knots: Float64Array.from(grid),
      degree: layer.degree,
      x,
      y,
      curves: layer.outputs,
    })
    after.coef[i]!.forEach((byBasis, j) => {
      expect(coef.length).toBe(byBasis.length * layer.outputs)
      byBasis.forEach((c, m) => (worst = Math.max(worst, Math.abs(coef[m * layer.outputs + j]! - c))))
    })
  })
  return worst
}

// 1e-9: inv_cond is at least 6e-3 in all of them, so the pull's share is below 1e-11 and pykan's gelsy errs by ~1e-13.
const AGREEMENT = 1e-9

describe('well-determined fits are plain least squares', () => {
  const refine = readReference<RefineFile>('refine.json')
  test.each(Object.keys(refine.refined))('pykan refine to %s intervals', intervals => {
    const source = oracleFromPykan(refine.source)
    const { layers } = refine.refined[intervals]!
    let inputs = refine.x
    layers.forEach((after, l) => {
      expect(refitError(source.layers[l]!, inputs, after)).toBeLessThan(AGREEMENT)
      inputs = oracleForward({ layers: [source.layers[l]!] }, inputs)
    })
  })

  const { cases } = readReference<{ cases: UpdateGridCase[] }>('update_grid.json')
  test.each(cases)('pykan update_grid $name, grid_eps $grid_eps', ({ before, x, layers_after }) => {
    let inputs = x
    const refitted = layers_after.map((after, l) => {
      const layer = oracleFromPykan(before).layers[l]!
      expect(refitError(layer, inputs, after)).toBeLessThan(AGREEMENT)
      // pykan goes on through the layer it has just updated.
      const params = { ...before.layers[l]!, ...after }
      const updated = oracleFromPykan({ ...before, layers: [params] })
      inputs = oracleForward(updated, inputs)
      return params
    })
    expect(refitted.length).toBe(before.layers.length)
  })

  const combinations = [1, 2, 3, 4, 5].flatMap(degree => [1, 3].map(ratio => ({ degree, ratio })))
  test.each(combinations)(
    'degree $degree, step ratio $ratio, three noisy curves, weights',
    ({ degree, ratio }) => {
      const random = seeded(degree * 10 + ratio)
      const list = randomKnots(random, 6, degree, ratio)
      const knots = Float64Array.from(list)
      const first = list[0]!
      const last = list.at(-1)!
      // Samples over the extended knots, and some outside, which must change nothing.
      const inside = Array.from({ length: 400 }, () => first + (last - first) * random())
      const x = [...inside, first - 1, last, last + 1, Number.NaN]
      const y = x.flatMap(v => [Math.sin(3 * v), random(), v * 1e6].map(value => value || 0))
      const weights = x.map(() => 0.1 + random())
      const basis = inside.map(v => bsplineRow(list, degree, v))
      const priors = [undefined, new Float64Array((6 + degree) * 3).fill(5)]
      for (const prior of priors) {
        const coef = fitCoefficients({ knots, degree, x, y, curves: 3, weights, ...(prior && { prior }) })
        for (let j = 0; j < 3; j++) {
          const expected = denseLeastSquares(
            basis,
            inside.map((_, i) => y[i * 3 + j]!),
            weights,
          )
          const size = Math.max(...expected.map(Math.abs), prior ? 5 : 0)
          expected.forEach((c, m) => expect(Math.abs(coef[m * 3 + j]! - c) / size).toBeLessThan(AGREEMENT))
        }
      }
    },
  )

  test('as many samples as coefficients, at the Greville abscissae: interpolation', () => {
    const knots = uniformKnots([-1, 1], 8, 3)
    const truth = Float64Array.from({ length: 11 }, (_, m) => Math.cos(m * m))
    const x = [...grevilleAbscissae(knots, 3)].map(g => Math.max(-1, Math.min(0.999, g)))
    x[0] = -1
    x[1] = -0.9
    x[9] = 0.9
    const y = x.map(v => spline(knots, 3, truth, v))
    const coef = fitCoefficients({ knots, degree: 3, x, y })
    x.forEach((v, i) => expect(Math.abs(spline(knots, 3, coef, v) - y[i]!)).toBeLessThan(1e-6))
  })
})

describe('what it refuses', () => {
  const knots = uniformKnots([-1, 1], 3, 2)
  test.each([
    ['y of the wrong length', { x: [0, 0.1], y: [1] }, ShapeError, /y has 1 values; it needs 2/],
    ['no curves', { x: [], y: [], curves: 0 }, ShapeError, /curves is 0/],
    ['too few weights', { x: [0, 0.1], y: [1, 2], weights: [1] }, ShapeError, /weights has 1/],
    [
      'a prior of the wrong length',
      { x: [0], y: [1], prior: [1] },
      ShapeError,
      /prior has 1 values; it needs 5/,
    ],
    ['a negative weight', { x: [0], y: [1], weights: [-1] }, DataError, /weight of row 0 is -1/],
    ['a NaN weight', { x: [0], y: [1], weights: [Number.NaN] }, DataError, /weight of row 0 is NaN/],
    [
      'a NaN target',
      { x: [0, 0.1], y: [1, 2, 3, Number.NaN], curves: 2 },
      DataError,
      /y is NaN at row 1, curve 1/,
    ],
    ['an infinite prior', { x: [0], y: [1], prior: [0, 0, Infinity, 0, 0] }, DataError, /prior is Infinity/],
    [
      'bad knots',
      { x: [0], y: [1], knots: Float64Array.of(0, 1, 2, 2, 3, 4, 5) },
      ConfigError,
      /knots 2 and 3/,
    ],
  ])('%s', (_, samples, kind, message) => {
    const fit = (): Float64Array => fitCoefficients({ knots, degree: 2, ...samples })
    expect(fit).toThrow(kind)
    expect(fit).toThrow(message)
  })

  test('a NaN target outside the knots or with weight 0 is not looked at', () => {
    const coef = fitCoefficients({ knots, degree: 2, x: [9, 0], y: [Number.NaN, 2], weights: [1, 1] })
    expect(coef.every(Number.isFinite)).toBe(true)
  })
})
