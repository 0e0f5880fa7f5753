import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText } from '../../../../src/formula/index.ts'
import { withPositiveBases } from '../../../../src/interpret/discover/reading/bases.ts'

const x = Float64Array.from({ length: 20 }, (_, p) => 1 + p / 7)
const rows = { names: ['a', 'b'], x, y: new Float64Array(10), rows: 10 }

describe('withPositiveBases', () => {
  it('turns round two bases that are negative everywhere, whose product is not', () => {
    const formula = withPositiveBases(parse('3*(0.001 - a)^0.99*(-b)^0.99 + sqrt(a)'), rows)
    const values = evaluateRows(formula, rows.names, x, 10)
    const wanted = evaluateRows(parse('3*((0.001 - a)*(-b))^0.99 + sqrt(a)'), rows.names, x, 10)
    // Two roundings of a power of at most 14 and its neighbours.
    values.forEach((value, r) => expect(Math.abs(value / wanted[r]! - 1)).toBeLessThan(8 * 2 ** -52))
  })

  it.each(['(0.001 - a)^3*b^0.5', 'sqrt(b - 2)', '(a - 2)^0.5'])('leaves %s', text => {
    expect(toText(withPositiveBases(parse(text), rows))).toBe(toText(parse(text)))
  })
})
