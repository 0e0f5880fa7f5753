import { describe, expect, it } from 'vitest'
import { formatTable, parseTable } from '../../src/data/index.ts'
import type { Column } from '../../src/data/index.ts'
import { ShapeError } from '../../src/errors.ts'
import { Random } from '../../src/random.ts'

describe('formatTable', () => {
  it('writes a header row and one row a line', () => {
    const columns: Column[] = [
      { name: 'x', kind: 'numeric', values: Float64Array.of(1, -0.5) },
      { name: 'class', kind: 'text', values: ['a', 'b'] },
    ]
    expect(formatTable(columns)).toBe('x,class\n1,a\n-0.5,b\n')
  })

  it('leaves NaN empty, and never writes a blank line', () => {
    const x: Column = { name: 'x', kind: 'numeric', values: Float64Array.of(1, Number.NaN) }
    expect(formatTable([x, { name: 't', kind: 'text', values: ['a', ''] }])).toBe('x,t\n1,a\n,\n')
    expect(formatTable([x])).toBe('x\n1\n""\n')
    expect(parseTable(formatTable([x]), { missing: 'drop' }).dropped).toBe(1)
  })

  it('is read back bit for bit', () => {
    const random = new Random(1)
    const words = Uint32Array.from({ length: 4000 }, () => random.word())
    const samples = new Float64Array(words.buffer).filter(value => Number.isFinite(value))
    const values = Float64Array.of(
      0,
      -0,
      5e-324,
      -Number.MAX_VALUE,
      Number.EPSILON,
      0.1 + 0.2,
      2 ** 53,
      ...samples,
    )
    const texts = Array.from(values, (_, i) => ['a,b', 'say "x"', 'two\nlines', '=1+1', 'é'][i % 5]!)
    const { columns } = parseTable(
      formatTable([
        { name: 'a, "b"', kind: 'numeric', values },
        { name: 't', kind: 'text', values: texts },
      ]),
    )
    expect(columns[0]!.name).toBe('a, "b"')
    expect(columns[1]!.values).toEqual(texts)
    const read = columns[0]!.values
    expect(read).toHaveLength(values.length)
    expect(values.every((value, i) => Object.is(value, read[i]))).toBe(true)
  })

  it('refuses columns of different lengths', () => {
    const columns: Column[] = [
      { name: 'a', kind: 'text', values: ['1'] },
      { name: 'b', kind: 'text', values: [] },
    ]
    expect(() => formatTable(columns)).toThrow(ShapeError)
    expect(() => formatTable(columns)).toThrow('Column "b" has 0 values, "a" has 1.')
  })
})
