/** Runs the command in this process, as main.ts does in one of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { runCli } from '../../src/cli/program.ts'
import type { Output, Shell } from '../../src/cli/shell.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { UnsupportedError } from '../../src/errors.ts'
import type { WidthEntry } from '../../src/model/width.ts'

/** What a run of the command left behind. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The figures of --json that tests look at. */
export interface Printed {
  readonly rows: number
  readonly task: string
  readonly width: readonly WidthEntry[]
  readonly steps: number
  readonly bestStep: number
  readonly starts: readonly number[]
  readonly stages: readonly { readonly grid: number; readonly steps: number }[]
  readonly test: { readonly r2: number | null; readonly rmse: number }
}

/** The object that --json printed on the last line. */
export function printed({ stdout }: Pick<Outcome, 'stdout'>): Printed {
  const value: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  return value as Printed
}

class Collector extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

/** A stream that says whether it is a terminal of so many columns, and what was written to it. */
export function fakeTerminal(isTTY: boolean, columns = 80): { output: Output; written: () => string } {
  const collector = new Collector()
  return { output: Object.assign(collector, { isTTY, columns }), written: () => collector.text }
}

/** Runs `webkan ...args` on a machine without a GPU; `shell` replaces parts of the process around it. */
export async function webkan(args: readonly string[], shell: Partial<Shell> = {}): Promise<Outcome> {
  const stdout = new Collector()
  const stderr = new Collector()
  const code = await runCli(args, {
    stdout,
    stderr,
    env: {},
    onInterrupt: () => () => {},
    requestEngine: options =>
      options?.device === 'webgpu'
        ? Promise.reject(new UnsupportedError('No WebGPU adapter (Dawn: no adapter).'))
        : Promise.resolve(createCpuEngine({ reason: 'No GPU in this test.' })),
    ...shell,
  })
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** A folder for one test file, removed after it. */
export function scratchFolder(): {
  path: (name: string) => string
  write: (name: string, content: string | Uint8Array) => string
} {
  const folder = mkdtempSync(join(tmpdir(), 'webkan-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string): string => join(folder, name)
  return {
    path,
    write(name, content) {
      writeFileSync(path(name), content)
      return path(name)
    },
  }
}

/** A table that ships with the project. */
export function shippedTable(name: string): string {
  return fileURLToPath(new URL(`../../examples/data/${name}.csv`, import.meta.url))
}

/** y = 2 a - b over `rows` rows, with other columns that a test adds. */
export function smallTable(rows: number, extra: (row: number) => string = () => ''): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const a = (row * 7) % 11
    const b = ((row * 5) % 13) / 4
    return `${a},${b},${2 * a - b}${extra(row)}`
  })
  return `a,b,y\n${lines.join('\n')}\n`
}
