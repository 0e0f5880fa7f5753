/** The search for formulas: what goes on, and what it has found. Draws nothing. */
import { explain } from './explain.ts'
import type { Found, SearchJob, SearchProgress } from './interpret-messages.ts'
import { Interpreter } from './interpreter.ts'

export interface SearchState {
  /** The search that is under way. */
  readonly kind: SearchJob['kind'] | undefined
  readonly progress: SearchProgress | undefined
  /** The visitor has asked for its end. */
  readonly isStopping: boolean
  readonly found: Found | undefined
  /** Which network it was read from. */
  readonly subject: string
  readonly failure: string | undefined
}

const idle: SearchState = {
  kind: undefined,
  progress: undefined,
  isStopping: false,
  found: undefined,
  subject: '',
  failure: undefined,
}

/** Milliseconds that a search may take to end: one that has hundreds of edges to name hears late of it. */
const patience = 5000

export class Search {
  /** Of its own, so that questions about edges need not wait for a search. */
  readonly #interpreter = new Interpreter()
  readonly #listener: () => void
  #state = idle
  #stop: (() => void) | undefined
  /** Grows with each search: what an earlier one still says is not heard. */
  #latest = 0

  /** `listener` hears of every new state. */
  constructor(listener: () => void) {
    this.#listener = listener
  }

  get state(): SearchState {
    return this.#state
  }

  /** Starts a search in the place of what was found before; `subject` says what it is about. */
  async start(job: SearchJob, subject: string): Promise<void> {
    this.clear()
    const own = ++this.#latest
    const isLatest = (): boolean => own === this.#latest
    this.#set({ ...idle, kind: job.kind, subject })
    const running = this.#interpreter.search(job, progress => {
      if (isLatest()) this.#set({ ...this.#state, progress })
    })
    this.#stop = () => running.stop()
    try {
      const result = await running.found
      if (isLatest()) this.#set({ ...idle, found: result, subject })
    } catch (error) {
      if (isLatest()) this.#set({ ...idle, failure: explain(error) })
    }
  }

  /** Ends the search under way with what it has, or with nothing where that takes too long. */
  stop(): void {
    if (this.#state.kind === undefined) return
    this.#stop?.()
    this.#set({ ...this.#state, isStopping: true })
    const own = this.#latest
    setTimeout(() => {
      if (own === this.#latest && this.#state.isStopping)
        this.#interpreter.end(
          'Stopped before there was a formula. Prune the network first: fewer edges are sooner named.',
        )
    }, patience)
  }

  /** Forgets what was found, and ends what is under way: the network or its function is another one. */
  clear(): void {
    this.#latest++
    if (this.#state.kind !== undefined) this.#interpreter.end('')
    if (this.#state !== idle) this.#set(idle)
  }

  /** Brings back what was found for a network that is there again. */
  bringBack({ found, subject }: SearchState): void {
    this.clear()
    this.#set({ ...idle, found, subject })
  }

  #set(state: SearchState): void {
    this.#state = state
    this.#listener()
  }
}
