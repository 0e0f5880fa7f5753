import { describe, expect, test } from 'vitest'
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts'
import { toClasses, toRows, toWeights } from '../../src/train/rows.ts'
import { checkSamples, holdOut, resolveClassWeights, weighClasses } from '../../src/train/samples.ts'

const x2 = { name: 'x', columns: 2 }

describe('toRows', () => {
  test('flat, nested, typed and mixed lists are the same rows', () => {
    const rows = Float64Array.of(1, 2, 3, 4)
    expect(toRows([1, 2, 3, 4], x2)).toEqual(rows)
    expect(toRows([[1, 2], Float32Array.of(3, 4)], x2)).toEqual(rows)
    expect(toRows(Float32Array.of(1, 2, 3, 4), x2)).toEqual(rows)
    expect(toRows(rows, x2)).toBe(rows)
    expect(toRows([5, 6], { name: 'y', columns: 1 })).toEqual(Float64Array.of(5, 6))
  })

  test.each([
    [[1, 2, 3], ShapeError, /x has 3 values.*rows of 2/],
    [[[1, 2], [3]], ShapeError, /x: row 2 has 1 values; every row needs 2/],
    [[], DataError, /x has no rows/],
    [
      [
        [1, 2],
        [3, NaN],
      ],
      DataError,
      /x: row 2, column 2 .* is NaN/,
    ],
    [[1, 2, Infinity, 4], DataError, /x: row 2, column 1 .* is Infinity/],
  ])('%j is refused', (rows, error, message) => {
    expect(() => toRows(rows, x2)).toThrow(error)
    expect(() => toRows(rows, x2)).toThrow(message)
  })

  test('what types forbid is refused too', () => {
    const untyped = (text: string) => JSON.parse(text) as number[]
    expect(() => toRows(untyped('[1, "2"]'), x2)).toThrow(/row 1, column 2 .* is "2"/)
    expect(() => toRows(untyped('[[1, 2], null]'), x2)).toThrow(/row 2 has null instead of a list/)
    expect(() => toRows(untyped('7'), x2)).toThrow(ShapeError)
    expect(() => toRows(untyped('null'), x2)).toThrow(ShapeError)
  })
})

describe('classes and weights', () => {
  test('classes are whole numbers below the number of outputs', () => {
    expect(toClasses([0, 2, 1], 'y', 3)).toEqual(Float64Array.of(0, 2, 1))
    expect(() => toClasses([0, 3], 'y', 3)).toThrow(/y: row 2 is class 3.*0 to 2/)
    expect(() => toClasses([0.5], 'y', 3)).toThrow(DataError)
    expect(() => toClasses([-1], 'y', 3)).toThrow(DataError)
  })

  test('weights are one a row, not negative, not all zero', () => {
    expect(toWeights(undefined, 'weights', 2)).toEqual(Float64Array.of(1, 1))
    expect(toWeights([0, 2], 'weights', 2)).toEqual(Float64Array.of(0, 2))
    expect(() => toWeights([1], 'weights', 2)).toThrow(ShapeError)
    expect(() => toWeights([1, -1], 'weights', 2)).toThrow(/row 2 is -1/)
    expect(() => toWeights([0, 0], 'weights', 2)).toThrow(DataError)
  })

  test('balanced classes: rows / (classes present * rows of the class)', () => {
    const labels = Float64Array.of(0, 0, 0, 1)
    expect(resolveClassWeights('balanced', labels, 3)).toEqual(Float64Array.of(4 / 6, 4 / 2, 0))
    const rows = { x: new Float64Array(4), y: labels, weights: Float64Array.of(1, 1, 0.5, 2) }
    expect(weighClasses(rows, Float64Array.of(3, 5, 0), 'rows').weights).toEqual(
      Float64Array.of(3, 3, 1.5, 10),
    )
    expect(() => weighClasses(rows, Float64Array.of(0, 0, 7), 'rows')).toThrow(DataError)
    expect(() => resolveClassWeights([1, 2], labels, 3)).toThrow(ConfigError)
    expect(() => resolveClassWeights([1, -2, 1], labels, 3)).toThrow(/classWeights\[1\] is -2/)
  })
})

describe('samples', () => {
  const shape = { inputs: 2, outputs: 1, loss: 'mse' } as const

  test('rows of x and y must agree', () => {
    expect(() => checkSamples({ x: [1, 2, 3, 4], y: [1] }, shape)).toThrow(/x has 2 rows and y has 1/)
    expect(() => checkSamples({ x: [1, 2], y: [NaN] }, shape, 'validation.')).toThrow(/validation\.y: row 1/)
  })

  test('holding out keeps every row once, with its target and weight', () => {
    const rows = 50
    const samples = checkSamples(
      {
        x: Float64Array.from({ length: 2 * rows }, (_, p) => p),
        y: Float64Array.from({ length: rows }, (_, r) => 2 * r),
        weights: Float64Array.from({ length: rows }, (_, r) => r + 1),
      },
      shape,
    )
    const { training, validation } = holdOut(samples, shape, 0.2, 3)
    expect(validation.weights).toHaveLength(10)
    for (const part of [training, validation])
      part.weights.forEach((weight, r) => {
        expect([part.x[2 * r], part.x[2 * r + 1], part.y[r]]).toEqual([
          2 * weight - 2,
          2 * weight - 1,
          2 * weight - 2,
        ])
      })
    const seen = [...training.weights, ...validation.weights].toSorted((a, b) => a - b)
    expect(seen).toEqual([...samples.weights])
    expect(holdOut(samples, shape, 0.2, 3)).toEqual({ training, validation })
    expect(holdOut(samples, shape, 0.2, 4).validation).not.toEqual(validation)
  })

  test('classes keep their shares', () => {
    const y = Float64Array.from({ length: 40 }, (_, r) => (r < 30 ? 0 : 1))
    const samples = { x: new Float64Array(80), y, weights: new Float64Array(40).fill(1) }
    const { validation } = holdOut(samples, { inputs: 2, outputs: 2, loss: 'cross-entropy' }, 0.2, 0)
    expect([...validation.y]).toEqual([0, 0, 0, 0, 0, 0, 1, 1])
  })
})
