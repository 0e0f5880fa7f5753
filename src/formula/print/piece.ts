import { fold } from '../tree.ts'
import type { BinaryKind, BinaryNode, CallNode, Expression, VariableNode } from '../tree.ts'
import type { ConstantName, FunctionName } from '../functions.ts'

/** How tightly a piece of text binds, from the loosest on. Languages differ in whether a sign or a power binds tighter. */
export const SUM = 1
export const PRODUCT = 2
export const SIGN = 3
export const POWER = 4
export const ATOM = 5

/** The text of a subtree, and how tightly it binds. */
export interface Piece {
  readonly text: string
  readonly binds: number
}

/** How a language writes each kind of node, given the pieces of its children. */
export interface Notation {
  readonly number: (value: number) => Piece
  readonly constant: (name: ConstantName) => Piece
  readonly variable: (node: VariableNode) => Piece
  readonly negate: (argument: Piece) => Piece
  readonly binary: Readonly<Record<BinaryKind, (left: Piece, right: Piece, node: BinaryNode) => Piece>>
  readonly call: (node: CallNode, parts: readonly Piece[]) => Piece
}

/** The piece of a node, given those of its children. */
export function printNode(node: Expression, parts: readonly Piece[], notation: Notation): Piece {
  if ('left' in node) return notation.binary[node.kind](parts[0]!, parts[1]!, node)
  if (node.kind === 'number') return notation.number(node.value)
  if (node.kind === 'constant') return notation.constant(node.name)
  if (node.kind === 'variable') return notation.variable(node)
  return node.kind === 'negate' ? notation.negate(parts[0]!) : notation.call(node, parts)
}

/** The whole expression as one piece. */
export function printTree(expression: Expression, notation: Notation): Piece {
  return fold<Piece>(expression, (node, parts) => printNode(node, parts, notation))
}

/** A piece that needs no parentheses anywhere. */
export function atom(text: string): Piece {
  return { text, binds: ATOM }
}

/** The text, in parentheses when it binds less tightly than its place needs. */
export function inside({ text, binds }: Piece, least: number): string {
  return binds < least ? `(${text})` : text
}

/** An operator between two operands: how tightly it binds, and the least that its operands must. */
export function infix(
  text: string,
  binds: number,
  left: number,
  right: number,
): (left: Piece, right: Piece) => Piece {
  return (a, b) => ({ text: inside(a, left) + text + inside(b, right), binds })
}

/** The four operators that every line of text writes alike; they group to the left, and keep the tree's grouping. */
export const arithmetic = {
  add: infix(' + ', SUM, SUM, PRODUCT),
  subtract: infix(' - ', SUM, SUM, PRODUCT),
  multiply: infix('*', PRODUCT, PRODUCT, SIGN),
  divide: infix('/', PRODUCT, PRODUCT, SIGN),
} as const

/** A sign before an operand that must bind at least so tightly: one more than SIGN where -- is another operator. */
export function signed(least: number): (argument: Piece) => Piece {
  return argument => ({ text: `-${inside(argument, least)}`, binds: SIGN })
}

/** A number's text, a sign of which binds as a sign does. */
export function numeral(text: string): Piece {
  return { text, binds: text.startsWith('-') ? SIGN : ATOM }
}

/** name(u, v). */
export function called(name: string, ...parts: readonly Piece[]): Piece {
  return atom(`${name}(${parts.map(part => part.text).join(', ')})`)
}

/** What each function is called, or how it is written where it is no plain call. */
export type Calls = Readonly<Record<FunctionName, string | ((u: Piece, v: Piece) => Piece)>>

/** The call of a notation, by the names of the functions. */
export function calls(names: Calls): Notation['call'] {
  return ({ name }, parts) => {
    const written = names[name]
    return typeof written === 'string' ? called(written, ...parts) : written(parts[0]!, parts[1] ?? parts[0]!)
  }
}
