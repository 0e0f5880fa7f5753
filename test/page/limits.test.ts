/** Networks that exceed the device, through the command and the real engines: one line and exit code 2, before any work. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeChrome } from '../../src/node/chrome.ts'
import { smallTable } from '../cli/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
// In node_modules, where the built command finds its packages.
const cache = join(root, 'node_modules/.cache')
mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'webkan-limits-'))
const table = join(folder, 'table.csv')

beforeAll(async () => {
  await build({ root, logLevel: 'warn', build: { outDir: folder, emptyOutDir: false, sourcemap: false } })
  writeFileSync(table, smallTable(60))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `webkan fit`; `before` are shell commands. */
function fit(args: readonly string[], before?: string): Outcome {
  const all = [join(folder, 'cli.js'), 'fit', table, '--target', 'y', '--steps', '1', ...args]
  // A second's work here; what is not refused takes minutes, or all memory.
  const bounds = { encoding: 'utf8', timeout: 60_000 } as const
  const { status, stdout, stderr } =
    before === undefined
      ? spawnSync(process.execPath, all, bounds)
      : spawnSync('sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, ...all], bounds)
  return { code: status, stdout, stderr }
}

/** Exit code 2 and one line, which names bytes, a limit and what to do. */
function expectRefusal({ code, stderr }: Outcome): void {
  // A machine with little memory warns first.
  const lines = stderr.split('\n').filter(line => line !== '' && !line.startsWith('warning:'))
  expect({ code, lines }).toEqual({ code: 2, lines: [expect.stringMatching(/^webkan: .*\d/)] })
  expect(lines[0]).toMatch(/bytes|[GMT]B/)
  expect(lines[0]).toMatch(/limit|this machine has/)
  expect(lines[0]).toMatch(/fewer|Lower/)
}

describe.each(['cpu', 'webgpu'])('webkan fit --device %s refuses', device => {
  it.each([
    ['--hidden', '60000,60000'],
    ['--hidden', '5000,5000', '--grid', '4096'],
    ['--hidden', '11000,11000'],
  ])('%s %s %s %s', (...sizes) => {
    const outcome = fit([...sizes.filter(Boolean), '--device', device])
    expectRefusal(outcome)
    expect(outcome.stdout).toBe('')
  })
})

// Other systems have no such limit.
const kilobytesLeft = process.platform === 'linux' ? [1.4e6, 1.6e6, 2e6, 2.5e6] : []

describe('webkan fit refuses, where the engine does,', () => {
  it("what exceeds the adapter's buffers, before it makes the network", async () => {
    const adapter = await describeChrome(folder)
    if (typeof adapter === 'string') throw new Error(adapter)
    // Adam's two moments, in float32, of h * h edges of 4 parameters, are a fifth more than fits. (An adapter that takes 4 GiB
    // takes the largest network there may be; then the network is refused as such.)
    const nodes = Math.ceil(Math.sqrt((1.2 * adapter.limits['maxStorageBufferBindingSize']!) / 32))
    const sizes = ['--hidden', `${nodes},${nodes}`, '--grid', '1', '--degree', '1']
    const outcome = fit([...sizes, '--device', 'webgpu'])
    expectRefusal(outcome)
    expect(outcome.stdout).toBe('')
  })

  it.each(kilobytesLeft)('290 MB of weights where `ulimit -v` leaves %d kB', kilobytes => {
    expectRefusal(fit(['--hidden', '2000,2000', '--grid', '3', '--device', 'cpu'], `ulimit -v ${kilobytes}`))
  })
})
