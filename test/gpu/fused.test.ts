import { describe, expect, it } from 'vitest'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import type { ParityCase } from '../../src/engine/parity/cases.ts'
import { compareEngines } from '../../src/engine/parity/compare.ts'
import { SELFTEST_CASES } from '../../src/engine/selftest.ts'
import { pinFused } from './pinned.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

const BY_DEFAULT = trainableGroups('cb')

/** Shapes on and beside every boundary: workgroups of 64 to 256, tiles of rows, rounds of columns, more rows than threads. */
const CASES: readonly ParityCase[] = [
  { ...PLAIN, width: [1, 1], rows: 1, batch: 1 },
  { ...PLAIN, width: [1, 1, 1, 1], intervals: 1, rows: 65, batch: 65 },
  { ...PLAIN, rows: 1000, batch: 1000, trainable: BY_DEFAULT },
  { ...PLAIN, rows: 1000, batch: 256, models: 3, loss: 'huber' },
  { ...PLAIN, width: [4, 8, 8, 1], rows: 129, batch: 64, uniform: false },
  { ...PLAIN, width: [3, 9, 4], rows: 90, batch: 40, models: 3, uniform: false, loss: 'mae' },
  { ...PLAIN, width: [3, 9, 4], rows: 90, batch: 37, degree: 5, loss: 'cross-entropy' },
  { ...PLAIN, width: [3, 9, 4], rows: 90, batch: 90, base: 'identity', loss: 'huber', trainable: BY_DEFAULT },
  { ...PLAIN, width: [2, 3, 2], intervals: 60, degree: 1, rows: 257, batch: 257 },
  { ...PLAIN, width: [2, 3, 1], intervals: 50, degree: 4, rows: 257, batch: 100, trainable: BY_DEFAULT },
  { ...PLAIN, width: [4, 6, 5, 3], rows: 90, batch: 31, models: 3, uniform: false, base: 'zero' },
  { ...PLAIN, width: [20, 5], intervals: 3, rows: 70, batch: 33, trainable: trainableGroups('bn') },
]

describe('fused steps against the float64 CPU engine', () => {
  const both = bothEngines()

  it.each(
    [...SELFTEST_CASES, ...CASES].map((each, n) => ({
      name: `[${each.width.join(', ')}] G ${each.intervals} k ${each.degree} ${each.loss}, ${each.rows} rows by ${each.batch}, M ${each.models}`,
      test: { ...each, seed: each.seed + n },
    })),
  )('$name', async ({ test }) => {
    const fused = pinFused(both.gpu)
    const lines = await compareEngines(fused.engine, both.cpu, test)
    expect(fused.opened()).toBeGreaterThan(0)
    expect(lines.filter(line => !line.passed)).toEqual([])
  })
})
