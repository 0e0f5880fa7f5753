import { describe, expect, it } from 'vitest'
import { functions } from '../../src/formula/index.ts'
import type { FunctionName } from '../../src/formula/index.ts'

describe('the functions that Math lacks', () => {
  // Values of mpmath 1.3 with 40 digits, rounded to float64.
  it.each([
    ['besselj0', 0, 1],
    ['besselj0', 0.5, 0.9384698072408129],
    ['besselj0', -1, 0.7651976865579666],
    ['besselj0', 2.404825557695773, -6.10876525973673e-17],
    ['besselj0', 10, -0.24593576445134835],
    ['besselj0', 24.9, 0.0832459683530155],
    ['besselj0', 25.1, 0.10827567149994945],
    ['besselj0', -100, 0.019985850304223122],
    ['besselj0', 1000, 0.024786686152420176],
    ['besselj1', 1e-9, 5e-10],
    ['besselj1', 0.5, 0.2422684576748739],
    ['besselj1', -1, -0.4400505857449335],
    ['besselj1', 10, 0.04347274616886144],
    ['besselj1', 24.9, -0.13485569953140886],
    ['besselj1', 25.1, -0.11463478413442257],
    ['besselj1', -100, 0.07714535201411216],
    ['erf', 1e-10, 1.1283791670955126e-10],
    ['erf', -0.1, -0.1124629160182849],
    ['erf', 0.5, 0.5204998778130465],
    ['erf', 1, 0.8427007929497149],
    ['erf', 1.5, 0.9661051464753108],
    ['erf', 1.99, 0.995111413199617],
    ['erf', 2, 0.9953222650189527],
    ['erf', -2.5, -0.999593047982555],
    ['erf', 4, 0.9999999845827421],
    ['erf', 7, 1],
  ] as const)('%s(%d)', (name: FunctionName, x, value) => {
    // The bound that special.ts states; near 0 it must hold relatively too (J1 and erf are odd).
    const scale = Math.min(1, Math.abs(x))
    expect(Math.abs(functions[name].value(x, NaN) - value)).toBeLessThan(1e-15 * (scale === 0 ? 1 : scale))
  })

  it.each([
    ['besselj0', 0, 0],
    ['besselj1', 0, 0],
    ['erf', -1, 1],
    ['sigmoid', 0, 1],
    ['silu', 0, Infinity],
    ['gaussian', 0, 0],
  ] as const)('%s goes to its limits and keeps NaN', (name: FunctionName, low, high) => {
    const { value } = functions[name]
    expect(value(-Infinity, NaN) + 0).toBe(low)
    expect(value(Infinity, NaN)).toBe(high)
    expect(value(NaN, NaN)).toBeNaN()
  })
})
