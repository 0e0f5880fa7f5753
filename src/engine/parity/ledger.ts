/** What a comparison of two engines found: the worst error of each result, and each kernel's line in the report. */
import type { ParityCase } from './cases.ts'
import { kernelOf, RESULT_NAMES, tolerances } from './tolerances.ts'
import type { KernelName, Result } from './tolerances.ts'

/** Worst error of one kernel in one case, relative to the largest value of the same array, and what is allowed. */
export interface ParityLine {
  readonly kernel: string
  readonly worst: number
  readonly tolerance: number
  readonly passed: boolean
}

/** Largest difference over the largest value. Two arrays of different length, or a value that is not finite, are infinitely wrong. */
export function relativeError(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity
  let largest = 0
  let worst = 0
  for (let p = 0; p < expected.length; p++) {
    const difference = Math.abs(actual[p]! - expected[p]!)
    if (!Number.isFinite(difference)) return Infinity
    worst = Math.max(worst, difference)
    largest = Math.max(largest, Math.abs(expected[p]!))
  }
  return worst === 0 ? 0 : worst / largest
}

/** Collects the worst error of each result. */
export class Ledger {
  readonly #worst = new Map<Result, number>()

  add(result: Result, error: number): void {
    this.#worst.set(result, Math.max(error, this.#worst.get(result) ?? 0))
  }

  compare(result: Result, actual: Float64Array, expected: Float64Array): void {
    this.add(result, relativeError(actual, expected))
  }

  /** Whole numbers that the device counts: equal, or infinitely wrong. */
  count<T>(result: Result, actual: T, expected: T, names: readonly (keyof T)[]): void {
    if (names.some(name => String(actual[name]) !== String(expected[name]))) this.add(result, Infinity)
  }

  /** For each kernel, its result that took most of its tolerance. */
  lines(test: ParityCase): ParityLine[] {
    const allowed = tolerances(test)
    const lines = new Map<KernelName, ParityLine>()
    for (const result of RESULT_NAMES) {
      const worst = this.#worst.get(result)
      if (worst === undefined) continue
      const kernel = kernelOf(result)
      const tolerance = allowed[result]
      const before = lines.get(kernel)
      if (before === undefined || worst / tolerance > before.worst / before.tolerance)
        lines.set(kernel, { kernel, worst, tolerance, passed: worst <= tolerance })
    }
    return [...lines.values()]
  }

  /** All of it as one line, of one kernel. */
  line(test: ParityCase, kernel: KernelName): ParityLine {
    const taken = ({ worst, tolerance }: ParityLine): number => worst / tolerance
    const [first, ...others] = this.lines(test)
    return { ...others.reduce((most, line) => (taken(line) > taken(most) ? line : most), first!), kernel }
  }
}
