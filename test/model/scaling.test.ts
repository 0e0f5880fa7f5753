import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/model/config.ts'
import { fitScaling, scaleRows, unscaleRows } from '../../src/model/scaling.ts'
import { Random } from '../../src/random.ts'

const random = new Random(5)
const columns = 3
const magnitudes = [1e-6, 1, 1e9]
const x = Float64Array.from({ length: 30 * columns }, (_, p) => magnitudes[p % 3]! * (random.uniform() + 2))
const y = Float64Array.from({ length: 30 }, () => 100 + 5 * random.uniform())

describe('fitScaling', () => {
  test('min-max maps each input column onto the grid range, standard gives outputs mean 0 and deviation 1', () => {
    const scaling = fitScaling(resolveConfig({ width: [3, 1], range: [-2, 3] }), x, y)
    const u = scaleRows(x, scaling.input)
    for (let i = 0; i < columns; i++) {
      const column = u.filter((_, p) => p % columns === i)
      // (value - shift) / scale: the shift is rounded, and value / scale is up to 15 here: 15 * 2^-52 each way.
      expect(Math.abs(Math.min(...column) + 2)).toBeLessThan(1e-14)
      expect(Math.abs(Math.max(...column) - 3)).toBeLessThan(1e-14)
    }
    const v = scaleRows(y, scaling.output)
    const mean = v.reduce((sum, value) => sum + value, 0) / v.length
    // 100 / 1.4, the shift in units of the scale, times 2^-52 for a rounding each of 30 values.
    expect(Math.abs(mean)).toBeLessThan(5e-13)
    expect(Math.abs(v.reduce((sum, value) => sum + value ** 2, 0) / v.length - 1)).toBeLessThan(5e-13)
  })

  test('outputs that are products keep their zero, and get a root mean square of 1', () => {
    const { output } = fitScaling(resolveConfig({ width: [3, [1, 1]] }), x, y)
    const sums = fitScaling(resolveConfig({ width: [3, 2] }), x, y).output
    expect([output.shift[0], output.scale[0]]).toEqual([sums.shift[0], sums.scale[0]])
    expect(output.shift[1]).toBe(0)
    const v = scaleRows(y, output).filter((_, p) => p % 2 === 1)
    // The root and 15 squares of a value and a quotient, each rounded: 15 + 4 units of 2^-53.
    expect(Math.abs(v.reduce((sum, value) => sum + value ** 2, 0) / v.length - 1)).toBeLessThan(19 * 2 ** -53)
    const zeros = fitScaling(resolveConfig({ width: [3, [0, 1]] }), x, new Float64Array(30)).output
    expect(zeros).toEqual({ shift: Float64Array.of(0), scale: Float64Array.of(1) })
  })

  test('scaling and unscaling are inverse to rounding', () => {
    const scaling = fitScaling(resolveConfig({ width: [3, 1] }), x, y)
    const back = unscaleRows(scaleRows(x, scaling.input), scaling.input)
    // Four roundings, of numbers at most 5 times the value (the shift is 2.5 ranges away): 4 * 5 * 2^-53 < 4e-15.
    back.forEach((value, p) => expect(Math.abs(value / x[p]! - 1)).toBeLessThan(4e-15))
  })

  test('a constant column keeps its unit and maps to the centre of the range', () => {
    const { input } = fitScaling(
      resolveConfig({ width: [1, 1], range: [0, 4] }),
      Float64Array.of(7, 7, 7),
      undefined,
    )
    expect(scaleRows(Float64Array.of(7, 8), input)).toEqual(Float64Array.of(2, 3))
  })

  test('none and classification leave numbers as they are', () => {
    const none = fitScaling(
      resolveConfig({ width: [3, 1], scaling: { input: 'none', output: 'none' } }),
      x,
      y,
    )
    expect(scaleRows(x, none.input)).toEqual(x)
    expect(scaleRows(y, none.output)).toEqual(y)
    const { output } = fitScaling(resolveConfig({ width: [3, 1] }), x, undefined)
    expect(output).toEqual({ shift: Float64Array.of(0), scale: Float64Array.of(1) })
  })
})
