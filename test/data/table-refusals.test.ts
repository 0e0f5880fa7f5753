import { describe, expect, it } from 'vitest'
import { parseTable } from '../../src/data/index.ts'
import { DataError } from '../../src/errors.ts'
import { Random } from '../../src/random.ts'
import { fault, withCells } from './cells.ts'

describe('parseTable refuses', () => {
  it.each([
    [
      new TextEncoder().encode('a,b\n1,2\n'),
      "not bytes. Give a string: new TextDecoder('utf-8', { fatal: true })",
    ],
    [undefined, 'not undefined. Give a string.'],
  ])('%o, from plain JavaScript', (given, message) => {
    const read = (text: unknown): unknown => Reflect.apply(parseTable, undefined, [text])
    expect(() => read(given)).toThrow(DataError)
    expect(() => read(given)).toThrow(`table: parseTable reads text, ${message}`)
  })

  it.each([
    ['an empty file', '', 't.csv: the file is empty. Give a header row and at least two rows.'],
    ['blank lines only', '\ufeff\r\n  \n', 'the file is empty'],
    ['a pair of quotes', '""\n', 'the file is empty'],
    ['a header only', 'a,b\n', 'no data rows. Add rows: one is enough to predict, training needs two.'],
    ['a binary file', 'a,b\n1,\0\n', 'the file is binary or UTF-16 (it holds a zero byte)'],
    ['a row too short', 'a,b\n1,2\n3\n', 'line 3 has 1 cell, but the header has 2.'],
    ['rows too long', 'a,b\n1,2,3\n1,2\n1,2,3\n', 'line 2 has 3 cells, but the header has 2.'],
    ['a repeated column', 'a,b,a\n1,2,3\n', 'columns 1 and 3 are both called "a". Give each its own name.'],
    ['a column without name', ',b\n0,2\n', 'column 1 of 2 has no name in the header row'],
    ['no header', '1,2.5\n3,4\n', 'line 1 holds numbers only ("1, 2.5")'],
    ['an open quote', 'a,b\n1,2\n3,"4\n5,6\n', 'line 3: a quoted cell is not closed properly'],
    ['text after a quote', 'a,b\n"x"y,2\n', 'line 2: a quoted cell is not closed properly'],
    [
      'decimal commas',
      'a;b\n1,5;2\n2,5;3\n',
      'line 2, column "a": "1,5" has a comma. Write decimals with a point',
    ],
    [
      '1e400',
      'a,b\n1,2\n3,1e400\n',
      'line 3, column "b": "1e400" is not a finite number (the largest is about 1.8e308)',
    ],
    ['NaN', 'a,b\nNaN,2\n3,4\n', 'line 2, column "a": "NaN" is not a finite number'],
    ['-inf', 'a,b\n1,2\n-inf,4\n', 'line 3, column "a": "-inf" is not a finite number'],
    ['nothing but NaN', 'a,b\nnan,2\nnan,4\n', 'line 2, column "a": "nan" is not a finite number'],
  ])('%s', (_, text, message) => {
    expect(fault(text)).toContain(message)
  })

  it.each(['', ' ', 'NA', 'na', 'N/A', 'null', '?', '""'])(
    'the missing value "%s", and drops it when asked to',
    cell => {
      const text = `a,b\n1,x\n${cell},y\n3,y\n`
      expect(fault(text)).toContain('line 3, column "a": the value ')
      expect(fault(text)).toContain('Fill it in, or use --missing drop')
      const table = parseTable(text, { missing: 'drop' })
      expect([table.rows, table.dropped]).toEqual([2, 1])
      expect(table.columns.map(({ values }) => [...values])).toEqual([
        [1, 3],
        ['x', 'y'],
      ])
      expect(table.lines).toEqual(Uint32Array.of(2, 4))
    },
  )

  it('with the first problem in reading order and the number of others', () => {
    const cells = 'a,b\n1,2\n3,x\nNaN,4\n5,\n6,7\n'
    expect(fault(cells)).toMatch(
      /^t\.csv: line 3, column "b": "x" is not a number, but the column is numeric\. There are 2 more bad cells\. /,
    )
    expect(fault(cells.replace('NaN', '1e400'), { missing: 'drop' })).toContain('There is 1 more bad cell.')
    expect(fault('a,b\n1\n2,3\n4\n5\n')).toMatch(/^t\.csv: line 2 has 1 cell.*There are 2 more such rows\.$/)
    expect(fault('a,b\n1,2\n1,1e999\n')).not.toContain('more')
  })

  describe('with a remedy that holds:', () => {
    it('leaving out rows, and how many would remain', () => {
      expect(fault('a,b\n1,2\n3,\nnan,4\n5,6\n')).toBe(
        't.csv: line 3, column "b": the value is empty. There is 1 more bad cell. Fill them in, or use --missing drop: ' +
          'it leaves out 2 rows, and 2 remain.',
      )
      expect(fault('a,b\n1,2\n3,NA\n')).toMatch(/Fill it in, .* leaves out 1 row, and 1 remains\.$/)
    })

    it('what leaving out rows would not mend', () => {
      expect(fault('a,b\n1,2\n3,\nNaN,4\n5,inf\n6,7\n')).toMatch(
        /There are 2 more bad cells\. --missing drop would leave out 2 rows, but not mend line 5, column "b": "inf" is /,
      )
    })

    it('nothing about leaving out rows where none would remain', () => {
      expect(fault('a,b\n1,\n2,nan\n')).toMatch(
        /Fill in what is missing: every row has a missing value.*column "b" lacks 2 of 2\. Fill in or delete that/,
      )
      expect(fault('a,b\n1,inf\n2,-inf\n')).toMatch(/bad cell\. Correct the cells\.$/)
    })

    it('correcting or emptying what is not missing', () => {
      const cells = 'a,b\n1,2\n3,inf\n4,5\n'
      expect(fault(cells)).toMatch(/Correct the cell, or empty it and use --missing drop\.$/)
      expect(fault(cells, { missing: 'drop' })).toMatch(/Correct the cell, or empty it: its row is then left/)
    })
  })

  it.each(['nan', 'NaN', 'NAN', '-nan'])('the number "%s", and drops it as a missing value', cell => {
    const text = `a,b\n1,x\n${cell},y\n3,y\n`
    expect(fault(text)).toContain(`line 3, column "a": "${cell}" is not a finite number`)
    const { rows, dropped, columns } = parseTable(text, { missing: 'drop' })
    expect([rows, dropped, [...columns[0]!.values]]).toEqual([2, 1, [1, 3]])
  })

  it.each(['inf', '-Infinity', '1e400'])('%s, dropping or not', cell => {
    expect(fault(withCells('1', cell, '2'), { missing: 'drop' })).toContain(
      `"${cell}" is not a finite number`,
    )
  })

  it('dropping every row, naming the emptiest column', () => {
    expect(fault('a,b\n1,\n2,\n,\n', { missing: 'drop' })).toContain(
      'every row has a missing value, so --missing drop leaves none; column "b" lacks 3 of 3',
    )
  })

  it('with one short line, whatever the file holds', () => {
    const message = fault(withCells('1', '2', `bad\u001b[31m${'x'.repeat(1e6)}`))
    expect(message.length).toBeLessThan(300)
    // eslint-disable-next-line no-control-regex -- that no escape sequence reaches the terminal is the claim
    expect(message).not.toMatch(/[\u0000-\u001f]/)
  })

  it('with a DataError and nothing else, or reads a table that is rectangular and finite', () => {
    const pieces = [
      'a',
      'b',
      ',',
      ',',
      ';',
      '\t',
      '\n',
      '\n',
      '\r\n',
      '"',
      '""',
      '1',
      '2.5',
      'NaN',
      '1e400',
      'NA',
      '?',
      ' ',
      '-0',
    ]
    const random = new Random(0)
    const outcomes = { read: 0, refused: 0, advised: 0 }
    for (let i = 0; i < 5000; i++) {
      let text = i % 3 === 0 ? '' : 'x,y\n'
      for (let j = random.integer(20); j >= 0; j--) text += pieces[random.integer(pieces.length)]!
      try {
        const { columns, rows } = parseTable(text, { missing: i % 2 === 0 ? 'drop' : 'error' })
        const sound = columns.every(
          ({ kind, values }) => values.length === rows && (kind === 'text' || values.every(Number.isFinite)),
        )
        if (!sound) throw new Error(`not a table: ${JSON.stringify(text)}`)
        outcomes.read++
      } catch (error) {
        if (!(error instanceof DataError)) throw error
        // The advice leads to a table.
        if (error.message.includes('use --missing drop: it leaves')) {
          const left = Number(/, and (\d+) remain/.exec(error.message)?.[1])
          if (parseTable(text, { missing: 'drop' }).rows !== left)
            throw new Error(JSON.stringify(text), { cause: error })
          outcomes.advised++
        }
        outcomes.refused++
      }
    }
    expect(outcomes.read).toBeGreaterThan(50)
    expect(outcomes.refused).toBeGreaterThan(50)
    expect(outcomes.advised).toBeGreaterThan(10)
  })
})
