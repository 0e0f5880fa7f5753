/** A list of numbers that grows without reallocating at each step: the losses of a run. */
export class NumberList {
  #values: Float64Array
  #length: number

  constructor(start: Float64Array = new Float64Array(0)) {
    this.#values = new Float64Array(Math.max(1024, 2 * start.length))
    this.#values.set(start)
    this.#length = start.length
  }

  get length(): number {
    return this.#length
  }

  /** The newest number; NaN in an empty list. */
  get last(): number {
    return this.#values[this.#length - 1] ?? NaN
  }

  append(values: Float64Array): void {
    const length = this.#length + values.length
    if (length > this.#values.length) {
      const grown = new Float64Array(2 * length)
      grown.set(this.#values.subarray(0, this.#length))
      this.#values = grown
    }
    this.#values.set(values, this.#length)
    this.#length = length
  }

  /** A copy of the numbers from `start` on. */
  slice(start = 0): Float64Array {
    return this.#values.slice(start, this.#length)
  }
}
