import { describe, expect, it } from 'vitest'
import { evaluateRows, parse } from '../../../../src/formula/index.ts'
import { discover } from '../../../../src/index.ts'
import {
  columnGroups,
  distinctColumns,
  onColumns,
} from '../../../../src/interpret/discover/structures/columns.ts'
import { denseStructure, structureText } from '../../../../src/interpret/discover/structures/structures.ts'
import { Random } from '../../../../src/random.ts'

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

  it('leaves out the level of a text that does what another one does', { timeout: 60_000 }, async () => {
    const random = new Random(3)
    const names = ['a', 'b', 'blue', 'green', 'red']
    const rows = Array.from({ length: 120 }, (_, r) => [
      1 + 2 * random.uniform(),
      1 + 2 * random.uniform(),
      ...[0, 1, 2].map(level => Number(r % 3 === level)),
    ])
    const x = Float64Array.from(rows.flat())
    const y = evaluateRows(parse('a*b + 2*red'), names, x, 120)
    const columns = distinctColumns({ names, x, y, rows: 120 })
    // Of blue and green, which do the same, only one is left.
    expect(columns).toHaveLength(4)
    expect(columns).toContain(4)
    expect(columnGroups({ names, x, y, rows: 120 }, columns)).toEqual([[0], [1], columns.slice(2)])
    const found = await discover({ x, y }, { names })
    expect(found.exact).toBe(true)
    expect(found.text).toBe('a*b + 2*red')
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
