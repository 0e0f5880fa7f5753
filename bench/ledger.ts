/** Collects the figures of a run: each is reported at once, and a failure is recorded like a figure. */
import type { Failure, Figure } from './figure.ts'
import { reasonOf } from './timing.ts'

export class Ledger {
  readonly figures: Figure[] = []
  readonly failures: Failure[] = []
  readonly #changed: (line: string) => void
  readonly #closed: () => string | undefined

  /**
   * @param changed called after every entry, with a line about it
   * @param closed asked before every attempt: why no more are made, or undefined
   */
  constructor(
    changed: (line: string) => void = () => undefined,
    closed: () => string | undefined = () => undefined,
  ) {
    this.#changed = changed
    this.#closed = closed
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
    const closed = this.#closed()
    if (closed !== undefined) {
      this.fail({ ...key, error: closed })
      return
    }
    try {
      await work()
    } catch (error) {
      this.fail({ ...key, error: reasonOf(error) })
    }
  }
}
