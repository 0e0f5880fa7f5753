import { functionLines, paragraphs } from './code.ts'
import type { Language } from './code.ts'
import { csupport } from './csupport.ts'
import { arithmetic, atom, called, calls, numeral, POWER, shortestFloat, signed, wordsOf } from './piece.ts'
import type { Calls, Piece } from './piece.ts'

const cCalls: Calls = {
  sin: 'sin',
  cos: 'cos',
  tan: 'tan',
  asin: 'asin',
  acos: 'acos',
  atan: 'atan',
  sinh: 'sinh',
  cosh: 'cosh',
  tanh: 'tanh',
  asinh: 'asinh',
  acosh: 'acosh',
  atanh: 'atanh',
  exp: 'exp',
  log: 'log',
  log10: 'log10',
  log2: 'log2',
  sqrt: 'sqrt',
  cbrt: 'cbrt',
  abs: 'fabs',
  sign: 'sign',
  floor: 'floor',
  ceil: 'ceil',
  gaussian: 'gaussian',
  sigmoid: 'sigmoid',
  silu: 'silu',
  relu: u => called('maximum', u, atom('0.0')),
  erf: 'erf',
  besselj0: 'bessel_j0',
  besselj1: 'bessel_j1',
  min: 'minimum',
  max: 'maximum',
  atan2: 'atan2',
}

const reserved = [
  'auto break case char const continue default do double else enum extern float for goto if inline int long',
  'register restrict return short signed sizeof static struct switch typedef union unsigned void volatile',
  'while bool true false nullptr typeof alignas alignof constexpr asm near far class new delete this',
  'template namespace using public private protected virtual operator friend try catch throw and or not xor',
  'bitand bitor compl explicit export mutable typename main errno I',
  // What math.h declares, some of it as macros.
  'pow exp2 expm1 log1p logb ilogb hypot erfc lgamma tgamma gamma j0 j1 jn y0 y1 yn fmin fmax fdim fma fmod',
  'modf frexp ldexp round rint trunc remainder copysign nan isnan isinf isfinite signbit NAN INFINITY',
  'HUGE_VAL signgam M_PI M_E OVERFLOW UNDERFLOW DOMAIN SING PLOSS TLOSS',
]

/** C: a function of doubles in C99, which is also C++. */
export const c: Language = {
  comment: '//',
  reserved: () => [...reserved, ...wordsOf(cCalls)],
  support: csupport,
  notation: nameOf => ({
    // 1/2 of integers would be 0.
    number: value => numeral(shortestFloat(value)),
    constant: name => atom(String(name === 'pi' ? Math.PI : Math.E)),
    variable: ({ name }) => atom(nameOf(name)),
    negate: signed(POWER), // -- is an operator of its own
    binary: {
      ...arithmetic,
      power: (left, right, { left: base, right: exponent }): Piece => {
        if (exponent.kind !== 'number' || exponent.value !== 2) return called('pow', left, right)
        return base.kind === 'variable' ? arithmetic.multiply(left, left) : called('square', left)
      },
    },
    call: calls(cCalls),
    notFinite: value => numeral(Number.isNaN(value) ? 'NAN' : value < 0 ? '-INFINITY' : 'INFINITY'),
  }),
  frame: program => {
    const list = program.parameters.map(each => `double ${each}`).join(', ')
    const functions = functionLines(program, ({ name, named, result }) => [
      `double ${name}(${list || 'void'}) {`,
      ...named.map(each => `  const double ${each.name} = ${each.text};`),
      `  return ${result};`,
      '}',
    ])
    return paragraphs('#include <math.h>', program.support, ...functions)
  },
}
