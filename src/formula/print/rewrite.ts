import type { FunctionName } from '../functions.ts'
import { parse } from '../parse.ts'
import { fold, substitute, withChildren } from '../tree.ts'
import type { Expression } from '../tree.ts'

/** Functions written by others, as formulas of u: what a language without a sigmoid writes for one. */
export type Definitions = Readonly<Partial<Record<FunctionName, string>>>

/** Definitions that suit every language which has exp and max. */
export const definitions = {
  gaussian: 'exp(-u^2)',
  sigmoid: '1/(1 + exp(-u))',
  silu: 'u/(1 + exp(-u))',
  relu: 'max(0, u)',
} as const satisfies Definitions

/** A function that puts the definition in the place of each call of a defined function. */
export function rewriter(texts: Definitions): (expression: Expression) => Expression {
  const bodies = new Map<string, Expression>()
  const bodyOf = (name: FunctionName): Expression | undefined => {
    const text = texts[name]
    if (text === undefined) return undefined
    const body = bodies.get(name) ?? parse(text, { variables: ['u'] })
    bodies.set(name, body)
    return body
  }
  return expression =>
    fold<Expression>(expression, (node, parts) => {
      const body = node.kind === 'call' ? bodyOf(node.name) : undefined
      return body === undefined ? withChildren(node, parts) : substitute(body, new Map([['u', parts[0]!]]))
    })
}
