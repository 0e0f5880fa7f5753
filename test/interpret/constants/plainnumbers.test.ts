import { describe, expect, it } from 'vitest'
import { parse, toText } from '../../../src/formula/index.ts'
import type { Bounds } from '../../../src/formula/index.ts'
import { plainNumbers } from '../../../src/interpret/constants/plainnumbers.ts'

function plain(text: string, bounds: Readonly<Record<string, Bounds>>): string {
  return toText(plainNumbers(parse(text), Object.keys(bounds), new Map(Object.entries(bounds))))
}

describe('plainNumbers', () => {
  it('writes plainly what is off by last digits', () => {
    const text =
      '0.9999999999999999*exp(sin(3.1415926535897936*a + 5.2e-18) + 1.0000000000000002*(b - 1.35e-17)^2)'
    expect(plain(text, { a: [-1, 1], b: [-1, 1] })).toBe('exp(sin(pi*a) + b^2)')
  })

  it('leaves numbers that are off by more', () => {
    expect(plain('3.14159265359*a', { a: [-1, 1] })).toBe('3.14159265359*a')
    expect(plain('a + 1e-9', { a: [0.1, 1] })).toBe('a + 1e-9')
  })

  it('leaves a formula whose variables have no bounds, or that has hardly a value between them', () => {
    const text = '1.0000000000000002*a + b'
    expect(toText(plainNumbers(parse(text), ['a', 'b'], new Map([['a', [0, 1]]])))).toBe(text)
    expect(plain('sqrt(1.0000000000000002*a)', { a: [-2, -1] })).toBe('sqrt(1.0000000000000002*a)')
  })
})
