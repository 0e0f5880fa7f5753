/** A results file: what was measured, where, and what failed. One file a run, named by its day. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Failure, Figure } from './figure.ts'
import type { Machine } from './machine.ts'
import type { PeerCheck } from './peers/check.ts'

/** Who stands beside whom: ratios are taken between a peer and the side of ours it names. */
export interface PeerRecord {
  readonly name: string
  readonly beside: 'gpu' | 'cpu'
  /** Why it did not run; undefined where it did. */
  readonly missing?: string
  readonly versions?: Readonly<Record<string, string>>
  /** A tiny network's loss and gradients beside those of the CPU engine. */
  readonly check?: PeerCheck
}

/** A GPU as its adapter describes it. */
export interface GpuRecord {
  readonly device: string
  readonly software: boolean
  readonly host: string
  /** Vendor, architecture, driver: whatever the adapter tells. */
  readonly adapter: Readonly<Record<string, string>>
  readonly features: readonly string[]
  readonly limits: Readonly<Record<string, number>>
}

export interface BenchFile {
  readonly format: 1
  readonly began: string
  readonly seconds: number
  readonly options: Readonly<Record<string, unknown>>
  readonly machine: Machine
  readonly gpu?: GpuRecord
  /** Why there are no figures of the GPU. */
  readonly noGpu?: string
  readonly peers: readonly PeerRecord[]
  readonly figures: readonly Figure[]
  readonly failures: readonly Failure[]
}

const ending = /^(\d{4}-\d{2}-\d{2}-bench(?:-\d+)?)\.json$/

/** A path for a new file of that day: DATE-bench.json, or DATE-bench-2.json and so on where it exists. */
export function freshPath(folder: string, date: string): string {
  mkdirSync(folder, { recursive: true })
  for (let n = 1; ; n++) {
    const path = join(folder, `${date}-bench${n === 1 ? '' : `-${n}`}.json`)
    if (!existsSync(path)) return path
  }
}

/** Renamed into place: an interrupted run never leaves half a file. */
export function writeBench(path: string, file: BenchFile): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(file, undefined, 1)}\n`)
  renameSync(`${path}.part`, path)
}

/** All benchmark results of a folder by name, oldest first (in a day by number). */
export function readBenches(folder: string): { readonly name: string; readonly file: BenchFile }[] {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return names
    .flatMap(name => ending.exec(name)?.[1] ?? [])
    .map(name => ({
      name,
      file: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as BenchFile,
    }))
    .toSorted((a, b) => a.file.began.localeCompare(b.file.began))
}
