import type { Model } from '../../model/model.ts'
import { attribute } from './attribution.ts'

/** How much of the outputs' variation comes from a column of the table. */
export interface Importance {
  /** As the table calls it; of a model that was trained on arrays x1, x2, ... */
  readonly column: string
  /** The sum of the backward scores of the column's inputs: a text column has one a value. 1 is one output's whole variation. */
  readonly score: number
}

/**
 * Feature importance: the inputs' backward scores (see AttributionMetric), a column of the table each, in the order of the network's
 * inputs. Scores tell what the network uses, not what causes what: of two columns that say the same it may use either.
 *
 * @throws ConfigError where the model has no statistics
 */
export function importance(model: Model): Importance[] {
  const [scores] = attribute(model).nodes
  const columns = new Map<string, number>()
  scores!.forEach((score, i) => {
    const column = columnOf(model, i)
    columns.set(column, (columns.get(column) ?? 0) + score)
  })
  return Array.from(columns, ([column, score]) => ({ column, score }))
}

/** The name of the column that an input is made of. */
export function columnOf({ encoder }: Pick<Model, 'encoder'>, input: number): string {
  return encoder?.inputs[input]?.column ?? `x${input + 1}`
}
