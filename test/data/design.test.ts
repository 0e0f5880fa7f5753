import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodeTable, parseTable } from '../../src/data/index.ts'
import type { Table, Task } from '../../src/data/index.ts'
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts'

function example(name: string): Table {
  return parseTable(readFileSync(`examples/data/${name}.csv`, 'utf8'), { name: `${name}.csv` })
}

function table(header: string, ...rows: string[]): Table {
  return parseTable([header, ...rows].join('\n'), { name: 't.csv' })
}

/** A table of a varying input and the given targets, repeated until there are `rows` rows. */
function targets(rows: number, ...cells: string[]): Table {
  return table('x,y', ...Array.from({ length: rows }, (_, i) => `${i / 2},${cells[i % cells.length]!}`))
}

describe('the example tables', () => {
  it.each([
    ['airfoil', 'sound_db', 'regression', 1502, 5],
    ['diabetes', 'progression', 'regression', 442, 10],
    ['wine', 'cultivar', 'classification', 178, 13],
    // 64 pixels, of which three are black in every image.
    ['digits', 'digit', 'classification', 1797, 61],
  ] as const)('%s', (name, target, task, rows, inputs) => {
    const { encoder, x, y } = encodeTable(example(name), { target })
    expect(encoder.task).toBe(task)
    expect(encoder.inputs).toHaveLength(inputs)
    expect([x.length, y.length]).toEqual([rows * inputs, rows])
  })

  it('keep their labels as written, and their values in row-major order', () => {
    const wine = encodeTable(example('wine'), { target: 'cultivar' })
    expect(wine.encoder.target).toEqual({ column: 'cultivar', labels: ['class_0', 'class_1', 'class_2'] })
    expect(wine.x.slice(0, 15)).toEqual(
      Float64Array.of(
        14.23,
        1.71,
        2.43,
        15.6,
        127,
        2.8,
        3.06,
        0.28,
        2.29,
        5.64,
        1.04,
        3.92,
        1065,
        13.2,
        1.78,
      ),
    )
    const digits = encodeTable(example('digits'), { target: 'digit' })
    expect(digits.encoder.target.labels).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(digits.y.slice(0, 4)).toEqual(
      Float64Array.from(example('digits').columns[64]!.values.slice(0, 4), Number),
    )
    expect(digits.notes).toEqual([
      'target "digit" holds 10 different whole numbers in 1797 rows, which task auto took for a classification; --task ' +
        'regression overrides this.',
    ])
    expect(digits.warnings).toEqual([
      'input "px0" is 0 in every row and was left out.',
      'input "px32" is 0 in every row and was left out.',
      'input "px39" is 0 in every row and was left out.',
    ])
  })
})

