import { ConfigError } from '../errors.ts'
import { isPlainName } from './names.ts'
import { fold } from './tree.ts'
import type { BinaryKind, Expression } from './tree.ts'

export interface TextOptions {
  /** Significant digits of numbers, 1 to 17. Without it, as many as parse needs to read the same number back. */
  readonly digits?: number
}

/** How tightly a piece of text binds, as parse.ts has it. */
const SUM = 1
const PRODUCT = 2
const SIGN = 3
const POWER = 4
const ATOM = 5

interface Piece {
  readonly text: string
  readonly binds: number
}

/** Each operator's text, how tightly it binds, and the least that its operands must. */
const operators: Readonly<Record<BinaryKind, { text: string; binds: number; left: number; right: number }>> =
  {
    add: { text: ' + ', binds: SUM, left: SUM, right: PRODUCT },
    subtract: { text: ' - ', binds: SUM, left: SUM, right: PRODUCT },
    multiply: { text: '*', binds: PRODUCT, left: PRODUCT, right: SIGN },
    divide: { text: '/', binds: PRODUCT, left: PRODUCT, right: SIGN },
    power: { text: '^', binds: POWER, left: ATOM, right: SIGN },
  }

/**
 * The formula as text with the fewest parentheses: exp(sin(pi*x1) + x2^2). parse reads the same tree back (unless
 * `digits` rounds its numbers, or it nests deeper than parse allows). Names that are no plain ones stand between
 * backticks. Throws ConfigError for `digits` outside 1 to 17.
 */
export function toText(expression: Expression, { digits }: TextOptions = {}): string {
  if (digits !== undefined && !(Number.isInteger(digits) && digits >= 1 && digits <= 17))
    throw new ConfigError(`digits is ${digits}; give a whole number from 1 to 17.`)
  return fold<Piece>(expression, (node, parts) => print(node, parts, digits)).text
}

function print(node: Expression, parts: readonly Piece[], digits: number | undefined): Piece {
  if ('left' in node) {
    const { text, binds, left, right } = operators[node.kind]
    return { text: inside(parts[0]!, left) + text + inside(parts[1]!, right), binds }
  }
  if (node.kind === 'number')
    return printNumber(digits === undefined ? node.value : Number(node.value.toPrecision(digits)))
  if (node.kind === 'negate') {
    // -3 would be read as a number.
    const bare = node.argument.kind === 'number' && parts[0]!.binds === ATOM
    return { text: `-${bare ? `(${parts[0]!.text})` : inside(parts[0]!, SIGN)}`, binds: SIGN }
  }
  if (node.kind === 'call')
    return { text: `${node.name}(${parts.map(part => part.text).join(', ')})`, binds: ATOM }
  const plain = node.kind === 'constant' || isPlainName(node.name)
  return { text: plain ? node.name : `\`${node.name.replaceAll('`', '``')}\``, binds: ATOM }
}

/** A number in its shortest form; a sign binds as a sign does. */
function printNumber(value: number): Piece {
  const negative = value < 0 || Object.is(value, -0)
  return { text: `${negative ? '-' : ''}${Math.abs(value)}`, binds: negative ? SIGN : ATOM }
}

/** The text, in parentheses when it binds less tightly than its place needs. */
function inside(piece: Piece, least: number): string {
  return piece.binds < least ? `(${piece.text})` : piece.text
}
