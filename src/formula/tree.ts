import { ConfigError } from '../errors.ts'
import { functions } from './functions.ts'
import type { ConstantName, FunctionName } from './functions.ts'

/**
 * A formula as an immutable tree. Subtrees may be shared: every function of this folder visits a shared subtree once and
 * needs no stack for deep ones. Plain data, so it may be cloned and posted; toText and parse are its lasting form.
 */
export type Expression = NumberNode | ConstantNode | VariableNode | NegateNode | BinaryNode | CallNode

/** A finite number, of either sign. */
export interface NumberNode {
  readonly kind: 'number'
  readonly value: number
}

/** A named constant, kept by name so that it prints as pi and not as 3.14159. */
export interface ConstantNode {
  readonly kind: 'constant'
  readonly name: ConstantName
}

/** A variable. Which number it reads is said when the formula is compiled. */
export interface VariableNode {
  readonly kind: 'variable'
  readonly name: string
}

export interface NegateNode {
  readonly kind: 'negate'
  readonly argument: Expression
}

export type BinaryKind = 'add' | 'subtract' | 'multiply' | 'divide' | 'power'

export interface BinaryNode {
  readonly kind: BinaryKind
  readonly left: Expression
  readonly right: Expression
}

/** A function of one or two arguments. */
export interface CallNode {
  readonly kind: 'call'
  readonly name: FunctionName
  readonly arguments: readonly Expression[]
}

/** The number `value`. Throws ConfigError unless it is finite. */
export function number(value: number): Expression {
  if (!Number.isFinite(value)) throw new ConfigError(`A formula holds finite numbers only, not ${value}.`)
  return { kind: 'number', value }
}

/** pi or e. */
export function constant(name: ConstantName): Expression {
  return { kind: 'constant', name }
}

/** The variable `name`, any text that is not empty. Throws ConfigError. */
export function variable(name: string): Expression {
  if (name === '') throw new ConfigError('A variable of a formula has an empty name; give it a letter.')
  return { kind: 'variable', name }
}

/** -argument. (The number -3 is number(-3); negate(number(3)) is another tree and prints as -(3).) */
export function negate(argument: Expression): Expression {
  return { kind: 'negate', argument }
}

/** left + right. */
export function add(left: Expression, right: Expression): Expression {
  return { kind: 'add', left, right }
}

/** left - right. */
export function subtract(left: Expression, right: Expression): Expression {
  return { kind: 'subtract', left, right }
}

/** left * right. */
export function multiply(left: Expression, right: Expression): Expression {
  return { kind: 'multiply', left, right }
}

/** left / right. */
export function divide(left: Expression, right: Expression): Expression {
  return { kind: 'divide', left, right }
}

/** left ^ right. NaN for a negative left and a right that is not whole, as Math.pow has it. */
export function power(left: Expression, right: Expression): Expression {
  return { kind: 'power', left, right }
}

/** The function `name` of one or two arguments. Throws ConfigError when their number is wrong. */
export function call(name: FunctionName, ...args: readonly Expression[]): Expression {
  const wanted = functions[name].derivatives.length
  if (args.length !== wanted)
    throw new ConfigError(`${name} was given ${args.length} arguments; it takes ${wanted}.`)
  return { kind: 'call', name, arguments: args }
}

const NONE: readonly Expression[] = []

/** The direct subtrees, left to right. */
export function children(node: Expression): readonly Expression[] {
  if ('left' in node) return [node.left, node.right]
  if (node.kind === 'call') return node.arguments
  return node.kind === 'negate' ? [node.argument] : NONE
}

/**
 * Works upwards from the leaves, left to right: `visit` gets a node and the results of its children. A subtree that occurs
 * several times is visited once. Without recursion, so that a sum of 100,000 terms does not overflow the stack.
 */
export function fold<T>(expression: Expression, visit: (node: Expression, results: readonly T[]) => T): T {
  const done = new Map<Expression, { readonly result: T }>()
  const open = [expression]
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    const parts = children(node)
    const results: T[] = []
    const waiting: Expression[] = []
    for (const part of parts) {
      const ready = done.get(part)
      if (ready === undefined) waiting.push(part)
      else results.push(ready.result)
    }
    if (waiting.length > 0) open.push(...waiting.toReversed())
    else {
      open.pop()
      if (!done.has(node)) done.set(node, { result: visit(node, results) })
    }
  }
  return done.get(expression)!.result
}

/** The node with other children in the same order. */
export function withChildren(node: Expression, parts: readonly Expression[]): Expression {
  if ('left' in node) return { kind: node.kind, left: parts[0]!, right: parts[1]! }
  if (node.kind === 'call') return { kind: 'call', name: node.name, arguments: parts }
  return node.kind === 'negate' ? { kind: 'negate', argument: parts[0]! } : node
}

/** The number of nodes, shared subtrees counted each time they occur: the size of the formula as it prints. */
export function size(expression: Expression): number {
  return fold<number>(expression, (_, sizes) => sizes.reduce((sum, part) => sum + part, 1))
}

/** Whether two trees are the same, node by node; -0 and 0 differ. */
export function equals(a: Expression, b: Expression): boolean {
  const open: (readonly [Expression, Expression])[] = [[a, b]]
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    const [left, right] = pair
    if (left === right) continue
    if (!sameNode(left, right)) return false
    const [leftParts, rightParts] = [children(left), children(right)]
    for (let i = 0; i < leftParts.length; i++) open.push([leftParts[i]!, rightParts[i]!])
  }
  return true
}

/** Whether two nodes agree, apart from their children. */
function sameNode(a: Expression, b: Expression): boolean {
  if (a.kind === 'number') return b.kind === 'number' && Object.is(a.value, b.value)
  if (a.kind === 'constant') return b.kind === 'constant' && a.name === b.name
  if (a.kind === 'variable') return b.kind === 'variable' && a.name === b.name
  if (a.kind === 'call') return b.kind === 'call' && a.name === b.name
  return a.kind === b.kind
}

/** The tree with variables replaced by the expressions of those names; others stay. */
export function substitute(
  expression: Expression,
  replacements: ReadonlyMap<string, Expression>,
): Expression {
  return fold<Expression>(expression, (node, parts) =>
    node.kind === 'variable' ? (replacements.get(node.name) ?? node) : withChildren(node, parts),
  )
}

/**
 * The names of the variables: x1, x2, .. (also x_1, x_2, ..) first, by their number, then the others as they appear, left
 * to right.
 */
export function variables(expression: Expression): string[] {
  const names = new Set<string>()
  fold<undefined>(expression, node => {
    if (node.kind === 'variable') names.add(node.name)
    return undefined
  })
  return [...names].sort((a, b) => {
    const [first, second] = [indexOf(a), indexOf(b)]
    return first === second ? 0 : first - second // Infinity - Infinity would be NaN
  })
}

/** The number in a name like x1 or x_1, else Infinity. */
function indexOf(name: string): number {
  const digits = /^x_?(\d+)$/.exec(name)?.[1]
  return digits === undefined ? Infinity : Number(digits)
}
