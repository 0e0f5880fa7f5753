/** The page's side of the interpreting worker: asks, and hears of progress and answers. */
import { Explained } from './explain.ts'
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

  /** Known functions for an edge, best first. Rejects with Explained. */
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

  /** Ends whatever is under way, at once: it fails with this message. The next question starts another worker. */
  end(failure: string): void {
    this.#worker?.terminate()
    this.#worker = undefined
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [id, { resolve }] of waiting) resolve({ id, failure })
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
    // It could not be loaded, or died.
    worker.addEventListener('error', () =>
      this.end('The worker that interprets networks has ended. Try again, or reload the page.'),
    )
    return worker
  }
}

function failureOf(answer: FromWorker): Explained {
  return new Explained(
    'failure' in answer ? answer.failure : 'The worker gave another answer than was asked for.',
  )
}
