/** Inputs of a formula that are levels of columns of text. */
import { toText, variable, variables } from '../formula/index.ts'
import type { Expression } from '../formula/index.ts'
import { inputNames } from '../model/formulas.ts'
import type { Model } from '../model/model.ts'
import { paragraph } from './layout.ts'

/** An input that is 1 where a column of text holds a level and 0 elsewhere, by its name in formulas. */
export interface Indicator {
  readonly name: string
  readonly column: string
  readonly level: string
}

/** A model's inputs of that kind, in their order. */
export function indicatorsOf(
  model: Pick<Model, 'encoder'> & { readonly layout: Pick<Model['layout'], 'inputs'> },
): Indicator[] {
  const names = inputNames(model)
  return (model.encoder?.inputs ?? []).flatMap((input, i) =>
    input.kind === 'one-hot' ? [{ name: names[i]!, column: input.column, level: input.level }] : [],
  )
}

/** Those that occur in one of the formulas. */
export function indicatorsIn(
  expressions: readonly Expression[],
  indicators: readonly Indicator[],
): Indicator[] {
  const used = new Set(expressions.flatMap(variables))
  return indicators.filter(({ name }) => used.has(name))
}

/** A line for each that says what it is, its name as formulas have it. */
export function indicatorLines(indicators: readonly Indicator[]): string[] {
  return indicators.map(
    ({ name, column, level }) => `${toText(variable(name))} is 1 where ${column} is ${level}, else 0`,
  )
}

/** What stands under formulas whose inputs are levels; nothing where none is. */
export function legend(
  formulas: readonly { readonly expression: Expression }[],
  indicators: readonly Indicator[],
  dim: (text: string) => string,
  width: number,
): string {
  const used = indicatorsIn(
    formulas.map(({ expression }) => expression),
    indicators,
  )
  const lines = indicatorLines(used).map(line => paragraph(line, width, dim))
  return lines.length > 0 ? `\n${lines.join('')}` : ''
}
