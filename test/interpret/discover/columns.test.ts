import { describe, expect, it } from 'vitest'
import { evaluateRows, parse } from '../../../src/formula/index.ts'
import { discover } from '../../../src/index.ts'
import { distinctColumns, onColumns } from '../../../src/interpret/discover/columns.ts'
import { denseStructure, structureText } from '../../../src/interpret/discover/structures.ts'
import { Random } from '../../../src/random.ts'

describe('distinctColumns', () => {
  it('leaves out columns that repeat others or never change', () => {
    const rows = (x: number[][]): number[] =>
      distinctColumns({
        names: x[0]!.map(String),
        x: Float64Array.from(x.flat()),
        y: new Float64Array(x.length),
        rows: x.length,
      })
    expect(
      rows([
        [1, 5, 1, 2],
        [2, 5, 2, 2],
        [3, 5, 3, 1],
      ]),
    ).toEqual([0, 3])
    expect(
      rows([
        [1, 1],
        [1, 1],
      ]),
    ).toEqual([0, 1])
    expect(structureText(onColumns(denseStructure([2, [1, 1], 1]), [0, 3], 4))).toBe('+(1 4) *(1 4|1 4) -> +')
  })

  it('keeps formulas short where a column comes twice', { timeout: 60_000 }, async () => {
    const random = new Random(2)
    const rows = Array.from({ length: 300 }, () => [1 + random.uniform(), 1 + random.uniform()])
    const y = evaluateRows(parse('x1^2*x2'), ['x1', 'x2'], rows.flat(), 300)
    const found = await discover({ x: rows.map(([a, b]) => [a!, b!, a!, 7]), y })
    expect(found.text).toBe('x1^2*x2')
    expect(found.network.model.layout.inputs).toBe(4)
  })
})
