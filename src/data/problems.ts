/** 'missing': a row to drop would mend it; 'wrong': somebody has to look at the cell. */
export type ProblemKind = 'missing' | 'wrong'

/** Keeps the first of a table's bad cells, in reading order, and counts the rest. */
export class Problems {
  #count = 0
  #missing = 0
  #line = Infinity
  #place = Infinity
  #first = ''
  readonly #wrongLines = new Set<number>()

  get count(): number {
    return this.#count
  }

  /** How many of them are missing values. */
  get missing(): number {
    return this.#missing
  }

  /** Rows that hold a cell of the kind 'wrong'. */
  get wrongRows(): number {
    return this.#wrongLines.size
  }

  /** The first problem: place, cell and fault, without a full stop. */
  get first(): string {
    return this.#first
  }

  add(kind: ProblemKind, line: number, place: number, message: () => string): void {
    this.#count++
    if (kind === 'missing') this.#missing++
    else this.#wrongLines.add(line)
    if (line > this.#line || (line === this.#line && place >= this.#place)) return
    this.#line = line
    this.#place = place
    this.#first = message()
  }
}
