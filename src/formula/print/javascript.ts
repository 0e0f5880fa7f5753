import { functionLines, paragraphs } from './code.ts'
import type { Language } from './code.ts'
import { javascriptSupport } from './javascriptsupport.ts'
import {
  arithmetic,
  ATOM,
  atom,
  called,
  calls,
  FACTOR,
  infix,
  numeral,
  shortest,
  signed,
  wordsOf,
} from './piece.ts'
import type { Calls } from './piece.ts'

const javascriptCalls: Calls = {
  sin: 'Math.sin',
  cos: 'Math.cos',
  tan: 'Math.tan',
  asin: 'Math.asin',
  acos: 'Math.acos',
  atan: 'Math.atan',
  sinh: 'Math.sinh',
  cosh: 'Math.cosh',
  tanh: 'Math.tanh',
  asinh: 'Math.asinh',
  acosh: 'Math.acosh',
  atanh: 'Math.atanh',
  exp: 'Math.exp',
  log: 'Math.log',
  log10: 'Math.log10',
  log2: 'Math.log2',
  sqrt: 'Math.sqrt',
  cbrt: 'Math.cbrt',
  abs: 'Math.abs',
  sign: 'Math.sign',
  floor: 'Math.floor',
  ceil: 'Math.ceil',
  gaussian: 'gaussian',
  sigmoid: 'sigmoid',
  silu: 'silu',
  relu: u => called('Math.max', u, numeral('0')),
  erf: 'erf',
  besselj0: 'besselj0',
  besselj1: 'besselj1',
  min: 'Math.min',
  max: 'Math.max',
  atan2: 'Math.atan2',
}

const reserved = [
  'arguments await break case catch class const continue debugger default delete do else enum eval export',
  'extends false finally for function if implements import in instanceof interface let new null package',
  'private protected public return static super switch this throw true try typeof var void while with yield',
  'async of get set undefined NaN Infinity globalThis',
]

/** JavaScript: a module that exports a function of numbers. */
export const javascript: Language = {
  comment: '//',
  reserved: () => [...reserved, ...wordsOf(javascriptCalls)],
  support: javascriptSupport,
  notation: nameOf => ({
    number: value => numeral(shortest(value)),
    constant: name => atom(name === 'pi' ? 'Math.PI' : 'Math.E'),
    variable: ({ name }) => atom(nameOf(name)),
    // -x ** 2 and (-2) ** x without parentheses are syntax errors, 2 ** -x is not.
    negate: signed(ATOM),
    binary: { ...arithmetic, power: infix('**', FACTOR, ATOM, FACTOR) },
    call: calls(javascriptCalls),
    notFinite: value => numeral(String(value)),
  }),
  frame: program => {
    const functions = functionLines(program, ({ name, named, result }) => [
      `export function ${name}(${program.parameters.join(', ')}) {`,
      ...named.map(each => `  const ${each.name} = ${each.text}`),
      `  return ${result}`,
      '}',
    ])
    return paragraphs(program.support, ...functions)
  },
}
