import type { TableEncoder } from '../data/encoder.ts'
import { ConfigError } from '../errors.ts'
import { parse } from '../formula/parse.ts'
import type { Layout } from './shape.ts'

/**
 * Names for the network's inputs: those of the table's columns; x1, x2, .. without one. The input that is 1 where a column of
 * texts holds a level is called column=level.
 */
export function inputNames({
  encoder,
  layout,
}: {
  readonly encoder: TableEncoder | undefined
  readonly layout: Pick<Layout, 'inputs'>
}): string[] {
  if (encoder === undefined) return Array.from({ length: layout.inputs }, (_, i) => `x${i + 1}`)
  const names: string[] = []
  for (const input of encoder.inputs) {
    const plain = input.kind === 'numeric' ? input.column : `${input.column}=${input.level}`
    // A column could be called 'a=b' as well.
    let name = plain
    for (let k = 2; names.includes(name); k++) name = `${plain} (${k})`
    names.push(name)
  }
  return names
}

/** Characters of a formula that a model keeps: longer ones nobody reads, and files made to be slow have them. */
export const LONGEST_KEPT = 20_000

/**
 * Throws ConfigError unless there is one formula an output, each of the network's inputs by their names (inputNames), of at most
 * LONGEST_KEPT characters.
 */
export function checkFormulas(
  formulas: readonly string[],
  network: {
    readonly encoder: TableEncoder | undefined
    readonly layout: Pick<Layout, 'inputs' | 'outputs'>
  },
): void {
  const { outputs } = network.layout
  if (formulas.length !== outputs)
    throw new ConfigError(
      `There are ${formulas.length} formulas; the network needs one for each of its ${outputs} outputs.`,
    )
  const variables = inputNames(network)
  for (const text of formulas) {
    if (text.length > LONGEST_KEPT)
      throw new ConfigError(
        `A formula has ${text.length} characters; the limit is ${LONGEST_KEPT}. Use a shorter one.`,
      )
    parse(text, { variables })
  }
}
