import type { Problems } from './problems.ts'
import { counted, quote } from './quote.ts'
import { readRows } from './rows.ts'
import type { Reading, Source } from './rows.ts'

/**
 * Why a table was refused: the first bad cell, how many more there are, and the remedy. What `--missing drop` would come to
 * is tried, not guessed: following the advice must not lead into the next error.
 */
export function refusalText(source: Source, reading: Reading, missing: 'error' | 'drop'): string {
  const { problems, kept } = reading
  if (kept.length === 0) return `${source.name}: ${emptiedText(source, reading)}`
  const more = problems.count - 1
  const others = more > 0 ? ` There ${more === 1 ? 'is' : 'are'} ${counted(more, 'more bad cell')}.` : ''
  const remedy =
    problems.missing > 0 ? droppingText(source, problems) : correctingText(problems, kept.length, missing)
  return `${source.name}: ${problems.first}.${others} ${remedy}`
}

/** No row is left. */
function emptiedText({ header, records }: Source, { gaps }: Reading): string {
  const worst = gaps.indexOf(Math.max(...gaps))
  return (
    `every row has a missing value, so --missing drop leaves none; column ${quote(header[worst]!)} lacks ` +
    `${gaps[worst]!} of ${records.length}. Fill in or delete that column.`
  )
}

/** The remedy where values are missing. */
function droppingText(source: Source, problems: Problems): string {
  const dropped = readRows(source, 'drop')
  const left = dropped.kept.length
  if (left === 0) return `Fill in what is missing: ${emptiedText(source, dropped)}`
  const out = counted(source.records.length - left, 'row')
  if (dropped.problems.count > 0)
    return `--missing drop would leave out ${out}, but not mend ${dropped.problems.first}. Correct or empty such cells first.`
  const it = problems.count === 1 ? 'it' : 'them'
  return `Fill ${it} in, or use --missing drop: it leaves out ${out}, and ${left} remain${left === 1 ? 's' : ''}.`
}

/** The remedy where somebody has to look at the cells. */
function correctingText(problems: Problems, rows: number, missing: 'error' | 'drop'): string {
  const one = problems.count === 1
  const correct = one ? 'Correct the cell' : 'Correct the cells'
  // Emptied, they would leave no row.
  if (problems.wrongRows === rows) return `${correct}.`
  if (missing === 'error') return `${correct}, or empty ${one ? 'it' : 'them'} and use --missing drop.`
  return `${correct}, or empty ${one ? 'it: its row is' : 'them: their rows are'} then left out.`
}
