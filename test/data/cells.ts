import { parseTable } from '../../src/data/index.ts'
import type { ParseOptions } from '../../src/data/index.ts'
import { DataError } from '../../src/errors.ts'

/** Why a table is refused. */
export function fault(text: string, options: ParseOptions = {}): string {
  try {
    parseTable(text, { name: 't.csv', ...options })
  } catch (error) {
    if (error instanceof DataError) return error.message
    throw error
  }
  throw new Error('the table was accepted')
}

/** A table of one varying column beside the cells given, one a row. */
export function withCells(...cells: string[]): string {
  return `x,y\n${cells.map((cell, i) => `${cell},${i}`).join('\n')}\n`
}
