import { LineSearch } from '../../linesearch.ts'
import { LBFGS_HISTORY, LBFGS_LEVEL } from '../../memory.ts'
import type { Allocator } from '../memory.ts'
import { addScaled, dot } from './vectors.ts'

/** A pair counts as curvature if the cosine between its step and its change exceeds this. */
const SAFE_COSINE = 1e-10

/** What is minimised, for one model or several side by side. */
export interface Objective {
  /** [M][parameters], which the search moves. */
  readonly parameters: Float64Array
  /** [M][parameters]: receives the gradient of the model that is evaluated. */
  readonly gradient: Float64Array
  /** The value for model m at its parameters. */
  evaluate(m: number): number
}

/**
 * L-BFGS, one iteration at a time, along
 *
 *     d = -H g,   H from the last pairs s = p' - p, y = g' - g by the two-loop recursion, H_0 = (s.y / y.y) I
 *
 * (Nocedal and Wright, "Numerical optimization", 2nd ed., algorithms 7.4 and 7.5), with the step length 1 tried first, or
 * min(1, 1 / |g|_1) where there are no pairs. A pair without safely positive curvature is left out. A search that fails is
 * tried once more along -g, without the pairs; then the model has stalled, at the point where it stood.
 */
export class Lbfgs {
  readonly memory: {
    readonly steps: Float64Array
    readonly changes: Float64Array
    readonly products: Float64Array
    readonly scale: Float64Array
    readonly count: Float64Array
    readonly newest: Float64Array
    readonly gradient: Float64Array
    readonly loss: Float64Array
    readonly level: Float64Array
  }
  readonly #size: number
  readonly #search = new LineSearch()
  readonly #base: Float64Array
  readonly #direction: Float64Array
  readonly #shares = new Float64Array(LBFGS_HISTORY)

  constructor(models: number, size: number, allocator: Allocator) {
    this.#size = size
    this.#base = allocator.float64('parameters before a step', size)
    this.#direction = allocator.float64('the direction', size)
    this.memory = {
      steps: allocator.float64('steps of L-BFGS', models * LBFGS_HISTORY * size),
      changes: allocator.float64('gradient changes of L-BFGS', models * LBFGS_HISTORY * size),
      products: allocator.float64('curvatures of L-BFGS', models * LBFGS_HISTORY),
      scale: allocator.float64('scales of L-BFGS', models),
      count: allocator.float64('counts of L-BFGS', models),
      newest: allocator.float64('counts of L-BFGS', models),
      gradient: allocator.float64('gradients of L-BFGS', models * size),
      loss: allocator.float64('losses of L-BFGS', models),
      level: allocator.float64('counts of L-BFGS', models),
    }
    this.forget()
  }

  /** Lets go of all pairs, and of where the models stand. */
  forget(): void {
    this.memory.count.fill(-1)
  }

  /** The value where the model stands; evaluated only where it is not known. */
  valueAt(objective: Objective, m: number): number {
    if (this.memory.count[m]! < 0) this.#stand(objective, m)
    return this.memory.loss[m]!
  }

