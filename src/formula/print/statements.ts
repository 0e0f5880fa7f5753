import { ConfigError } from '../../errors.ts'
import { children, fold, size, withChildren } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { atom, printer } from './piece.ts'
import type { Notation, Piece } from './piece.ts'

/** An expression as statements: each gives a name to a value that later ones use; the result is the last expression. */
export interface Statements {
  readonly named: readonly { readonly name: string; readonly text: string }[]
  readonly result: string
}

/** A subtree that occurs twice gets a name from this size on, or where it calls a function. */
const SMALLEST_NAMED = 5

/**
 * Levels inside one expression; deeper subtrees get a name. Compilers of shaders refuse from about 127 on, clang from 256
 * parentheses, Python from 200.
 */
const DEEPEST = 50

/** Nodes of an expression that is printed in one piece, shared subtrees counted each time. */
const LARGEST = 1_000_000

/** Throws ConfigError when the expression is too large to be printed in one piece: shared subtrees may make it astronomic. */
export function refuseHuge(expression: Expression): void {
  const nodes = size(expression)
  if (nodes > LARGEST)
    throw new ConfigError(
      `The formula would be printed as ${nodes.toPrecision(3)} terms and signs; at most ${LARGEST} are. Print it as a ` +
        'program, which names what occurs more than once, or simplify it.',
    )
}

/** Prints the expression as statements: what occurs more than once, or too deep, gets a name from `nameNext`. */
export function printStatements(
  expression: Expression,
  notation: Notation,
  nameNext: () => string,
): Statements {
  const shared = shareEqual(expression)
  const uses = countUses(shared)
  const print = printer(notation)
  const named: { name: string; text: string }[] = []

  const { piece } = fold<{ piece: Piece; depth: number; nodes: number; calls: boolean }>(
    shared,
    (node, parts) => {
      const piece = print(
        node,
        parts.map(part => part.piece),
      )
      const depth = 1 + Math.max(0, ...parts.map(part => part.depth))
      const nodes = parts.reduce((sum, part) => sum + part.nodes, 1)
      const calls = node.kind === 'call' || parts.some(part => part.calls)
      const repeated = uses.get(node)! > 1 && (nodes >= SMALLEST_NAMED || (calls && nodes > 1))
      if (node === shared || !(repeated || depth > DEEPEST)) return { piece, depth, nodes, calls }
      const name = nameNext()
      named.push({ name, text: piece.text })
      return { piece: atom(name), depth: 1, nodes: 1, calls: false }
    },
  )
  return { named, result: piece.text }
}

/** The same tree, in which equal subtrees are one object. */
function shareEqual(expression: Expression): Expression {
  const numbers = new Map<Expression, number>()
  const known = new Map<string, Expression>()
  return fold<Expression>(expression, (node, parts) => {
    const key = `${keyOf(node)} ${parts.map(part => numbers.get(part)).join(' ')}`
    const found = known.get(key)
    if (found !== undefined) return found
    const fresh = withChildren(node, parts)
    known.set(key, fresh)
    numbers.set(fresh, numbers.size)
    return fresh
  })
}

function keyOf(node: Expression): string {
  if (node.kind === 'number') return `number ${Object.is(node.value, -0) ? '-0' : node.value}`
  return 'name' in node ? `${node.kind} ${node.name}` : node.kind
}

/** How often each node is a child of a distinct node. */
function countUses(expression: Expression): Map<Expression, number> {
  const uses = new Map<Expression, number>([[expression, 1]])
  fold<undefined>(expression, node => {
    for (const part of children(node)) uses.set(part, (uses.get(part) ?? 0) + 1)
    return undefined
  })
  return uses
}
