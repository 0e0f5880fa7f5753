import { call } from '../tree.ts'
import type { FunctionName } from '../functions.ts'
import type { Algebra } from './algebra.ts'
import type { Coefficient } from './coefficient.ts'
import { fraction, half, inexact, is, isExact, one, plus } from './coefficient.ts'
import { constantFactor, numberTerm, variablePart } from './form.ts'
import type { Sum, Term } from './form.ts'
import { write } from './write.ts'

/** sin, cos, -sin, -cos: the sine after 0, 1, 2, 3 quarters of a turn. */
const quarters = [
  ['sin', false],
  ['cos', false],
  ['sin', true],
  ['cos', true],
] as const

/**
 * sin(u + phase) or cos(u + phase) with the phase between -pi/4 and pi/4: the first term of u gets no minus, and every
 * quarter of a turn turns sin into cos, cos into -sin. So a fitted phase is near 0 where there is none, and sin(x + 1.57) is
 * cos(x - 0.0008). Fractions of pi are treated so too; other exact phases, as in sin(x + 1), stay.
 */
export function shiftedSine(name: 'sin' | 'cos', argument: Sum, algebra: Algebra): Sum {
  const isNegative = firstSign(argument) < 0
  const { turns, rest } = wholeTurns(isNegative ? algebra.negative(argument) : argument, 2, algebra)
  const quarter = (((turns + (name === 'cos' ? 1 : 0)) % 4) + 4) % 4
  const [shifted, isOpposite] = quarters[quarter]!
  // The phase that is left may be all there is, and negative.
  const flipped = firstSign(rest) < 0
  const flips = [isOpposite, isNegative && name === 'sin', flipped && shifted === 'sin']
  const isOdd = flips.filter(Boolean).length % 2 === 1
  const positive = flipped ? algebra.negative(rest) : rest
  const value = special(shifted, positive, algebra) ?? atom(shifted, positive, algebra)
  return isOdd ? algebra.negative(value) : value
}

/** Sine and cosine of 0 and of pi/4. */
function special(name: 'sin' | 'cos', argument: Sum, algebra: Algebra): Sum | undefined {
  const [term, ...others] = argument
  if (term === undefined) return name === 'sin' ? [] : [numberTerm(one)]
  const isEighth = others.length === 0 && isPi(term) && is(term.coefficient, 0.25)
  return isEighth ? algebra.raise([numberTerm(half)], half) : undefined
}

/** tan(u + phase) with the phase between -pi/2 and pi/2, and no minus before the first term of u. */
export function shiftedTangent(argument: Sum, algebra: Algebra): Sum {
  const isNegative = firstSign(argument) < 0
  const { rest } = wholeTurns(isNegative ? algebra.negative(argument) : argument, 1, algebra)
  if (rest.length === 0) return []
  const flipped = firstSign(rest) < 0
  const tangent = atom('tan', flipped ? algebra.negative(rest) : rest, algebra)
  return isNegative !== flipped ? algebra.negative(tangent) : tangent
}

function atom(name: FunctionName, argument: Sum, algebra: Algebra): Sum {
  return algebra.atom(call(name, write(algebra.shorten(argument))))
}

function firstSign(sum: Sum): number {
  return Math.sign(sum[0]?.coefficient.value ?? 0)
}

/** The argument without whole steps of pi / parts, and how many those were. */
function wholeTurns(
  argument: Sum,
  parts: 1 | 2,
  algebra: Algebra,
): { readonly turns: number; readonly rest: Sum } {
  const phase = argument.find(
    term => variablePart(term).length === 0 && (isPi(term) || !isExact(term.coefficient)),
  )
  if (phase === undefined) return { turns: 0, rest: argument }
  const { coefficient } = phase
  const turns = Math.round((isPi(phase) ? coefficient.value : coefficient.value / Math.PI) * parts)
  const others = argument.filter(term => term !== phase)
  if (isPi(phase)) {
    const left = plus(coefficient, fraction(-turns, parts))
    return { turns, rest: is(left, 0) ? others : algebra.sum([...others, times(phase, left)]) }
  }
  const left: Coefficient = inexact(coefficient.value - (turns * Math.PI) / parts, true)
  return { turns, rest: is(left, 0) ? others : algebra.sum([...others, numberTerm(left)]) }
}

function times(phase: Term, coefficient: Coefficient): Term {
  return { ...phase, coefficient }
}

function isPi({ factors }: Term): boolean {
  return factors.length === 1 && factors[0]!.key === constantFactor('pi').key && is(factors[0]!.exponent, 1)
}
