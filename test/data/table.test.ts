import { describe, expect, it } from 'vitest'
import { parseTable } from '../../src/data/index.ts'
import type { Column } from '../../src/data/index.ts'
import { fault, withCells } from './cells.ts'

function column(text: string, place: number): Column {
  return parseTable(text).columns[place]!
}

describe('parseTable reads', () => {
  it('numbers and texts with their spelling, lines and counts', () => {
    const table = parseTable('a,name\n1.50, red \n+2e-1,blue\n.5,red\n', { name: 'paint.csv' })
    expect(table.name).toBe('paint.csv')
    expect([table.rows, table.dropped]).toEqual([3, 0])
    expect(table.lines).toEqual(Uint32Array.of(2, 3, 4))
    expect(table.columns[0]).toEqual({
      name: 'a',
      kind: 'numeric',
      values: Float64Array.of(1.5, 0.2, 0.5),
      written: new Map([
        [1.5, '1.50'],
        [0.2, '+2e-1'],
        [0.5, '.5'],
      ]),
    })
    expect(table.columns[1]).toEqual({ name: 'name', kind: 'text', values: ['red', 'blue', 'red'] })
  })

  it.each([
    ['commas', 'a,b,c\n1,2,3\n4,5,6\n'],
    ['semicolons', 'a;b;c\n1;2;3\n4;5;6\n'],
    ['tabs', 'a\tb\tc\n1\t2\t3\n4\t5\t6\n'],
    ['CRLF', 'a,b,c\r\n1,2,3\r\n4,5,6\r\n'],
    ['CR', 'a,b,c\r1,2,3\r4,5,6'],
    ['a byte order mark', '\ufeffa,b,c\n1,2,3\n4,5,6'],
    ['blank lines after, between and before', '\n\na;b;c\n1;2;3\n\n4;5;6\n\n\n  \n\n'],
    ['quotes', '"a","b",c\n"1",2,"3"\n4,"5",6'],
    ['spaces', 'a , b, c\n 1 , 2,3\n4,5, 6'],
  ])('%s', (_, text) => {
    const { columns } = parseTable(text)
    expect(columns.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect(columns.map(({ values }) => [...values])).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
  })

  it('blank lines between the rows of one column as missing values, with their lines', () => {
    const read = (text: string): unknown => {
      const { columns, dropped, kept, lines } = parseTable(text, { missing: 'drop' })
      return [columns[0]!.values, dropped, [...kept!], [...lines!]]
    }
    const found = [Float64Array.of(11, 12), 2, [0, 2], [2, 4]]
    expect(read('x\n11\n\n12\nNA\n')).toEqual(found)
    expect(read('\ufeffx\r\n11\r\n \r\n12\r\nNA\r\n\r\n\r\n')).toEqual(found)
    expect(read('x\n11\n\n12\n""')).toEqual(found)
    // The header need not be the first line.
    expect(read('\n\nx\n\n11\n')).toEqual([Float64Array.of(11), 1, [1], [5]])
    expect(fault('x\n11\n\n12\n')).toContain('line 3, column "x": the value is empty')
  })

  it('semicolons in a ragged table of two columns, where papaparse finds no delimiter', () => {
    expect(fault('a;b\n1\n2;3\n')).toContain('line 2 has 1 cell, but the header has 2')
  })

  it('cells with delimiters, quotes and line breaks; lines still count as in the file', () => {
    const text = 'x,note\n1,"a, ""b"""\n2,"two\nlines"\n\nNaN,c\n'
    expect(column(text.replace('NaN', '3'), 1).values).toEqual(['a, "b"', 'two\nlines', 'c'])
    expect(fault(text)).toContain('line 6, column "x": "NaN"')
  })

  it('spellings up to 1000 distinct values', () => {
    const rows = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i}.0`)
    expect(column(withCells(...rows(1000)), 0)).toHaveProperty('written')
    expect(column(withCells(...rows(1001)), 0)).not.toHaveProperty('written')
  })

  it('named columns only, with whatever else the table holds', () => {
    const text = 'a,b,c\n1,,x\n2,NaN,\n'
    const table = parseTable(text, { only: ['a'] })
    expect(table.columns).toHaveLength(1)
    expect(table.columns[0]!.values).toEqual(Float64Array.of(1, 2))
    expect(fault(text, { only: ['a', 'cc'] })).toBe(
      't.csv: there is no column "cc". Did you mean "c"? The columns are "a", "b", "c".',
    )
  })

  it('all columns but those to ignore, which may hold anything', () => {
    const table = parseTable('id,a,when\nx1,1,\nx1,2,inf\n', { ignore: ['id', 'when'] })
    expect(table.columns.map(({ name }) => name)).toEqual(['a'])
    expect(table.rows).toBe(2)
    expect(fault('id,a\n1,2\n', { ignore: ['idd'] })).toContain(
      'no column to ignore "idd". Did you mean "id"?',
    )
  })

  it('which rows of the file were kept', () => {
    expect(parseTable('a,b\n1,0\nNA,0\n3,0\n\n4,0\n', { missing: 'drop' }).kept).toEqual(
      Uint32Array.of(0, 2, 3),
    )
  })

  it('NaN as a name among texts, even where rows are dropped', () => {
    const text = 'name,x\nNan,1\nAnn,2\nBob,\nEve,3\n'
    expect(parseTable(text, { missing: 'drop' }).columns[0]!.values).toEqual(['Nan', 'Ann', 'Eve'])
  })

  it('NaN as missing in a column that is numeric once other rows are dropped', () => {
    // With all rows, a third of column a is text of two kinds; without the row that lacks b, it is numbers and NaN.
    const text = 'a,b\n1,2\nnan,3\n4,5\nx,nan\ny,NA\n6,7\n'
    const { rows, columns } = parseTable(text, { missing: 'drop' })
    expect([rows, columns[0]!.kind]).toEqual([3, 'numeric'])
  })

  it.each(['__proto__', 'constructor'])('a column called %s', name => {
    expect(parseTable(`${name},b\n1,2\n3,4\n`).columns[0]).toMatchObject({
      name,
      values: Float64Array.of(1, 3),
    })
  })
})

describe('the kind of a column', () => {
  const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i))

  it.each([
    ['names', ['a', 'b', 'a', 'c']],
    ['one text everywhere', ['a', 'a', 'a', 'a']],
    ['mostly one text', ['a', 'a', 'a', '1']],
    ['one cell in ten, of two texts', [...numbers(18), 'x', 'y']],
    ['other notations of numbers', ['0x10', '1_000', '1 000', '$5']],
  ])('is text: %s', (_, cells) => {
    expect(column(withCells(...cells), 0)).toMatchObject({ kind: 'text', values: cells })
  })

  it.each([
    ['one stray cell among many numbers', [...numbers(50), 'oops'], 'line 52', 'oops'],
    ['one stray cell in a tiny table', ['1', 'oops', '3'], 'line 3', 'oops'],
    ['one mark used often', [...numbers(6), '-', '-', '-'], 'line 8', '-'],
    ['two different texts in more than twenty', [...numbers(19), 'x', 'y'], 'line 21', 'x'],
  ])('is numeric, and a text is an error: %s', (_, cells, line, cell) => {
    expect(fault(withCells(...cells))).toContain(
      `t.csv: ${line}, column "x": "${cell}" is not a number, but the column is numeric.`,
    )
  })

  it('is judged on the rows that are kept', () => {
    const text = withCells(...numbers(5), 'x', 'y')
      .replace(/5\n/, '\n')
      .replace(/6\n/, '\n')
    const table = parseTable(text, { missing: 'drop' })
    expect([table.rows, table.dropped]).toEqual([5, 2])
    expect(table.columns[0]!.kind).toBe('numeric')
  })

  it('names that read like special values stay texts', () => {
    expect(column(withCells('Nan', 'Ann', 'Inf', 'Bob', 'Eve'), 0)).toMatchObject({ kind: 'text' })
  })
})
