import { describe, expect, it } from 'vitest'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import type { ParityCase } from '../../src/engine/parity/cases.ts'
import { compareEngines } from '../../src/engine/parity/compare.ts'
import { compareFused } from '../../src/engine/parity/fused.ts'
import { KERNELS } from '../../src/engine/parity/tolerances.ts'
import { SELFTEST_CASES } from '../../src/engine/selftest.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

/** What fit trains unless it is told otherwise. */
const BY_DEFAULT = trainableGroups('cb')

/**
 * Cases of the self-test whose fused steps are compared too: every degree, loss and base once. Each compiles a kernel of its own, for
 * seconds; what is left is compared at degree 3 (fused.test.ts, fusedsuite.test.ts).
 */
const FUSED = new Set([0, 3, 6, 9, 10])

/** Shapes that fall on and beside every boundary: workgroups of 64 and 32, tiles of bases, slices of the batch, chunks. */
const EDGE_CASES: readonly ParityCase[] = [
  { ...PLAIN, width: [1, 1], rows: 1, batch: 1 },
  { ...PLAIN, width: [1, 1, 1, 1], intervals: 1, rows: 65, batch: 65 },
  { ...PLAIN, width: [70, 3], rows: 63, batch: 63, uniform: false, trainable: BY_DEFAULT },
  { ...PLAIN, width: [3, 67, 2], rows: 129, batch: 64, uniform: false, trainable: BY_DEFAULT },
  { ...PLAIN, width: [13, 70, 9], rows: 37, batch: 10, degree: 5, loss: 'cross-entropy' },
  { ...PLAIN, width: [3, 9, 4], rows: 90, batch: 40, models: 3, uniform: false, loss: 'mae' },
  { ...PLAIN, width: [3, 9, 4], rows: 90, batch: 90, base: 'identity', loss: 'huber' },
  { ...PLAIN, width: [31, 33, 4], rows: 100, batch: 100, models: 2, base: 'identity', trainable: BY_DEFAULT },
  { ...PLAIN, width: [2, 3, 2], intervals: 60, degree: 1, rows: 257, batch: 257 },
  { ...PLAIN, width: [2, 3, 2], intervals: 61, degree: 4, rows: 257, batch: 100, trainable: BY_DEFAULT },
  { ...PLAIN, width: [2, 3, 1], intervals: 130, degree: 2, rows: 300, batch: 300, models: 3 },
  { ...PLAIN, width: [4, 6, 5, 3], rows: 90, batch: 31, models: 3, uniform: false, base: 'zero' },
  { ...PLAIN, width: [5, 9, 3], rows: 70, batch: 70, models: 4, ownRows: true, loss: 'cross-entropy' },
  { ...PLAIN, width: [2, 3, 1], products: [[2]], rows: 100, batch: 100 },
  { ...PLAIN, width: [3, 2, 2], products: [[3], [2]], rows: 90, batch: 40, models: 3, loss: 'huber' },
  { ...PLAIN, width: [2, 2, 2, 2], products: [[], [2, 2], [3]], rows: 65, batch: 65, loss: 'cross-entropy' },
  { ...PLAIN, width: [3, 9, 2], products: [[2, 3]], rows: 129, batch: 64, models: 3, base: 'identity' },
]

describe('WebGPU against the float64 CPU engine', () => {
  const both = bothEngines()

  // Added cases leave the seeds of the others as they are.
  const seeded = [
    ...SELFTEST_CASES.map((each, n) => ({ ...each, seed: each.seed + n })),
    ...EDGE_CASES.map((each, n) => ({ ...each, seed: each.seed + 10 + n })),
  ]
  const cases = seeded.map((each, n) => ({
    name: `[${each.width.join(', ')}]${each.products ? ` products ${JSON.stringify(each.products)}` : ''} G ${each.intervals} k ${each.degree} ${each.loss}, ${each.rows}${each.ownRows ? ' own' : ''} rows by ${each.batch}, M ${each.models}`,
    test: each,
    inSelftest: n < SELFTEST_CASES.length,
    withFused: FUSED.has(n),
  }))
  const compared = new Set<string>()

  it.each(cases)('$name', async ({ test, inSelftest, withFused }) => {
    const lines = await compareEngines(both.gpu, both.cpu, test)
    if (withFused) lines.push(await compareFused(both.gpu, both.cpu, test))
    if (inSelftest) for (const { kernel } of lines) compared.add(kernel)
    expect(lines.filter(line => !line.passed)).toEqual([])
  })

  it('compares every kernel in the cases of the self-test, which ran before', () => {
    expect(KERNELS.filter(kernel => !compared.has(kernel))).toEqual([])
  })
})
