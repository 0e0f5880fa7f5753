import type { Rung } from './structures.ts'

/** The starts of a rung of the ladder so far, and the least error after their first steps. */
interface Tried {
  readonly starts: number
  readonly error: number
}

/** How much better, in natural logarithms, a rung must be for each time that all its starts were tried before. */
const PATIENCE = 0.5

/** What a search has tried of its ladder, to go on where it came nearest. */
export class Climbed {
  readonly #tried = new Map<Rung, Tried>()

  /** The starts of a rung so far. */
  startsOf(rung: Rung): number {
    return this.#tried.get(rung)?.starts ?? 0
  }

  /** Notes further starts of a rung and the error of the best of them; true where that is the rung's least so far. */
  note(rung: Rung, { starts, error }: Tried): boolean {
    const before = this.#tried.get(rung) ?? { starts: 0, error: Infinity }
    this.#tried.set(rung, { starts: before.starts + starts, error: Math.min(before.error, error) })
    return error < before.error
  }

  /**
   * The rungs with several starts that came nearest, or had the fewest starts for that: deep networks often need many, and those of
   * the right structure are mostly better than others long before they fit.
   */
  nearest(count: number): Rung[] {
    const rank = ([{ structure }, { starts, error }]: readonly [Rung, Tried]): number =>
      Math.log(error) + PATIENCE * (starts / structure.starts)
    return [...this.#tried]
      .filter(([{ structure }]) => structure.starts > 1)
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, count)
      .map(([rung]) => rung)
  }
}
