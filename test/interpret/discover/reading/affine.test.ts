import { describe, expect, it } from 'vitest'
import { evaluateRows, parse, toText, variable } from '../../../../src/formula/index.ts'
import {
  constantForm,
  expForm,
  expressionOf,
  formOf,
  logForm,
  mapped,
  multiplied,
  raisedForm,
  summed,
} from '../../../../src/interpret/discover/reading/affine.ts'
import type { AffineForm } from '../../../../src/interpret/discover/reading/affine.ts'

const x = formOf(variable('x'))
const y = formOf(variable('y'))
const rows = Float64Array.of(0.5, 2, 1.5, 0.7, 3, 1.2)

function values(form: AffineForm): Float64Array {
  return evaluateRows(expressionOf(form), ['x', 'y'], rows, 3)
}

/** Each rule on 3 rows against the same formula written out; some ten roundings of values up to 100. */
function expectSame(form: AffineForm, text: string): void {
  const wanted = evaluateRows(parse(text), ['x', 'y'], rows, 3)
  values(form).forEach((value, r) =>
    expect(Math.abs(value - wanted[r]!)).toBeLessThan(1e-13 * Math.max(1, Math.abs(wanted[r]!))),
  )
}

describe('affine forms', () => {
  const line = summed([mapped(x, 2), mapped(y, -3, 7)])

  it('add, scale and shift', () => {
    expectSame(line, '2 x - 3 y + 7')
    expectSame(mapped(line, 0.5, 1), 'x - 1.5 y + 4.5')
    expect(toText(expressionOf(mapped(x, 0, 4)))).toBe('4')
    expect(toText(expressionOf(constantForm(3)))).toBe('3')
  })

  it.each([2, 3, -1, -2, 0.5, -0.5, 1.7])('rise to the power %d', exponent => {
    expectSame(raisedForm(line, exponent), `(2 x - 3 y + 7)^${exponent}`)
    expectSame(raisedForm(mapped(x, 5), exponent), `(5 x)^${exponent}`)
  })

  it('rise to whole powers with their sign', () => {
    expectSame(raisedForm(mapped(x, -5), 3), '(-5 x)^3')
    expectSame(raisedForm(mapped(x, -5), -2), '(-5 x)^-2')
    expectSame(raisedForm(constantForm(-2), 2), '4')
  })

  it('take logarithms, exponentials and products', () => {
    expectSame(logForm(line), 'log(2 x - 3 y + 7)')
    expectSame(expForm(mapped(line, 0.1)), 'exp(0.2 x - 0.3 y + 0.7)')
    expectSame(multiplied([line, mapped(x, -2), raisedForm(y, -1)]), '(2 x - 3 y + 7) (-2 x) / y')
    expectSame(multiplied([constantForm(3), x]), '3 x')
  })

  it('write the exponential of logarithms as powers', () => {
    const form = expForm(summed([mapped(logForm(x), 2), mapped(logForm(y), -1), constantForm(Math.log(3))]))
    expectSame(form, '3 x^2 / y')
    expect(toText(expressionOf(form))).not.toMatch(/exp|log/)
  })
})
