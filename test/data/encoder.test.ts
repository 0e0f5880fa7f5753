import { describe, expect, it } from 'vitest'
import { applyEncoder, encoderColumns, encodeTable, parseTable, readEncoder } from '../../src/data/index.ts'
import type { Table, TableEncoder } from '../../src/data/index.ts'
import { DataError, FormatError } from '../../src/errors.ts'

function table(header: string, ...rows: string[]): Table {
  return parseTable([header, ...rows].join('\n'), { name: 't.csv' })
}

/** A table of a varying input and the given targets, repeated until there are `rows` rows. */
function targets(rows: number, ...cells: string[]): Table {
  return table('x,y', ...Array.from({ length: rows }, (_, i) => `${i / 2},${cells[i % cells.length]!}`))
}

describe('applyEncoder', () => {
  const trained = table('a,color,y', '1,red,u', '2,blue,v', '3,red,u', '4,blue,v')
  const { encoder, x, y } = encodeTable(trained, { target: 'y' })

  it('gives the training arrays for the training table, after a round trip through JSON', () => {
    const saved = readEncoder(JSON.parse(JSON.stringify(encoder)))
    expect(saved).toEqual(encoder)
    expect(applyEncoder(saved, trained, { requireTarget: true })).toEqual({ x, y, warnings: [] })
  })

  it('finds columns by name, takes one row, and needs no target to predict', () => {
    const one = table('color,extra,a', 'blue,zzz,9')
    expect(applyEncoder(encoder, one, { requireTarget: false })).toEqual({
      x: Float64Array.of(9, 1, 0),
      warnings: [],
    })
    expect(encoderColumns(encoder, { requireTarget: false })).toEqual(['a', 'color'])
    expect(encoderColumns(encoder, { requireTarget: true })).toEqual(['a', 'color', 'y'])
  })

  it('sets all inputs of an unseen level to 0 and warns', () => {
    const applied = applyEncoder(encoder, table('a,color', '1,pink', '2,red', '3,grey'), {
      requireTarget: false,
    })
    expect(applied.x).toEqual(Float64Array.of(1, 0, 0, 2, 0, 1, 3, 0, 0))
    expect(applied.warnings).toEqual([
      '2 rows of column "color" hold values that training has not seen (line 2: "pink"); all inputs of that column are 0 there.',
    ])
  })

  it.each([
    ['a missing column', table('colour,b', 'red,1'), false, 't.csv: there is no input column "a".'],
    [
      'a missing column with a near name',
      table('a,colour', '1,red'),
      false,
      'no input column "color". Did you mean "colour"?',
    ],
    ['a missing target', table('a,color', '1,red'), true, 'there is no target column "y"'],
    [
      'a text in a numeric input',
      table('a,color', 'x,red'),
      false,
      'line 2, column "a": "x" is not a number, but this input must be numeric',
    ],
    [
      'an unknown label',
      table('a,color,y', '1,red,u', '1,red,w'),
      true,
      'line 3, column "y": "w" is none of the 2 classes the model was trained on: "u", "v"',
    ],
  ] as const)('refuses %s', (_, t, requireTarget, message) => {
    expect(() => applyEncoder(encoder, t, { requireTarget })).toThrow(DataError)
    expect(() => applyEncoder(encoder, t, { requireTarget })).toThrow(message)
  })

  it('knows a numeric label however it is written', () => {
    const digits = encodeTable(targets(40, '1', '02'), { target: 'y' })
    expect(digits.encoder.target.labels).toEqual(['1', '02'])
    const applied = applyEncoder(digits.encoder, table('x,y', '0,2.0', '0,1', '0,1e0'), {
      requireTarget: true,
    })
    expect(applied.y).toEqual(Float64Array.of(1, 0, 0))
    expect(() => applyEncoder(digits.encoder, table('x,y', '0,3'), { requireTarget: true })).toThrow(
      '"3" is none of the 2',
    )
  })

  it('copies a regression target', () => {
    const t = targets(4, '0.5', '2')
    const fit = encodeTable(t, { target: 'y' })
    const applied = applyEncoder(fit.encoder, t, { requireTarget: true })
    applied.y![0] = 99
    fit.y[0] = 99
    expect(t.columns[1]!.values[0]).toBe(0.5)
  })
})

describe('readEncoder refuses', () => {
  const inputs: TableEncoder['inputs'] = [{ column: 'a', kind: 'numeric' }]
  const target = { column: 'y' }
  it.each([
    [null, 'it is not an object'],
    [[], 'it is not an object'],
    [{ task: 'x', inputs, target }, 'task is "x"'],
    [{ task: 'regression', inputs: [], target }, 'at least one input'],
    [{ task: 'regression', inputs: [1], target }, 'inputs[0] is not an object'],
    [{ task: 'regression', inputs: [{ column: 'a', kind: 'x' }], target }, 'inputs[0].kind is "x"'],
    [
      { task: 'regression', inputs: [{ column: 'a', kind: 'one-hot' }], target },
      'inputs[0].level is not a text',
    ],
    [{ task: 'regression', inputs: [...inputs, ...inputs], target }, 'two inputs are the same'],
    [{ task: 'regression', inputs }, 'target is not an object'],
    [{ task: 'regression', inputs, target: {} }, 'target.column is not a text'],
    [
      { task: 'regression', inputs, target: { column: 'y', labels: ['a', 'b'] } },
      'a regression has no labels',
    ],
    [{ task: 'classification', inputs, target }, 'labels is not a list of at least two'],
    [{ task: 'classification', inputs, target: { column: 'y', labels: ['a'] } }, 'at least two'],
    [{ task: 'classification', inputs, target: { column: 'y', labels: ['a', 1] } }, 'a label is not a text'],
    [
      { task: 'classification', inputs, target: { column: 'y', labels: ['a', 'a'] } },
      'two labels are the same',
    ],
  ])('%j', (value, message) => {
    expect(() => readEncoder(value)).toThrow(FormatError)
    expect(() => readEncoder(value)).toThrow(message)
  })
})
