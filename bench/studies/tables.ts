/**
 * Test errors on real tables with the command's defaults: five seeds (split and network), on both engines. It runs the command
 * itself, as a user would: what is measured is what is shipped.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const root = join(import.meta.dirname, '..', '..')
const SEEDS = [0, 1, 2, 3, 4]

/** A table, what to learn of it, and the median that is asked for. */
const tables = [
  { name: 'airfoil', target: 'sound_db', hidden: '5', metric: 'r2', wanted: 0.93 },
  { name: 'wine', target: 'cultivar', hidden: '5', metric: 'accuracy', wanted: 0.95 },
  { name: 'digits', target: 'digit', hidden: '16', metric: 'accuracy', wanted: 0.96 },
  { name: 'diabetes', target: 'progression', hidden: '5', metric: 'r2', wanted: 0.4 },
] as const

const devices = ['cpu', 'webgpu'] as const

/** The part of `webkan fit --json` that the study keeps. */
export interface TableResult {
  readonly device: string
  readonly steps: number
  readonly seconds: number
  readonly train: Record<string, number>
  readonly test: Record<string, number>
}

async function fitTable(table: (typeof tables)[number], device: string, seed: number): Promise<TableResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'dist', 'cli.js'),
    'fit',
    join(root, 'examples', 'data', `${table.name}.csv`),
    '--target',
    table.target,
    '--hidden',
    table.hidden,
    '--device',
    device,
    '--seed',
    String(seed),
    '--json',
  ])
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as TableResult
  return {
    device: result.device,
    steps: result.steps,
    seconds: result.seconds,
    train: result.train,
    test: result.test,
  }
}

export const tableRuns: readonly StudyRun<TableResult>[] = devices.flatMap(device =>
  tables.flatMap(table =>
    SEEDS.map(seed => ({ key: `${table.name} ${device} ${seed}`, run: () => fitTable(table, device, seed) })),
  ),
)

/** One line a table and engine: median, worst and best of the test metric, beside what is asked for. */
export function summariseTables(file: StudyFile<TableResult>): string {
  const lines = tables.flatMap(table =>
    devices.map(device => {
      const results = SEEDS.map(seed => file.results[`${table.name} ${device} ${seed}`]!)
      const values = results.map(result => result.test[table.metric]!)
      const seconds = median(results.map(result => result.seconds))
      const middle = median(values)
      return [
        table.name,
        `[${table.hidden}]`,
        device,
        table.metric,
        middle.toFixed(4),
        Math.min(...values).toFixed(4),
        Math.max(...values).toFixed(4),
        String(table.wanted),
        middle >= table.wanted ? 'yes' : 'NO',
        seconds.toFixed(1),
      ]
    }),
  )
  const head = ['table', 'hidden', 'engine', 'metric', 'median', 'worst', 'best', 'asked', 'met', 'seconds']
  return markdownTable(head, lines)
}
