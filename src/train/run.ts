import { NumberList } from './history.ts'
import type { FitProgress, FitReport } from './options.ts'

/** Progress without its losses: those each reader gets from where it stopped reading. */
export type ProgressHead = Omit<FitProgress, 'losses'>

/** What training sees of its Run. */
export interface RunControl {
  /** True once the run was asked to stop. */
  readonly aborted: boolean
  /** Makes progress known to readers; `losses` are those of the steps since the last call. */
  publish(head: ProgressHead, losses: Float64Array): void
}

/**
 * A training run that has started: await it for its report, or iterate over its progress, or both.
 *
 *     for await (const { step, loss } of run) chart.add(step, loss)
 *     const report = await run
 *
 * A reader that is slower than training misses no loss: its next report holds all that came since its last one. Leaving the
 * loop (`break`, `return`, an exception) aborts the run and waits for its end, so that the model is at rest after the loop.
 *
 * An aborted run fulfils, with `stop: 'aborted'`, rather than rejecting: a person who stops training has seen enough, and
 * wants the best weights so far, the report and the checkpoint, not an exception. Errors reject the promise and end every
 * iteration; a run that is only iterated causes no unhandled rejection.
 */
export class Run implements PromiseLike<FitReport>, AsyncIterable<FitProgress> {
  readonly #report: Promise<FitReport>
  readonly #losses = new NumberList()
  #head: ProgressHead | undefined
  #aborted = false
  #settled = false
  #waiting: (() => void)[] = []

  /** Starts `train` at once, up to its first await. */
  constructor(train: (control: RunControl) => Promise<FitReport>, signal?: AbortSignal) {
    const abort = (): void => this.abort()
    if (signal?.aborted === true) this.#aborted = true
    signal?.addEventListener('abort', abort)
    const aborted = (): boolean => this.#aborted
    this.#report = train({
      get aborted() {
        return aborted()
      },
      publish: (head, losses) => {
        this.#losses.append(losses)
        this.#head = head
        this.#wake()
      },
    }).finally(() => {
      signal?.removeEventListener('abort', abort)
      this.#settled = true
      this.#wake()
    })
  }

  /** Stops training after the steps that are under way (about `progressEvery` milliseconds). Safe to call at any time. */
  abort(): void {
    this.#aborted = true
  }

  then<Fulfilled = FitReport, Rejected = never>(
    onFulfilled?: ((report: FitReport) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#report.then(onFulfilled, onRejected)
  }

  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<FitReport | Rejected> {
    return this.#report.catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<FitReport> {
    return this.#report.finally(onFinally)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FitProgress, void, undefined> {
    this.#report.catch(() => {}) // the loop throws it; nobody needs to await as well
    let read = 0
    try {
      for (;;) {
        if (this.#head !== undefined && this.#losses.length > read) {
          const losses = this.#losses.slice(read)
          read += losses.length
          yield { ...this.#head, losses }
        } else if (this.#settled) {
          return
        } else {
          await new Promise<void>(resolve => this.#waiting.push(resolve))
        }
      }
    } finally {
      this.abort()
      await this.#report
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