describe('encodeTable', () => {
  it('makes one input a level of a text column, sorted, in the place of the column', () => {
    const { encoder, x, y, warnings } = encodeTable(
      table(
        'a,color,b,y',
        '1,red,5,.1',
        '2,blue,6,.2',
        '3,red,7,.3',
        '4,Red,8,.4',
        '4,blue,9,.5',
        '4,Red,9,.5',
      ),
      { target: 'y' },
    )
    expect(encoder).toEqual({
      task: 'regression',
      inputs: [
        { column: 'a', kind: 'numeric' },
        { column: 'color', kind: 'one-hot', level: 'Red' },
        { column: 'color', kind: 'one-hot', level: 'blue' },
        { column: 'color', kind: 'one-hot', level: 'red' },
        { column: 'b', kind: 'numeric' },
      ],
      target: { column: 'y' },
    })
    expect([...x]).toEqual(
      [
        [1, 0, 0, 1, 5],
        [2, 0, 1, 0, 6],
        [3, 0, 0, 1, 7],
        [4, 1, 0, 0, 8],
        [4, 0, 1, 0, 9],
        [4, 1, 0, 0, 9],
      ].flat(),
    )
    expect(y).toEqual(Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.5))
    expect(warnings).toEqual([])
  })

  it.each([
    ['texts', targets(20, 'yes', 'no'), 'classification', 0],
    ['whole numbers that are too many for classes', targets(5, '1', '2', '3'), 'regression', 0],
    ['fractions', targets(100, '0.5', '1.5'), 'regression', 0],
    ['many whole numbers', targets(2100, ...Array.from({ length: 21 }, (_, i) => `${i}`)), 'regression', 0],
    [
      'twenty whole numbers, often',
      targets(200, ...Array.from({ length: 20 }, (_, i) => `${i}`)),
      'classification',
      1,
    ],
    [
      'few whole numbers, seldom',
      targets(199, ...Array.from({ length: 20 }, (_, i) => `${i}`)),
      'regression',
      1,
    ],
  ] as const)(
    'under task auto takes %s for the right task, with a note where it could be argued',
    (_, t, task, notes) => {
      const encoded = encodeTable(t, { target: 'y' })
      expect(encoded.encoder.task).toBe(task)
      expect([encoded.notes, encoded.warnings].map(({ length }) => length)).toEqual([notes, 0])
      const other = task === 'regression' ? 'classification' : 'regression'
      for (const note of encoded.notes) {
        expect(note).toContain(`took for a ${task}; --task ${other} overrides this`)
        expect(encodeTable(t, { target: 'y', task: other }).encoder.task).toBe(other)
      }
    },
  )

  it('takes the task it is given', () => {
    const rating = targets(200, '1', '2', '3')
    expect(encodeTable(rating, { target: 'y', task: 'regression' })).toMatchObject({
      encoder: { task: 'regression' },
      warnings: [],
    })
    const half = encodeTable(targets(20, '1.50', '-0.5', '10'), { target: 'y', task: 'classification' })
    expect(half.encoder.target.labels).toEqual(['-0.5', '1.50', '10'])
    expect(half.y.slice(0, 4)).toEqual(Float64Array.of(1, 0, 2, 1))
  })

  it('keeps numeric labels as first written', () => {
    const { encoder } = encodeTable(targets(60, '007', '1.0', '1'), { target: 'y' })
    expect(encoder.target.labels).toEqual(['1.0', '007'])
  })

  it('warns of constant inputs and of classes with one row', () => {
    const t = table('a,b,c,y', '1,k,2.50,u', '2,k,2.5,v', '3,k,2.5,u', '4,k,2.5,w', '5,k,2.5,u', '5,k,2.5,v')
    const { encoder, warnings } = encodeTable(t, { target: 'y' })
    expect(encoder.inputs).toEqual([{ column: 'a', kind: 'numeric' }])
    expect(warnings).toEqual([
      'classes with a single row cannot be both learned and tested: "w".',
      'input "b" is "k" in every row and was left out.',
      'input "c" is 2.50 in every row and was left out.',
    ])
  })

  const names = (count: number): string[] =>
    Array.from({ length: 10 * count }, (_, i) => `n${i % count},${i}.5`)

  it.each([
    [
      'an unknown target',
      targets(5, '1', '2.5'),
      'Z',
      'auto',
      't.csv: there is no target column "Z". The columns are "x", "y".',
    ],
    ['a misspelt target', example('airfoil'), 'Sound_dB ', 'auto', 'Did you mean "sound_db"?'],
    [
      'a constant target',
      targets(5, '7'),
      'y',
      'auto',
      't.csv: target "y" is "7" in every row, so there is nothing to learn.',
    ],
    ['a constant text target', targets(5, 'a'), 'y', 'auto', 'is "a" in every row'],
    ['one row', targets(1, '7'), 'y', 'auto', 't.csv: there is only 1 row; training needs at least 2.'],
    [
      'a text target of a regression',
      targets(4, 'a', 'b'),
      'y',
      'regression',
      'line 2, column "y": "a" is not a number, but a regression target must be numeric',
    ],
    [
      'measurements as classes',
      example('airfoil'),
      'sound_db',
      'classification',
      'classes need two rows each on average. Use --task regression.',
    ],
    ['names as classes', table('x,y', '1,a', '2,b', '3,c'), 'y', 'auto', 'has 3 different values in 3 rows'],
    [
      'no input',
      table('y', '1', '2.5'),
      'y',
      'auto',
      't.csv: there is no column besides the target "y" to predict it from. Add input columns.',
    ],
    ['constant inputs', table('a,y', '1,1', '1,2.5'), 'y', 'auto', 'the only column is constant'],
    [
      'several constant inputs',
      table('a,b,y', '1,2,1', '1,2,2.5'),
      'y',
      'auto',
      'every one of the 2 columns',
    ],
    [
      '51 levels',
      table('a,y', ...names(51)),
      'y',
      'auto',
      'text column "a" has 51 different values in 510 rows (line 2: "n0")',
    ],
    [
      'a level a row',
      table('a,y', 'p,1', 'q,2.5', 'r,3'),
      'y',
      'auto',
      'has 3 different values in 3 rows (line 2: "p"); one input each allows 50, and two rows a value. Delete the column',
    ],
  ] as const)('refuses %s', (_, t, target, task: 'auto' | Task, message) => {
    expect(() => encodeTable(t, { target, task })).toThrow(DataError)
    expect(() => encodeTable(t, { target, task })).toThrow(message)
  })

  it('allows 50 levels, and two in any table', () => {
    expect(encodeTable(table('a,y', ...names(50)), { target: 'y' }).encoder.inputs).toHaveLength(50)
    expect(encodeTable(table('a,y', 'no,1', 'yes,2.5'), { target: 'y' }).x).toEqual(
      Float64Array.of(1, 0, 0, 1),
    )
  })

  it('says how many rows were dropped when too few are left', () => {
    const t = parseTable('a,b\n1,2\n,3\n', { missing: 'drop' })
    expect(() => encodeTable(t, { target: 'b' })).toThrow('only 1 row (1 dropped for missing values)')
  })

  it('checks tables made by hand', () => {
    const columns = (...values: number[]): Table => ({
      name: 'made',
      rows: 3,
      dropped: 0,
      columns: [
        { name: 'a', kind: 'numeric', values: Float64Array.from(values) },
        { name: 'y', kind: 'numeric', values: Float64Array.of(0.5, 1, 2) },
      ],
    })
    expect(() => encodeTable(columns(1, 2), { target: 'y' })).toThrow(ShapeError)
    expect(() => encodeTable(columns(1, 2), { target: 'y' })).toThrow('column "a" has 2 values for 3 rows')
    expect(() => encodeTable(columns(1, 2, Infinity), { target: 'y' })).toThrow(
      'row 3, column "a": Infinity is not a finite',
    )
    expect(() => encodeTable(columns(1, Number.NaN, 2), { target: 'a' })).toThrow(
      'row 2, column "a": NaN is not a finite',
    )
    // @ts-expect-error a task from JavaScript
    expect(() => encodeTable(columns(1, 2, 3), { target: 'y', task: 'ranking' })).toThrow(ConfigError)
  })
})
