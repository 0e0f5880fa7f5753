/** The page's side of the interpreting worker: asks, and hears of progress and answers. */
import type {
  Candidate,
  Found,
  FromWorker,
  SearchJob,
  SearchProgress,
  SuggestJob,
  ToWorker,
} from './interpret-messages.ts'

interface Waiting {
  readonly progress: (progress: SearchProgress) => void
  readonly resolve: (answer: FromWorker) => void
}

export class Interpreter {
  #worker: Worker | undefined
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /** Known functions for an edge, best first. Rejects with an Error whose message is for a person. */
  async suggest(job: SuggestJob): Promise<readonly Candidate[]> {
    const answer = await this.#ask(job, () => {}).answer
    if ('candidates' in answer) return answer.candidates
    throw failureOf(answer)
  }

  /** Starts a search. `found` rejects as `suggest` does; after `stop` it fulfils with what there is. */
  search(
    job: SearchJob,
    progress: (progress: SearchProgress) => void,
  ): { readonly found: Promise<Found>; stop(): void } {
    const { id, answer } = this.#ask(job, progress)
    const found = async (): Promise<Found> => {
      const own = await answer
      if ('found' in own) return own.found
      throw failureOf(own)
    }
    return { found: found(), stop: () => this.#tell({ id, job: 'stop' }) }
  }

  #ask(
    job: SuggestJob | SearchJob,
    progress: (progress: SearchProgress) => void,
  ): { id: number; answer: Promise<FromWorker> } {
    const id = ++this.#last
    const answer = new Promise<FromWorker>(resolve => this.#waiting.set(id, { progress, resolve }))
    this.#tell({ id, job })
    return { id, answer }
  }

  #tell(message: ToWorker): void {
    this.#worker ??= this.#start()
    this.#worker.postMessage(message, [])
  }

  #start(): Worker {
    const worker = new Worker(new URL('./interpret-worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      const waiting = this.#waiting.get(data.id)
      if ('progress' in data) waiting?.progress(data.progress)
      else {
        this.#waiting.delete(data.id)
        waiting?.resolve(data)
      }
    })
    // A worker that could not be loaded, or died: the next question starts another one.
    worker.addEventListener('error', () => {
      this.#worker = undefined
      for (const [id, { resolve }] of this.#waiting)
        resolve({
          id,
          failure: 'The worker that interprets networks has ended. Try again, or reload the page.',
        })
      this.#waiting.clear()
    })
    return worker
  }
}

function failureOf(answer: FromWorker): Error {
  return new Error(
    'failure' in answer ? answer.failure : 'The worker gave another answer than was asked for.',
  )
}
