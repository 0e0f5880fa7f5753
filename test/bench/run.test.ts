import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
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
  } finally {
    rmSync(out, { recursive: true })
  }
})
