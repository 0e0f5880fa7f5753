import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { endRun } from '../../bench/ending.ts'
import type { BenchFile } from '../../bench/results.ts'
import { runBench } from '../../bench/run.ts'

it('measures, writes and says what it did: a quick run on the CPU', async () => {
  const out = mkdtempSync(join(tmpdir(), 'webkan-bench-'))
  try {
    const said: string[] = []
    const { file, path } = await runBench(
      {
        quick: true,
        device: 'cpu',
        software: false,
        groups: ['limits', 'steps', 'optimizers'],
        shapes: ['A'],
        peers: false,
        kernels: undefined,
        minutes: 5,
        out,
      },
      line => said.push(line),
    )
    expect(file.failures).toEqual([])
    expect(file.figures.map(({ group, name, side }) => [group, name, side])).toEqual([
      ['step', 'A', 'webkan CPU'],
      ['bytes', 'A', 'webkan CPU'],
      ['iterations', 'A, lbfgs', 'webkan CPU'],
      ['iterations', 'A, lm', 'webkan CPU'],
    ])
    for (const { spread } of file.figures) {
      expect(spread.minimum).toBeGreaterThan(0)
      expect(spread.minimum).toBeLessThanOrEqual(spread.median)
      expect(spread.median).toBeLessThanOrEqual(spread.maximum)
      expect(spread.maximum).toBeLessThan(Infinity)
    }
    expect(file.noGpu).toBe('The GPU was not asked for.')
    expect(JSON.parse(readFileSync(path, 'utf8')) as BenchFile).toEqual(JSON.parse(JSON.stringify(file)))
    expect(said.some(line => line.startsWith('step: A, webkan CPU:'))).toBe(true)
    const told: string[] = []
    const error = vi.fn<(text: string) => void>()
    expect(endRun({ file, path }, { out: text => told.push(text), error })).toBe(0)
    expect(told.join('')).toContain(path)
    expect(existsSync(path)).toBe(true)
    expect(error).not.toHaveBeenCalled()
  } finally {
    rmSync(out, { recursive: true })
  }
})

it('fails, and leaves no file, where nothing was measured', async () => {
  const out = mkdtempSync(join(tmpdir(), 'webkan-bench-'))
  try {
    // Kernels are the GPU's, which is not asked for.
    const groups = ['kernels'] as const
    const [quick, shapes, kernels] = [true, undefined, undefined]
    const options = {
      quick,
      device: 'cpu',
      software: false,
      groups,
      shapes,
      peers: false,
      kernels,
      minutes: 5,
      out,
    } as const
    const run = await runBench(options, () => {})
    const told: string[] = []
    const table = vi.fn<(text: string) => void>()
    expect(endRun(run, { out: table, error: text => told.push(text) })).toBe(1)
    expect(told.join('')).toMatch(
      /^Nothing was measured.* \(GPU: The GPU was not asked for\.\)\. Take other --device/,
    )
    expect(table).not.toHaveBeenCalled()
    expect(readdirSync(out)).toEqual([])
  } finally {
    rmSync(out, { recursive: true })
  }
})
