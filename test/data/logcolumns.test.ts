import { describe, expect, test } from 'vitest'
import { parseTable, spansDecades, suggestLogColumns } from '../../src/data/index.ts'
import type { LogSuggestion } from '../../src/data/index.ts'

/** What is suggested for one column of these values. */
function suggested(values: readonly number[]): LogSuggestion[] {
  return suggestLogColumns({
    columns: [{ name: 'a', kind: 'numeric', values: Float64Array.from(values) }],
  })
}

describe('suggestLogColumns', () => {
  test('names positive columns that span more than three decades, and how many', () => {
    expect(suggested([0.5, 2, 1000])).toEqual([{ column: 'a', decades: Math.log10(2000), zeros: 0 }])
    expect(suggested([1, 2, 1000])).toEqual([])
    expect(suggested([-1, 2, 1e9])).toEqual([])
    expect(suggested([])).toEqual([])
    // A quotient of 1e600 would overflow.
    expect(suggested([1e-300, 1e300])[0]!.decades).toBe(600)
  })

  test('lets one value in twenty be 0', () => {
    const positive = Array.from({ length: 19 }, (_, row) => 10 ** row)
    expect(suggested([0, ...positive])).toEqual([{ column: 'a', decades: 18, zeros: 1 }])
    expect(suggested([0, ...positive.slice(1)])).toEqual([])
    expect(suggested([0, 0])).toEqual([])
  })

  test('looks at the numbers of a table', () => {
    const table = parseTable('a,b,c\n1,x,1e-5\n2,y,3\n3,x,200\n')
    expect(suggestLogColumns(table)).toEqual([
      { column: 'c', decades: Math.log10(200) - Math.log10(1e-5), zeros: 0 },
    ])
  })
})

describe('spansDecades', () => {
  const uniform = Array.from({ length: 500 }, (_, row) => (20 * (row + 0.5)) / 500)

  test('leaves what is uniform from 0 on, and its square and cube, as it is', () => {
    for (const power of [1, 2, 3]) expect(spansDecades(uniform.map(value => value ** power))).toBe(false)
    // 0.02 to 20 are three decades all the same.
    expect(suggested(uniform.map(value => value ** 2))).toEqual([])
  })

  test('sees decades in all of the rows, and where the largest few would count alone', () => {
    // 10^-1.5 to 10^1.5 evenly: 2.7 decades without the tails, half of them above the median.
    expect(spansDecades(uniform.map(value => 10 ** (0.15 * value - 1.5)))).toBe(true)
    expect(spansDecades(uniform.map(value => 10 ** (0.05 * value)))).toBe(false)
    expect(spansDecades(uniform.map(value => -value))).toBe(false)
    expect(spansDecades([1, 2, 100])).toBe(true)
    expect(spansDecades([0, 2, 100])).toBe(false)
    expect(spansDecades([])).toBe(false)
  })
})
