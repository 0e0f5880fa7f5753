import { ConfigError } from '../errors.ts'

/** Lets one piece of work run at a time, and refuses the next one meanwhile: a session's steps and buffers are one row. */
export class Exclusive {
  #busy = false

  /** The outcome of `work`, as a promise even where it throws at once. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#busy)
      throw new ConfigError(
        'This session is at work; await each call before the next one, or open a second session.',
      )
    this.#busy = true
    try {
      return await work()
    } finally {
      this.#busy = false
    }
  }
}
