/** Collects the figures of a run: each is reported at once, and a failure is recorded like a figure. */
import type { Failure, Figure } from './results.ts'
import { reasonOf } from './timing.ts'

export class Ledger {
  readonly figures: Figure[] = []
  readonly failures: Failure[] = []
  readonly #changed: (line: string) => void

  /** @param changed called after every entry, with a line about it. */
  constructor(changed: (line: string) => void = () => undefined) {
    this.#changed = changed
  }

  add(figure: Figure): void {
    this.figures.push(figure)
    const { group, name, side, unit, spread } = figure
    this.#changed(`${group}: ${name}, ${side}: ${spread.median.toPrecision(3)} ${unit}`)
  }

  fail(failure: Failure): void {
    this.failures.push(failure)
    this.#changed(`${failure.group}: ${failure.name}, ${failure.side}: ${failure.error}`)
  }

  /** Does the work; what it throws is a failure with this key, and the run goes on. */
  async attempt(key: Omit<Failure, 'error'>, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.fail({ ...key, error: reasonOf(error) })
    }
  }
}
