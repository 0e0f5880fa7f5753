import { call, fold, negative, number, sum, toText, withChildren } from '../../formula/index.ts'
import type { CallNode, Expression } from '../../formula/index.ts'
import { niceNumbers } from '../constants/nicenumbers.ts'

/**
 * Writes sines for cosines and cosines for sines where that has the plainer number: cos(2 t - 0.5708) is sin(2 t + 1). Both say the
 * same, so the fit cannot tell them apart. One at a time, from left to right; of the ways to write one, the shortest text is taken,
 * and of equally short ones what was there.
 *
 * @param snap writes the numbers of a formula as a person would
 */
export function plainPhases(expression: Expression, snap: (tried: Expression) => Expression): Expression {
  let best = expression
  const done = new Set<string>()
  for (;;) {
    const next = shifted(best).find(node => !done.has(toText(node)))
    if (next === undefined) return best
    done.add(toText(next))
    for (const other of turned(next)) {
      const tried = snap(
        fold<Expression>(best, (node, parts) => (node === next ? other : rebuilt(node, parts))),
      )
      if (toText(tried).length < toText(best).length) best = tried
    }
  }
}

function rebuilt(node: Expression, parts: readonly Expression[]): Expression {
  return parts.length === 0 ? node : withChildren(node, parts)
}

/** Sines and cosines with a shift that is no number a person would write. */
function shifted(expression: Expression): CallNode[] {
  const found: CallNode[] = []
  fold<undefined>(expression, node => {
    if (node.kind === 'call' && (node.name === 'sin' || node.name === 'cos') && isOdd(splitAngle(node)?.b))
      found.push(node)
    return undefined
  })
  return found
}

function isOdd(shift: number | undefined): boolean {
  return (
    shift !== undefined && !Number.isInteger(shift) && !niceNumbers(shift, 0).some(({ cost }) => cost < CHEAP)
  )
}

/** The cost (see NiceNumber) of numbers that look meant: 1/2 and pi/3, but not 0.575. */
const CHEAP = 4

/** A quarter of a turn. */
const QUARTER = Math.PI / 2

/** u and b of sin(u + b); undefined where nothing is added. */
function splitAngle({
  arguments: [angle],
}: CallNode): { readonly u: Expression; readonly b: number } | undefined {
  if (angle?.kind !== 'add' && angle?.kind !== 'subtract') return undefined
  const { left, right, kind } = angle
  if (right.kind === 'number') return { u: left, b: kind === 'add' ? right.value : -right.value }
  if (left.kind === 'number') return { u: kind === 'add' ? right : negative(right), b: left.value }
  return undefined
}

/** The other function, of the angle a quarter turn on and of the one a quarter turn back. */
function turned(node: CallNode): Expression[] {
  const split = splitAngle(node)
  if (split === undefined) return []
  const { u, b } = split
  const other = node.name === 'sin' ? 'cos' : 'sin'
  return [QUARTER, -QUARTER].map(turn => {
    const value = call(other, sum(u, number(b + turn)))
    // cos(u) = sin(u + pi/2) = -sin(u - pi/2), and sin(u) = cos(u - pi/2) = -cos(u + pi/2)
    return turn > 0 === (node.name === 'cos') ? value : negative(value)
  })
}
