/** Columns of 0 and 1 of which no two are ever 1 on the same row: the levels of a text. */
export interface LevelGroup {
  readonly names: readonly string[]
  /** Whether one of them is 1 on every row. */
  readonly isComplete: boolean
}

/** Columns of 0 and 1 by name, each with its group. */
export type Levels = ReadonlyMap<string, LevelGroup>

/** Rows on which two columns would both be 1 by chance, where that they never are says that they exclude each other. */
const EXPECTED = 5

/**
 * The columns that are 0 or 1 on every row, in groups of levels of one text: two of a group are never 1 together, and are either
 * called column=level alike, or had five rows to be so if the one had nothing to do with the other.
 */
export function levelsOf(names: readonly string[], columns: readonly ArrayLike<number>[]): Levels {
  const groups: Level[][] = []
  for (const [i, name] of names.entries()) {
    const column = columns[i]!
    if (!isIndicator(column)) continue
    const own = { name, column }
    const group = groups.find(others => others.every(other => excludes(own, other)))
    if (group === undefined) groups.push([own])
    else group.push(own)
  }
  return new Map(
    groups.flatMap(group => {
      const ones = group.reduce((sum, { column }) => sum + sumOf(column), 0)
      const all = { names: group.map(({ name }) => name), isComplete: ones === columns[0]!.length }
      return all.names.map(name => [name, all])
    }),
  )
}

interface Level {
  readonly name: string
  readonly column: ArrayLike<number>
}

function isIndicator(column: ArrayLike<number>): boolean {
  for (let r = 0; r < column.length; r++) if (column[r] !== 0 && column[r] !== 1) return false
  return true
}

function excludes(a: Level, b: Level): boolean {
  for (let r = 0; r < a.column.length; r++) if (a.column[r] === 1 && b.column[r] === 1) return false
  return isSameText(a.name, b.name) || sumOf(a.column) * sumOf(b.column) >= EXPECTED * a.column.length
}

function sumOf(column: ArrayLike<number>): number {
  let sum = 0
  for (let r = 0; r < column.length; r++) sum += column[r]!
  return sum
}

/** Whether both are called column=level, of one column. */
function isSameText(a: string, b: string): boolean {
  const columns = Array.from(a.matchAll(/=/g), ({ index }) => a.slice(0, index + 1))
  return columns.some(column => b.startsWith(column))
}
