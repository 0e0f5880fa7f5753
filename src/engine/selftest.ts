import { UnsupportedError } from '../errors.ts'
import { createCpuEngine } from './cpu/engine.ts'
import type { Engine } from './engine.ts'
import { trainableGroups } from './parity/cases.ts'
import type { ParityCase } from './parity/cases.ts'
import { compareEngines } from './parity/compare.ts'
import type { ParityLine } from './parity/ledger.ts'
import { compareFused } from './parity/fused.ts'
import { KERNELS } from './parity/tolerances.ts'

/** What fit trains by default; then everything; then sets that leave each group out at least once. */
const TRAINED = ['cb', 'cbsno', 'cs', 'bn', 'so'] as const

/** The loss of each regression. */
const LOSSES = ['mse', 'huber', 'mse', 'mae', 'mse'] as const

/** Small cases that reach every kernel and every variant of it. */
export const SELFTEST_CASES: readonly ParityCase[] = [1, 2, 3, 4, 5]
  .flatMap((degree, n): ParityCase[] => [
    {
      width: [3, 7, 2],
      intervals: 4,
      degree,
      base: 'silu',
      uniform: degree % 2 === 0,
      loss: LOSSES[n]!,
      trainable: trainableGroups(TRAINED[n]!),
      rows: 93,
      batch: 93,
      models: 1,
      seed: degree,
    },
    {
      width: [5, 9, 3],
      intervals: degree === 3 ? 70 : 5,
      degree,
      base: degree % 2 === 0 ? 'identity' : 'silu',
      uniform: degree % 2 === 1,
      loss: 'cross-entropy',
      trainable: trainableGroups(TRAINED[(n + 1) % TRAINED.length]!),
      rows: 150,
      batch: 40,
      models: 3,
      seed: 10 + degree,
    },
  ])
  .concat({
    width: [3, 5, 2],
    intervals: 4,
    degree: 3,
    base: 'silu',
    uniform: false,
    loss: 'huber',
    trainable: trainableGroups('cbsno'),
    rows: 90,
    batch: 40,
    models: 3,
    ownRows: true,
    seed: 20,
  })
  .concat({
    width: [3, 4, 2],
    products: [[2, 3], [2]],
    intervals: 4,
    degree: 3,
    base: 'silu',
    uniform: false,
    loss: 'mse',
    trainable: trainableGroups('cbsno'),
    rows: 90,
    batch: 40,
    models: 3,
    seed: 21,
  })

/** A part of a self-test, which begins: the `number`th of `stages`, counted from 0. */
export interface SelftestStage {
  readonly name: string
  readonly number: number
  readonly stages: number
}

/** What selftest may be given beside an engine. */
export interface SelftestOptions {
  readonly cases?: readonly ParityCase[]
  /** Hears of every stage before it begins. */
  readonly begins?: (stage: SelftestStage) => void
}

/** Fused steps take no products. */
function canBeFused({ products }: ParityCase): boolean {
  return products === undefined
}

/**
 * Compares an engine with the float64 CPU engine on this machine, and reports the worst error of each kernel over all cases
 * (relative to its tolerance). Returns whether every kernel of every case is within its tolerance.
 *
 * @throws UnsupportedError where no case compares a kernel, of which then nothing is known
 */
export async function selftest(
  engine: Engine,
  report: (line: ParityLine) => void,
  { cases = SELFTEST_CASES, begins }: SelftestOptions = {},
): Promise<boolean> {
  const worst = new Map<string, ParityLine>()
  const add = (line: ParityLine): void => {
    const before = worst.get(line.kernel)
    if (!before || line.worst / line.tolerance > before.worst / before.tolerance) worst.set(line.kernel, line)
  }
  const reference = createCpuEngine()
  const stages = cases.length + cases.filter(canBeFused).length
  try {
    let number = 0
    for (const test of cases) {
      const products = test.products ? ' with products' : ''
      const network = `[${test.width.join(', ')}]${products}, grid ${test.intervals}, degree ${test.degree}`
      begins?.({ name: `kernels, ${network}`, number: number++, stages })
      for (const line of await compareEngines(engine, reference, test)) add(line)
      if (!canBeFused(test)) continue
      begins?.({ name: `fused steps, ${network}`, number: number++, stages })
      add(await compareFused(engine, reference, test))
    }
  } finally {
    await reference.destroy()
  }
  const missing = KERNELS.filter(kernel => !worst.has(kernel))
  if (missing.length > 0)
    throw new UnsupportedError(
      `The self-test's ${cases.length} cases compare ${KERNELS.length - missing.length} of ${KERNELS.length} kernels, and not ` +
        `${missing.join(', ')}; it cannot say whether this device computes correctly. Add a case that reaches them.`,
    )
  for (const kernel of KERNELS) report(worst.get(kernel)!)
  return Array.from(worst.values()).every(line => line.passed)
}
