import { functions } from '../functions.ts'
import type { FunctionName } from '../functions.ts'
import { toText } from '../print/text.ts'
import { call } from '../tree.ts'
import type { Algebra } from './algebra.ts'
import {
  coefficient,
  half,
  inexact,
  is,
  isEven,
  isExact,
  isWhole,
  minus,
  minusOne,
  one,
} from './coefficient.ts'
import type { Coefficient } from './coefficient.ts'
import { content } from './content.ts'
import { asNumber, numberSum, numberTerm, variablePart } from './form.ts'
import type { Factor, Sum, Term } from './form.ts'
import { shiftedSine, shiftedTangent } from './phases.ts'
import { write } from './write.ts'

/** f(-u) = -f(u) */
const odd: ReadonlySet<string> = new Set('asin atan sinh tanh asinh atanh erf besselj1 cbrt'.split(' '))
/** f(-u) = f(u) */
const even: ReadonlySet<string> = new Set(['cosh', 'besselj0'])
const commutative: ReadonlySet<string> = new Set(['min', 'max'])

/**
 * The normal form of a call:
 *
 *     sqrt(u)         u^(1/2), see Algebra.raise                         gaussian(u)   exp(-u^2)
 *     exp(a log u + v)   u^a exp(v), where a is not whole or u is nowhere negative
 *     log(exp u)      u             log(u^a)   a log u, where u^a is positive for positive u only or u is nowhere negative
 *     log(c u)        log c + log u for a fitted c > 0, log10 and log2 alike
 *     |c u v|         |c| |u| |v|;  relu(c u)   |c| relu(+-u);  sign(c u)   +-sign(u);  |u|, relu(u)   u where it is not negative
 *     f(-u)           -f(u) for odd, f(u) for even f: the first term of the argument gets no minus
 *     sin, cos, tan   see phases.ts
 *     f(number)       a number, where the argument is inexact or the value whole
 */
export function callOf(name: FunctionName, args: readonly Sum[], algebra: Algebra): Sum {
  const numbers = args.map(asNumber)
  const folded = atNumbers(name, numbers)
  if (folded !== undefined) return folded
  const argument = args[0]!
  if (name === 'sqrt') return algebra.raise(argument, half)
  if (name === 'gaussian')
    return algebra.exponential(algebra.negative(algebra.raise(argument, coefficient(2))))
  if (name === 'exp') return ofExponential(argument, algebra)
  if (name === 'sin' || name === 'cos') return shiftedSine(name, argument, algebra)
  if (name === 'tan') return shiftedTangent(argument, algebra)
  const short = algebra.shorten(argument)
  if (name === 'log' || name === 'log10' || name === 'log2') return ofLogarithm(name, short, algebra)
  if (name === 'abs') return ofAbsolute(short, algebra)
  if (name === 'relu' || name === 'sign') return ofScaled(name, short, algebra)
  return ofOther(name, args, algebra)
}

function ofOther(name: FunctionName, args: readonly Sum[], algebra: Algebra): Sum {
  const [argument] = args
  const isNegative = argument !== undefined && (argument[0]?.coefficient.value ?? 0) < 0
  if (isNegative && (odd.has(name) || even.has(name))) {
    const positive = plain(name, [algebra.negative(argument)], algebra)
    return odd.has(name) ? algebra.negative(positive) : positive
  }
  return plain(name, args, algebra)
}

/** The call as it is, of arguments in normal form. */
function plain(name: FunctionName, args: readonly Sum[], algebra: Algebra): Sum {
  const trees = args.map(sum => write(algebra.shorten(sum)))
  if (commutative.has(name)) trees.sort((a, b) => (toText(a) < toText(b) ? -1 : 1))
  return algebra.atom(call(name, ...trees))
}

/** The value at numbers, where one of them is inexact or the value is whole. */
function atNumbers(name: FunctionName, numbers: readonly (Coefficient | undefined)[]): Sum | undefined {
  const [u, v] = numbers.length === 1 ? [numbers[0], numbers[0]] : numbers
  if (u === undefined || v === undefined) return undefined
  const value = functions[name].value(u.value, v.value)
  if (Number.isSafeInteger(value)) return numberSum(coefficient(value))
  return isExact(u) && isExact(v) ? undefined : numberSum(inexact(value))
}

