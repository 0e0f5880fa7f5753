import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compile, equals, evaluateRows, parse, toText, variables } from '../../src/formula/index.ts'
import { Random } from '../../src/random.ts'

/*
 * feynman_equations.csv is the list of Udrescu and Tegmark ("AI Feynman", Science Advances 6, 2020; the Feynman Symbolic
 * Regression Database), unchanged: formulas, variables and sampling ranges. feynman_values.csv holds one point inside each
 * range and the value there by Python 3's own parser and math module.
 */
function table(name: string): string[][] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  return text
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map(line => line.split(','))
}

const values = new Map(table('feynman_values.csv').map(([name, ...numbers]) => [name, numbers.map(Number)]))

const equations = table('feynman_equations.csv').map(([name, , , text, , ...columns]) => {
  const ranges: { name: string; low: number; high: number }[] = []
  for (let i = 0; i < columns.length; i += 3)
    if (columns[i])
      ranges.push({ name: columns[i]!, low: Number(columns[i + 1]), high: Number(columns[i + 2]) })
  return { name: name!, text: text!, ranges }
})

describe('the Feynman equations', () => {
  it('are a hundred', () => {
    expect(equations).toHaveLength(100)
    expect(values.size).toBe(100)
  })

  it.each(equations)('$name: $text', ({ name, text, ranges }) => {
    const names = ranges.map(range => range.name)
    const formula = parse(text, { variables: names })
    expect(equals(parse(text), formula)).toBe(true) // no variable of the list has a meaning of its own
    expect(names).toEqual(expect.arrayContaining(variables(formula)))
    expect(equals(parse(toText(formula)), formula)).toBe(true)

    const rows = 200
    const random = new Random(7)
    const x = new Float64Array(rows * names.length)
    for (let i = 0; i < x.length; i++) {
      const { low, high } = ranges[i % ranges.length]!
      x[i] = low + (high - low) * random.uniform()
    }
    expect(evaluateRows(formula, names, x, rows).every(Number.isFinite)).toBe(true)

    const [value, ...point] = values.get(name)!
    expect(point).toHaveLength(names.length)
    // A dozen roundings, and differences that cancel two digits at most: 12 * 2^-53 * 100 = 1.3e-13.
    const difference = compile(formula, names)(point) - value!
    expect(Math.abs(difference)).toBeLessThan(2e-13 * Math.abs(value!))
  })
})