  /** The first evaluation: loss and gradient where the model stands. */
  #stand(objective: Objective, m: number): void {
    const { loss, gradient, count, newest, level } = this.memory
    loss[m] = objective.evaluate(m)
    this.#copy(objective.gradient, gradient, m)
    count[m] = 0
    newest[m] = 0
    level[m] = 0
  }

  /**
   * One iteration; false if there is no way down (the parameters are then unchanged), or there was none in the last LBFGS_LEVEL
   * iterations. Precondition: valueAt was finite.
   */
  descend(objective: Objective, m: number): boolean {
    const { count, gradient, level } = this.memory
    const own = m * this.#size
    if (!this.#along(objective, m)) {
      if (count[m] === 0 || dot(gradient, own, gradient, own, this.#size) === 0) return false
      count[m] = 0
      if (!this.#along(objective, m)) return false
    }
    return level[m]! < LBFGS_LEVEL
  }

  /** Searches along the direction that the pairs give, and takes the step found. */
  #along(objective: Objective, m: number): boolean {
    const { count, gradient, loss } = this.memory
    const { parameters } = objective
    const size = this.#size
    const own = m * size
    const direction = this.#direction
    const base = this.#base
    this.#direct(m)
    const slope = dot(gradient, own, direction, 0, size)
    if (!(slope < 0)) return false
    let length = 1
    if (count[m] === 0) {
      let sum = 0
      for (let p = own; p < own + size; p++) sum += Math.abs(gradient[p]!)
      length = Math.min(1, 1 / sum)
    }
    for (let p = 0; p < size; p++) base[p] = parameters[own + p]!
    const search = this.#search
    search.begin(loss[m]!, slope, length)
    for (;;) {
      for (let p = 0; p < size; p++) parameters[own + p] = base[p]! + search.step * direction[p]!
      const value = objective.evaluate(m)
      const outcome = search.advance(value, dot(objective.gradient, own, direction, 0, size))
      if (outcome === 'evaluate') continue
      if (outcome === 'accept') this.#accept(objective, m, value)
      else parameters.set(base, own)
      return outcome === 'accept'
    }
  }

  /** The direction from the model's gradient and pairs: the two-loop recursion. */
  #direct(m: number): void {
    const { steps, changes, products, scale, count, newest, gradient } = this.memory
    const size = this.#size
    const direction = this.#direction
    const shares = this.#shares
    const pairs = count[m]!
    for (let p = 0; p < size; p++) direction[p] = -gradient[m * size + p]!
    if (pairs === 0) return
    const slotOf = (age: number): number =>
      m * LBFGS_HISTORY + ((newest[m]! - age + LBFGS_HISTORY) % LBFGS_HISTORY)
    for (let age = 0; age < pairs; age++) {
      const slot = slotOf(age)
      shares[age] = dot(steps, slot * size, direction, 0, size) / products[slot]!
      addScaled(direction, -shares[age]!, changes, slot * size)
    }
    for (let p = 0; p < size; p++) direction[p] = scale[m]! * direction[p]!
    for (let age = pairs - 1; age >= 0; age--) {
      const slot = slotOf(age)
      const share = dot(changes, slot * size, direction, 0, size) / products[slot]!
      addScaled(direction, shares[age]! - share, steps, slot * size)
    }
  }

  /** Moves the model's standpoint to where the parameters are, and keeps the pair if it is safe. */
  #accept(objective: Objective, m: number, value: number): void {
    const { steps, changes, products, scale, count, newest, gradient, loss, level } = this.memory
    const { parameters } = objective
    const size = this.#size
    const own = m * size
    const slot = count[m] === 0 ? 0 : (newest[m]! + 1) % LBFGS_HISTORY
    const at = (m * LBFGS_HISTORY + slot) * size
    let product = 0
    let stepSquare = 0
    let changeSquare = 0
    for (let p = 0; p < size; p++) {
      const s = parameters[own + p]! - this.#base[p]!
      const y = objective.gradient[own + p]! - gradient[own + p]!
      product += s * y
      stepSquare += s * s
      changeSquare += y * y
    }
    if (product > SAFE_COSINE * Math.sqrt(stepSquare * changeSquare)) {
      for (let p = 0; p < size; p++) {
        steps[at + p] = parameters[own + p]! - this.#base[p]!
        changes[at + p] = objective.gradient[own + p]! - gradient[own + p]!
      }
      products[m * LBFGS_HISTORY + slot] = product
      scale[m] = product / changeSquare
      newest[m] = slot
      count[m] = Math.min(LBFGS_HISTORY, count[m]! + 1)
    }
    level[m] = value < loss[m]! ? 0 : level[m]! + 1
    loss[m] = value
    this.#copy(objective.gradient, gradient, m)
  }

  #copy(from: Float64Array, to: Float64Array, m: number): void {
    const size = this.#size
    for (let p = m * size; p < (m + 1) * size; p++) to[p] = from[p]!
  }
}
