/** How a run ends: its table and where its file is, or that there is nothing to tell. */
import { rmSync } from 'node:fs'
import type { BenchFile } from './results.ts'
import { renderTable } from './table.ts'

/** Where the text goes: the table, and what is wrong. */
export interface Writers {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
}

/**
 * Says what came of a run; returns the exit code. A run that measured nothing is none: its file would be an empty page of the report,
 * and whoever waits for figures must hear of it.
 */
export function endRun(
  { file, path }: { readonly file: BenchFile; readonly path: string },
  { out, error }: Writers,
): 0 | 1 {
  if (file.figures.length > 0) {
    out(`\n${renderTable(file)}\n\n${path}\n`)
    return 0
  }
  rmSync(path, { force: true })
  const reasons = [
    ...(file.noGpu === undefined ? [] : [`GPU: ${file.noGpu}`]),
    ...file.failures.map(({ group, name, side, error: why }) => `${group}: ${name}, ${side}: ${why}`),
  ]
  const because = reasons.length > 0 ? ` (${reasons.join('; ')})` : ''
  error(
    `Nothing was measured, and no results file is left${because}. Take other --device, --only, --shapes or --minutes.\n`,
  )
  return 1
}
