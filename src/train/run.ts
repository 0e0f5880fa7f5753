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

/** What is known of a run, for readers that come at any time. */
interface Board<Progress> {
  /** How much was published so far: grows with each piece of news. */
  readonly length: number
  /** The newest progress, for a reader that has seen `read` of the length. Precondition: there is some. */
  since(read: number): Progress
}

/**
 * A run that has started, whatever it trains: await it for its report, or iterate over its progress, or both. Leaving the loop
 * (`break`, `return`, an exception) aborts the run and waits for its end, so that what it trains is at rest after the loop.
 *
 * An aborted run fulfils rather than rejecting. Errors reject the promise and end every iteration; a run that is only iterated
 * causes no unhandled rejection.
 */
export class Running<Report, Progress> implements PromiseLike<Report>, AsyncIterable<Progress> {
  readonly #report: Promise<Report>
  readonly #board: Board<Progress>
  #aborted = false
  #settled = false
  #waiting: (() => void)[] = []

  /**
   * Starts `train` at once, up to its first await.
   * @param train calls `announce` whenever the board has changed
   */
  constructor(
    train: (control: { readonly aborted: boolean; announce(): void }) => Promise<Report>,
    board: Board<Progress>,
    signal?: AbortSignal,
  ) {
    this.#board = board
    const abort = (): void => this.abort()
    if (signal?.aborted === true) this.#aborted = true
    signal?.addEventListener('abort', abort)
    const aborted = (): boolean => this.#aborted
    this.#report = train({
      get aborted() {
        return aborted()
      },
      announce: () => this.#wake(),
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

  then<Fulfilled = Report, Rejected = never>(
    onFulfilled?: ((report: Report) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#report.then(onFulfilled, onRejected)
  }

  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Report | Rejected> {
    return this.#report.catch(onRejected)
  }

  finally(onFinally?: (() => void) | null): Promise<Report> {
    return this.#report.finally(onFinally)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Progress, void, undefined> {
    this.#report.catch(() => {}) // the loop throws it; nobody needs to await as well
    let read = 0
    try {
      for (;;) {
        const { length } = this.#board
        if (length > read) {
          const progress = this.#board.since(read)
          read = length
          yield progress
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

/** What a search sees of its SearchRun. */
export interface SearchControl<Progress> {
  /** True once the search was asked to end. */
  readonly aborted: boolean
  /** Makes progress known to readers, in the place of what was published before. */
  publish(progress: Progress): void
}

/** A run whose readers get the newest progress only, whatever they have missed. */
export class SearchRun<Report, Progress> extends Running<Report, Progress> {
  /** Starts `search` at once, up to its first await. */
  constructor(search: (control: SearchControl<Progress>) => Promise<Report>, signal?: AbortSignal) {
    let latest: Progress
    const board = { length: 0, since: () => latest }
    super(
      control =>
        search({
          get aborted() {
            return control.aborted
          },
          publish(progress) {
            latest = progress
            board.length++
            control.announce()
          },
        }),
      board,
      signal,
    )
  }
}

/** The losses of all steps so far, and the newest head. */
class LossBoard implements Board<FitProgress> {
  readonly #losses = new NumberList()
  #head: ProgressHead | undefined

  get length(): number {
    return this.#losses.length
  }

  publish(head: ProgressHead, losses: Float64Array): void {
    this.#losses.append(losses)
    this.#head = head
  }

  since(read: number): FitProgress {
    return { ...this.#head!, losses: this.#losses.slice(read) }
  }
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
export class Run extends Running<FitReport, FitProgress> {
  /** Starts `train` at once, up to its first await. */
  constructor(train: (control: RunControl) => Promise<FitReport>, signal?: AbortSignal) {
    const board = new LossBoard()
    super(
      control =>
        train({
          get aborted() {
            return control.aborted
          },
          publish(head, losses) {
            board.publish(head, losses)
            control.announce()
          },
        }),
      board,
      signal,
    )
  }
}
