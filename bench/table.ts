/** The table that a run ends with: every figure a line, with peers' ratios to ours. */
import { ratiosOf } from './ratios.ts'
import type { Detail } from './figure.ts'
import type { BenchFile } from './results.ts'

const HEAD = ['what', 'name', 'who', 'minimum', 'median', 'maximum', 'unit', 'x ours', 'detail'] as const

/** A number as people read it: three digits, no exponent between 0.001 and a million. */
export function readable(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < 1e6)) return String(value)
  const size = Math.abs(value)
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2)
  if (size >= 100) return String(Math.round(value))
  return value.toPrecision(3)
}

/** What is worth a place in a line of text, of all that a figure says of itself. */
function remark(detail: Detail = {}): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key} ${typeof value === 'number' ? readable(value) : value}`)
    .join(', ')
}

/** The table as lines of aligned columns, then what failed. */
export function renderTable(file: Pick<BenchFile, 'figures' | 'failures' | 'peers'>): string {
  const ratios = ratiosOf(file)
  const rows = file.figures.map(({ group, name, side, unit, spread, detail }) => {
    const ratio = ratios.find(r => r.group === group && r.name === name && r.peer === side)
    const numbers = [spread.minimum, spread.median, spread.maximum].map(readable)
    return [group, name, side, ...numbers, unit, ratio ? readable(ratio.ratio) : '', remark(detail)]
  })
  const table = [HEAD, ...rows]
  const widths = HEAD.map((_, column) => Math.max(...table.map(row => row[column]!.length)))
  const numeric = new Set(
    ['minimum', 'median', 'maximum', 'x ours'].map(name => HEAD.findIndex(h => h === name)),
  )
  const lines = table.map(row =>
    row
      .map((cell, column) =>
        numeric.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
  const failures = file.failures.map(
    ({ group, name, side, error }) => `${group}: ${name}, ${side}: ${error.split('\n')[0]}`,
  )
  return [...lines, ...(failures.length > 0 ? ['', 'Not measured:', ...failures] : [])].join('\n')
}
