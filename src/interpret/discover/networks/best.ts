import { predict } from '../../../train/evaluate.ts'
import type { Ground, Grown } from './grow.ts'
import { wholeModel } from './whole.ts'

/** Networks that are kept of a search, the best ones. */
const KEPT = 8
/** What a network of another transform of the target than these must be better by, to stand beside a formula. */
const BETTER = 0.5

/** The best networks of a search, by their error in the target's own units on the rows held out, whatever was read from them. */
export class BestNetworks {
  readonly #ground: Pick<Ground, 'judge' | 'training' | 'heldOut'>
  #own: Grown[] = []
  #others: Grown[] = []

  constructor(ground: Pick<Ground, 'judge' | 'training' | 'heldOut'>) {
    this.#ground = ground
  }

  /** The best of all; undefined before there is one. */
  get best(): Grown | undefined {
    const [own, other] = [this.#own[0], this.#others[0]]
    if (own === undefined || other === undefined) return own ?? other
    return other.error < own.error ? other : own
  }

  /** Notes a network. */
  keep(grown: Grown): void {
    const including = (list: readonly Grown[]): Grown[] =>
      [...list, grown].toSorted((a, b) => this.#rank(a) - this.#rank(b)).slice(0, KEPT)
    if (grown.rung.target.name === (this.#ground.judge.log ? 'log y' : 'y')) this.#own = including(this.#own)
    else this.#others = including(this.#others)
  }

  /** Its error; where that is of the rows it was fitted to, times what its parameters cost, as Akaike has it. */
  #rank({ error, model }: Grown): number {
    const { heldOut, training } = this.#ground
    return heldOut ? error : error * Math.exp((2 * model.trainableParameters) / training.rows)
  }

  /**
   * The network to show and to keep beside a formula: the best one that has a value on all rows. One of what errors are judged in,
   * unless there are rows held out and the error of another is below BETTER times its: 1/y has a pole, y^2 no root below 0, and exp
   * is wild beyond the rows, which few rows do not show.
   */
  async shown({ all, engine, heldOut }: Ground, otherwise: Grown): Promise<Grown> {
    const limit = heldOut ? BETTER * (this.#own[0]?.error ?? Infinity) : 0
    const hasValues = async ({ model, rung }: Grown): Promise<boolean> =>
      (await predict(wholeModel(model, rung.target), all.x, { engine })).every(Number.isFinite)
    const others = this.#others.filter(({ error }) => error < limit)
    for (const one of [...others, ...this.#own, ...this.#others]) if (await hasValues(one)) return one
    return otherwise
  }
}
