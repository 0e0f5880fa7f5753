/** What can be undone: changes of a network, and networks that gave way to others. */

/**
 * Bounds the memory: the state of the largest network here, 13 750 parameters with L-BFGS, was measured at 2.5 MB, so that
 * 130 MB are kept at most, and of the usual network less than 1 MB.
 */
export const mostUndone = 50

interface Entry {
  /** What undoing says that it takes back. */
  readonly change: string
  readonly restore: () => void
}

export class Past {
  readonly #entries: Entry[] = []
  readonly #beside: () => () => void

  /** `beside` keeps what stands beside a network now, such as the plan of its training, and gives what brings it back. */
  constructor(beside: () => () => void = () => () => {}) {
    this.#beside = beside
  }

  /** What `undo` takes back, where there is something. */
  get latest(): string | undefined {
    return this.#entries.at(-1)?.change
  }

  /**
   * `restore` brings back what was before the change. The oldest of more than `mostUndone` is forgotten.
   *
   * @param beside what brings back the rest, where that was kept earlier than now
   */
  add(change: string, restore: () => void, beside = this.#beside()): void {
    this.#entries.push({
      change,
      restore: () => {
        restore()
        beside()
      },
    })
    if (this.#entries.length > mostUndone) this.#entries.shift()
  }

  /** Takes the latest change back; false where there is none. */
  undo(): boolean {
    const entry = this.#entries.pop()
    entry?.restore()
    return entry !== undefined
  }
}
