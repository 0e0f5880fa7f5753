import { add, call, fold, negative, subtract, toText } from '../../../formula/index.ts'
import type { CallNode, Expression, NumberNode } from '../../../formula/index.ts'
import { niceNumbers } from '../../constants/nicenumbers.ts'
import { acceptance, rebuilt } from './acceptance.ts'
import type { Trial } from './acceptance.ts'

/** A phase that is no coincidence: see snap. */
const COINCIDENCE = 0.1
/**
 * Writes sines for cosines and cosines for sines where that has the plainer number: cos(2 t - 0.5708) is sin(2 t + 1). Both say the
 * same, so the fit cannot tell them apart, and the normal form has the smaller phase. One at a time, from left to right: where
 * the phase of the other function is near a number that a person would write, it is written so, and the others refitted.
 * It is kept where the rows do not object, as they do not in snap, and the text is shorter.
 */
export function plainPhases(expression: Expression, trial: Omit<Trial, 'polish'>): Expression {
  let best = expression
  const done = new Set<string>()
  for (;;) {
    const next = shifted(best).find(node => !done.has(toText(node)))
    if (next === undefined) return best
    done.add(toText(next))
    const accepts = acceptance(best, trial)
    for (const { node, phase } of turned(next)) {
      const whole = fold<Expression>(best, (old, parts) => (old === next ? node : rebuilt(old, parts)))
      const tried = trial.snap(whole, held => held === phase)
      if (toText(tried).length < toText(best).length && accepts(tried)) best = tried
    }
  }
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

/** The other function, of the angle a quarter turn on and of the one a quarter turn back, with plain phases. */
function turned(node: CallNode): { readonly node: Expression; readonly phase: NumberNode }[] {
  const split = splitAngle(node)
  if (split === undefined) return []
  const { u, b } = split
  const other = node.name === 'sin' ? 'cos' : 'sin'
  return [QUARTER, -QUARTER].flatMap(turn => {
    const near = b + turn
    return niceNumbers(near, COINCIDENCE * Math.abs(near))
      .filter(({ kind, cost, value }) => kind === 'plain' && isNoChance(cost, value, near))
      .slice(0, 2)
      .map(({ value }) => {
        const phase: NumberNode = { kind: 'number', value: Math.abs(value) }
        const angle = value < 0 ? subtract(u, phase) : add(u, phase)
        // cos(u) = sin(u + pi/2) = -sin(u - pi/2), and sin(u) = cos(u - pi/2) = -cos(u + pi/2)
        const isSame = turn > 0 === (node.name === 'cos')
        return { phase, node: isSame ? call(other, angle) : negative(call(other, angle)) }
      })
  })
}

function isNoChance(cost: number, value: number, near: number): boolean {
  return cost < CHEAP && (Math.exp(cost) * Math.abs(value - near)) / Math.abs(near) <= COINCIDENCE
}
