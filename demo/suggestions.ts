/** Known functions for the edge that is looked at, asked for when the network rests. */
import { explain } from './explain.ts'
import type { Candidate } from './interpret-messages.ts'
import { Interpreter } from './interpreter.ts'
import type { EdgeCurve, Snapshot } from './snapshot.ts'

export interface Suggested {
  /** Best first; undefined while they are sought. */
  readonly candidates: readonly Candidate[] | undefined
  readonly failure: string | undefined
  /** The one that is drawn, and that Fix takes. */
  readonly chosen: number
}

const sought: Suggested = { candidates: undefined, failure: undefined, chosen: 0 }

export class Suggestions {
  readonly #interpreter = new Interpreter()
  readonly #listener: () => void
  /** Which edge of which network `#suggested` is about. */
  #edge: EdgeCurve | undefined
  #suggested = sought

  /** `listener` hears of new candidates. */
  constructor(listener: () => void) {
    this.#listener = listener
  }

  /** Those for an edge of the network; asks for them where they are not there yet. */
  of(edge: EdgeCurve, { model }: Snapshot): Suggested {
    if (edge !== this.#edge) {
      this.#edge = edge
      this.#suggested = sought
      void this.#ask(edge, model)
    }
    return this.#suggested
  }

  async #ask(edge: EdgeCurve, model: Snapshot['model']): Promise<void> {
    const { layer, input, output, u } = edge
    try {
      const job = { kind: 'suggest', model: model.save(), edge: { layer, input, output }, u } as const
      const candidates = await this.#interpreter.suggest(job)
      this.#take(edge, { ...sought, candidates })
    } catch (error) {
      this.#take(edge, { ...sought, failure: explain(error) })
    }
  }

  choose(chosen: number): void {
    this.#suggested = { ...this.#suggested, chosen }
    this.#listener()
  }

  /** What comes too late, for an edge that nobody looks at any more, is left. */
  #take(edge: EdgeCurve, suggested: Suggested): void {
    if (edge !== this.#edge) return
    this.#suggested = suggested
    this.#listener()
  }
}
