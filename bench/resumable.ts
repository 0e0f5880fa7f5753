/**
 * A study is a list of named runs. Each result is written to a dated JSON file as soon as it is there, and a study that is
 * started again on the same day, or before its newest file is whole, goes on where it stopped.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { join } from 'node:path'

/** One measurement: `key` names it within its study. */
export interface StudyRun<Result> {
  readonly key: string
  readonly run: () => Promise<Result>
}

/** What a results file holds. */
export interface StudyFile<Result> {
  readonly study: string
  readonly date: string
  readonly machine: {
    readonly processor: string
    readonly cores: number
    readonly system: string
    readonly node: string
  }
  readonly results: Record<string, Result>
}

const folder = join(import.meta.dirname, 'results')

function freshFile<Result>(study: string, date: string): StudyFile<Result> {
  return {
    study,
    date,
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      system: `${platform()} ${arch()}`,
      node: process.version,
    },
    results: {},
  }
}

/** The results files of a study, oldest first. */
function filesOf<Result>(study: string): { readonly path: string; readonly file: StudyFile<Result> }[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .filter(name => name.slice('2026-01-01-'.length) === `${study}.json`)
    .toSorted()
    .map(name => join(folder, name))
    .map(path => ({ path, file: JSON.parse(readFileSync(path, 'utf8')) as StudyFile<Result> }))
}

function isWhole<Result>({ results }: StudyFile<Result>, runs: readonly StudyRun<Result>[]): boolean {
  return runs.every(({ key }) => key in results)
}

/** The file to go on with: the newest one unless it is whole and of another day; with `fresh` a new one. */
function openFile<Result>(
  study: string,
  runs: readonly StudyRun<Result>[],
  fresh: boolean,
): { readonly path: string; readonly file: StudyFile<Result> } {
  const date = new Date().toISOString().slice(0, 10)
  const newest = filesOf<Result>(study).at(-1)
  if (!fresh && newest && (newest.file.date === date || !isWhole(newest.file, runs))) return newest
  return { path: join(folder, `${date}-${study}.json`), file: freshFile<Result>(study, date) }
}

/** Runs what is missing, one after another, and returns the whole file. */
export async function runStudy<Result>(
  study: string,
  runs: readonly StudyRun<Result>[],
  options: { readonly fresh: boolean },
): Promise<StudyFile<Result>> {
  mkdirSync(folder, { recursive: true })
  const { path, file } = openFile(study, runs, options.fresh)
  for (const [n, { key, run }] of runs.entries()) {
    if (key in file.results) continue
    process.stderr.write(`${study} ${n + 1}/${runs.length}: ${key}\n`)
    file.results[key] = await run()
    // Renamed into place: an interrupted study never leaves half a file.
    writeFileSync(`${path}.part`, `${JSON.stringify(file, undefined, 1)}\n`)
    renameSync(`${path}.part`, path)
  }
  return file
}

/** The newest results of a study that are whole; undefined where there are none. */
export function newestResults<Result>(
  study: string,
  runs: readonly StudyRun<Result>[],
): StudyFile<Result> | undefined {
  return filesOf<Result>(study).findLast(({ file }) => isWhole(file, runs))?.file
}

export { median } from './median.ts'