function ofExponential(argument: Sum, algebra: Algebra): Sum {
  const rest: Term[] = []
  let product: Sum = [numberTerm(one)]
  for (const term of argument) {
    const [factor] = variablePart(term)
    const power = term.coefficient
    const isPower = term.factors.length === 1 && factor?.inner?.kind === 'log' && is(factor.exponent, 1)
    if (isPower && (!isWhole(power) || algebra.isNonnegative(factor.inner.sum)))
      product = algebra.multiply(product, algebra.raise(factor.inner.sum, power))
    else rest.push(term)
  }
  return algebra.multiply(product, algebra.exponential(rest))
}

function ofLogarithm(name: 'log' | 'log10' | 'log2', argument: Sum, algebra: Algebra): Sum {
  const of = (sum: Sum): Sum => (name === 'log' ? algebra.call('log', sum) : plain(name, [sum], algebra))
  const value = (c: Coefficient): Sum => numberSum(inexact(functions[name].value(c.value), true))
  if (argument.length > 1) {
    const c = content(argument, true)
    return isExact(c) ? of(argument) : algebra.add(value(c), of(algebra.divide(argument, c)))
  }
  const [term] = argument
  if (term === undefined) return of(argument)
  const { coefficient: c, factors } = term
  if (!isExact(c) && c.value > 0)
    return algebra.add(value(c), ofLogarithm(name, [algebra.term(one, factors)], algebra))
  if (name === 'log') {
    const outside = factors.find(factor => factor.inner?.kind === 'exp' || factor.key === 'e')
    if (outside !== undefined) {
      const inside = algebra.term(
        c,
        factors.filter(factor => factor !== outside),
      )
      const exponent = outside.inner?.kind === 'exp' ? outside.inner.sum : numberSum(outside.exponent)
      const rest =
        inside.factors.length === 0 && is(inside.coefficient, 1) ? [] : ofLogarithm(name, [inside], algebra)
      return algebra.add(exponent, rest)
    }
  }
  if (!is(c, 1)) return of(argument)
  const [factor] = factors
  if (factors.length === 1 && mayLeaveLogarithm(factor!)) {
    const base = [algebra.term(one, [{ ...factor!, exponent: one }])]
    return is(factor!.exponent, 1) ? of(argument) : algebra.multiply(numberSum(factor!.exponent), of(base))
  }
  // log(v/u) for log(u/v) where u comes first: one of two that differ by a sign only.
  const first = variablePart(term)[0]
  if (first !== undefined && first.exponent.value < 0)
    return algebra.negative(of(algebra.raise(argument, minusOne)))
  return of(argument)
}

/** Whether log(base^a) is a log(base) wherever it exists. */
function mayLeaveLogarithm({ exponent, nonnegative, inner }: Factor): boolean {
  return nonnegative || inner?.kind === 'abs' || !isEven(exponent)
}

function ofAbsolute(argument: Sum, algebra: Algebra): Sum {
  if (algebra.isNonnegative(argument)) return argument
  if (argument.length > 1) {
    const c = content(argument, false)
    const size = c.value < 0 ? minus(c) : c
    return algebra.scale(algebra.call('abs', algebra.divide(argument, c)), size)
  }
  const { coefficient: c, factors } = argument[0]!
  let product: Sum = [numberTerm(c.value < 0 ? minus(c) : c)]
  for (const factor of factors) {
    const isPlain =
      factor.nonnegative ||
      factor.inner?.kind === 'exp' ||
      !isWhole(factor.exponent) ||
      isEven(factor.exponent)
    const base = [algebra.term(one, [{ ...factor, exponent: one }])]
    product = algebra.multiply(
      product,
      isPlain ? [algebra.term(one, [factor])] : algebra.raise(algebra.call('abs', base), factor.exponent),
    )
  }
  return product
}

/** relu(c u) is |c| relu(u or -u), sign(c u) is sign(u) or -sign(u). */
function ofScaled(name: 'relu' | 'sign', argument: Sum, algebra: Algebra): Sum {
  if (name === 'relu' && algebra.isNonnegative(argument)) return argument
  const signed = argument.length > 1 ? content(argument, name === 'relu') : argument[0]!.coefficient
  const size = signed.value < 0 ? minus(signed) : signed
  if (name === 'relu') return algebra.scale(plain(name, [algebra.divide(argument, size)], algebra), size)
  const rest = plain(name, [algebra.divide(argument, signed)], algebra)
  return signed.value < 0 ? algebra.negative(rest) : rest
}
