import { isPlainName } from '../names.ts'
import type { Expression } from '../tree.ts'
import type { NamedFormula } from './code.ts'
import { rounded } from './digits.ts'
import type { DigitsOptions } from './digits.ts'
import {
  arithmetic,
  ATOM,
  atom,
  called,
  infix,
  inside,
  numeral,
  POWER,
  printTree,
  shortest,
  SIGN,
} from './piece.ts'
import type { Notation } from './piece.ts'
import { refuseHuge } from './statements.ts'

/** Options of toText. */
export type TextOptions = DigitsOptions

/**
 * The formula as text with the fewest parentheses: exp(sin(pi*x1) + x2^2). parse reads the same tree back (unless
 * `digits` rounds its numbers, or it nests deeper than parse allows). Names that are no plain ones stand between
 * backticks. Throws ConfigError for `digits` outside 1 to 17.
 */
export function toText(expression: Expression, options: TextOptions = {}): string {
  refuseHuge(expression)
  return printTree(expression, textNotation(options)).text
}

/** name = formula, a line for each. */
export function textEquations(formulas: readonly NamedFormula[], options: TextOptions = {}): string {
  return formulas
    .map(({ name, expression }) => `${textName(name)} = ${toText(expression, options)}\n`)
    .join('')
}

function textName(name: string): string {
  return isPlainName(name) ? name : `\`${name.replaceAll('`', '``')}\``
}

/** Whether it is a number: no longer than one, lest a nest of n signs be copied n times. */
function isUnsigned(text: string): boolean {
  return text.length < 30 && /^\d/.test(text)
}

function textNotation(options: TextOptions): Notation {
  const round = rounded(options)
  return {
    number: value => numeral(shortest(round(value))),
    constant: atom,
    variable: ({ name }) => atom(textName(name)),
    // -3 would be read as a number.
    negate: argument => ({
      text:
        argument.binds === ATOM && isUnsigned(argument.text)
          ? `-(${argument.text})`
          : `-${inside(argument, SIGN)}`,
      binds: SIGN,
    }),
    binary: { ...arithmetic, power: infix('^', POWER, ATOM, SIGN) },
    call: ({ name }, parts) => called(name, ...parts),
  }
}
