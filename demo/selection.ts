/** Which edge is looked at. */
import type { Snapshot } from './snapshot.ts'

type Edges = Pick<Snapshot, 'function' | 'edges'>

export class Selection {
  #pinned = 0
  #hovered = -1
  #isChosen = false
  #edges = 0
  #subject = ''

  /** The edge that was clicked or reached by keyboard; before there is one, the strongest. */
  get pinned(): number {
    return this.#pinned
  }

  /** The edge under the mouse, where there is one, or the one above. */
  get shown(): number {
    return this.#hovered >= 0 && this.#hovered < this.#edges ? this.#hovered : this.#pinned
  }

  pin(edge: number): void {
    this.#pinned = edge
    this.#isChosen = true
    this.#hovered = -1
  }

  /** What is done with the edge that is looked at chooses it: it stays, whatever becomes of its score. */
  keep(): void {
    this.#isChosen = true
  }

  /** -1 where the mouse has left. */
  hover(edge: number): void {
    this.#hovered = edge
  }

  /**
   * Takes the network as it is now. One with other edges, as after pruning, has nothing chosen. While it trains (`isAtRest`
   * false) the strongest edge may change several times a second; the selection then waits.
   */
  follow({ function: { name }, edges }: Edges, isAtRest: boolean): void {
    this.#edges = edges.length
    const subject = `${name} ${edges.map(({ layer, input, output }) => [layer, input, output].join('.')).join()}`
    const isOther = subject !== this.#subject
    this.#subject = subject
    if (isOther) this.#isChosen = false
    if (isOther || (isAtRest && !this.#isChosen)) this.#pinned = strongest(edges)
  }
}

/** Of equals, but for rounding, the first: all edges of a chain score 1. */
function strongest(edges: Edges['edges']): number {
  return edges.reduce((best, { score }, e) => (score > edges[best]!.score * (1 + 1e-9) ? e : best), 0)
}
