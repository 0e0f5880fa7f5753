import type { Expression } from '../tree.ts'
import { paragraphs } from './code.ts'
import type { Language } from './code.ts'
import { quoted } from './identifiers.ts'
import { atom, called, calls, numeral, wordsOf } from './piece.ts'
import type { Calls } from './piece.ts'
import { pythonKeywords, pythonNumber, pythonOperators, withIntegers } from './python.ts'
import { definitions, rewriter } from './rewrite.ts'
import { noSupport } from './support.ts'

const sympyCalls: Calls = {
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
  log10: u => called('log', u, atom('10')),
  log2: u => called('log', u, atom('2')),
  sqrt: 'sqrt',
  cbrt: 'cbrt',
  abs: 'Abs',
  sign: 'sign',
  floor: 'floor',
  ceil: 'ceiling',
  gaussian: 'gaussian',
  sigmoid: 'sigmoid',
  silu: 'silu',
  relu: 'relu',
  erf: 'erf',
  besselj0: u => called('besselj', atom('0'), u),
  besselj1: u => called('besselj', atom('1'), u),
  min: 'Min',
  max: 'Max',
  atan2: 'atan2',
}

/** What a program may have to import. */
function imports(): readonly string[] {
  return [...wordsOf(sympyCalls), 'besselj', 'pi', 'E', 'S', 'oo', 'nan']
}

/** SymPy's own cbrt is the principal root, which is complex for negative numbers. */
const prepare: (expression: Expression) => Expression = /* @__PURE__ */ rewriter({
  ...definitions,
  cbrt: 'sign(u)*abs(u)^(1/3)',
})

/** SymPy: real symbols and an expression with exact whole numbers and quotients of them. */
export const sympy: Language = {
  comment: '#',
  reserved: () => [...pythonKeywords, ...imports(), 'Symbol'],
  support: noSupport,
  prepare,
  notation: nameOf => ({
    negate: pythonOperators.negate,
    // S(1)/3, as 1/3 would be Python's rounded quotient.
    binary: withIntegers(pythonOperators.binary, integer => called('S', integer)),
    number: pythonNumber,
    constant: name => atom(name === 'pi' ? 'pi' : 'E'),
    variable: ({ name }) => atom(nameOf(name)),
    call: calls(sympyCalls),
    notFinite: value => numeral(Number.isNaN(value) ? 'nan' : value < 0 ? '-oo' : 'oo'),
  }),
  frame: ({ functions, parameters, variables }) => {
    const lines = functions.flatMap(({ name, comments, named, result }) => [
      ...comments,
      ...named.map(each => `${each.name} = ${each.text}`),
      `${name} = ${result}`,
    ])
    const words = new Set(lines.join('\n').match(/[A-Za-z]\w*/g))
    const used = [...(parameters.length > 0 ? ['Symbol'] : []), ...imports().filter(each => words.has(each))]
    return paragraphs(
      used.length > 0 ? `from sympy import ${used.join(', ')}` : '',
      parameters.map((each, i) => `${each} = Symbol(${quoted(variables[i]!)}, real=True)`),
      lines,
    )
  },
}
