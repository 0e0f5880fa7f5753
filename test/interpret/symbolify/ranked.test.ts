import { describe, expect, it } from 'vitest'
import { ranked } from '../../../src/interpret/symbolify/ranked.ts'

/** A formula as far as it is ranked: by its complexity and its RMSE on held-out rows, relative to the targets' deviation. */
function formula(complexity: number, judged: number): Parameters<typeof ranked>[0][number] {
  const rows = { rows: 100, rmse: judged, relative: judged, r2: 1 - judged ** 2 }
  return {
    complexity,
    judged,
    train: rows,
    heldOut: rows,
    texts: [''],
    latex: [''],
    expressions: [],
    hasPole: false,
  } as unknown as Parameters<typeof ranked>[0][number]
}

const chosen = (list: readonly (readonly [number, number])[], simplicity = 0.5): number =>
  ranked(
    list.map(([complexity, judged]) => formula(complexity, judged)),
    simplicity,
    800,
  ).best.complexity

describe('ranked', () => {
  it('lists what none beats in both complexity and error', () => {
    const found = [formula(9, 0.5), formula(3, 1), formula(12, 0.6), formula(20, 0.1)]
    expect(ranked(found, 0.5, 800).front.map(({ complexity }) => complexity)).toEqual([3, 9, 20])
  })

  it('never takes a constant for a formula that explains the rows, however long that is', () => {
    // log2(0.43) of the error is less than 192 / 16 of complexity.
    expect(
      chosen([
        [3, 1],
        [13, 0.9],
        [192, 0.43],
      ]),
    ).toBe(192)
  })

  it('takes the constant where others explain no more than chance does', () => {
    expect(
      chosen([
        [1, 1],
        [30, 0.96],
      ]),
    ).toBe(1)
    expect(chosen([[1, 1.01]])).toBe(1)
  })

  it('weighs what explains enough, which simplicity says', () => {
    const list = [
      [8, 0.5],
      [20, 0.3],
      [80, 0.2],
    ] as const
    // 7/8 of 0.96 explained: 0.84, which 0.91 is and 0.75 is not.
    expect(chosen(list)).toBe(20)
    expect(chosen(list, 0)).toBe(80)
    expect(chosen(list, 1)).toBe(8)
  })
})
