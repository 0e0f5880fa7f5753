import { constants, functions } from '../functions.ts'
import type { ConstantName, FunctionName } from '../functions.ts'
import { fold } from '../tree.ts'
import type { BinaryKind, BinaryNode, CallNode, Expression, VariableNode } from '../tree.ts'

/**
 * How tightly a piece of text binds, from the loosest on. Languages differ in whether a sign or a power binds tighter: where
 * the sign does (-x^2 is (-x)^2 in Excel), powers have FACTOR, else POWER.
 */
export const SUM = 1
export const PRODUCT = 2
export const FACTOR = 3
export const SIGN = 4
export const POWER = 5
export const ATOM = 6

/** The text of a subtree, and how tightly it binds. */
export interface Piece {
  readonly text: string
  readonly binds: number
}

/** How a language writes each kind of node, given the pieces of its children. */
export interface Notation<P extends Piece = Piece> {
  readonly number: (value: number) => P
  readonly constant: (name: ConstantName) => P
  readonly variable: (node: VariableNode) => P
  readonly negate: (argument: P) => P
  readonly binary: Readonly<Record<BinaryKind, (left: P, right: P, node: BinaryNode) => P>>
  readonly call: (node: CallNode, parts: readonly P[]) => P
  /** Instead of a subtree without variables whose value is not finite: not every language computes 1/0 or (-8)^0.5. */
  readonly notFinite?: (value: number) => P
}

/** A function for `fold` that makes each node's piece from those of its children. */
export function printer<P extends Piece>(
  notation: Notation<P>,
): (node: Expression, parts: readonly P[]) => P {
  const values = new Map<P, number>()
  return (node, parts) => {
    const value = constantValue(
      node,
      parts.map(part => values.get(part)),
    )
    const { notFinite } = notation
    const piece =
      value !== undefined && notFinite !== undefined && !Number.isFinite(value)
        ? notFinite(value)
        : written(node, parts, notation)
    if (value !== undefined) values.set(piece, value)
    return piece
  }
}

function written<P extends Piece>(node: Expression, parts: readonly P[], notation: Notation<P>): P {
  if ('left' in node) return notation.binary[node.kind](parts[0]!, parts[1]!, node)
  if (node.kind === 'number') return notation.number(node.value)
  if (node.kind === 'constant') return notation.constant(node.name)
  if (node.kind === 'variable') return notation.variable(node)
  return node.kind === 'negate' ? notation.negate(parts[0]!) : notation.call(node, parts)
}

/** The whole expression as one piece. */
export function printTree<P extends Piece>(expression: Expression, notation: Notation<P>): P {
  return fold<P>(expression, printer(notation))
}

const operations: Readonly<Record<BinaryKind, (u: number, v: number) => number>> = {
  add: (u, v) => u + v,
  subtract: (u, v) => u - v,
  multiply: (u, v) => u * v,
  divide: (u, v) => u / v,
  power: (u, v) => u ** v,
}

/** The value of a node in float64, given those of its children; undefined where it depends on variables. */
export function constantValue(node: Expression, parts: readonly (number | undefined)[]): number | undefined {
  if (node.kind === 'number') return node.value
  if (node.kind === 'constant') return constants[node.name]
  if (node.kind === 'variable' || parts.includes(undefined)) return undefined
  const [u = NaN, v = NaN] = parts
  if (node.kind === 'negate') return -u
  return node.kind === 'call' ? functions[node.name].value(u, v) : operations[node.kind](u, v)
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
  multiply: infix('*', PRODUCT, PRODUCT, FACTOR),
  divide: infix('/', PRODUCT, PRODUCT, FACTOR),
} as const

/** A sign before an operand that must bind at least so tightly: tighter than SIGN where -- is an operator of its own. */
export function signed(least: number): (argument: Piece) => Piece {
  return argument => ({ text: `-${inside(argument, least)}`, binds: SIGN })
}

/** A number's text, a sign of which binds as a sign does. */
export function numeral(text: string): Piece {
  return { text, binds: text.startsWith('-') ? SIGN : ATOM }
}

/** The shortest decimals that are read back as the same number; -0 keeps its sign. */
export function shortest(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** The same, never as an integer: 2.0, 1e+21, -0.0. */
export function shortestFloat(value: number): string {
  const text = shortest(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** The texts with a mark between them, by +, which shares them: join would copy a nest of n calls n times. */
export function separated(texts: readonly string[], mark: string): string {
  return texts.reduce((text, next) => text + mark + next)
}

/** name(u, v). */
export function called(name: string, ...parts: readonly Piece[]): Piece {
  return atom(
    `${name}(${separated(
      parts.map(part => part.text),
      ', ',
    )})`,
  )
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

/** The words in the names of the functions: no variable may take one. */
export function wordsOf(names: Calls): string[] {
  return Object.values(names).flatMap(name => (typeof name === 'string' ? name.split('.') : []))
}
