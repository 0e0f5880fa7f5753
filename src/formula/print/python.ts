import { functionLines, paragraphs } from './code.ts'
import type { Language } from './code.ts'
import type { BinaryKind } from '../tree.ts'
import {
  arithmetic,
  ATOM,
  atom,
  called,
  calls,
  infix,
  numeral,
  POWER,
  shortestFloat,
  SIGN,
  signed,
  wordsOf,
} from './piece.ts'
import type { Calls, Notation, Piece } from './piece.ts'
import { support } from './support.ts'

const pythonCalls: Calls = {
  sin: 'np.sin',
  cos: 'np.cos',
  tan: 'np.tan',
  asin: 'np.arcsin',
  acos: 'np.arccos',
  atan: 'np.arctan',
  sinh: 'np.sinh',
  cosh: 'np.cosh',
  tanh: 'np.tanh',
  asinh: 'np.arcsinh',
  acosh: 'np.arccosh',
  atanh: 'np.arctanh',
  exp: 'np.exp',
  log: 'np.log',
  log10: 'np.log10',
  log2: 'np.log2',
  sqrt: 'np.sqrt',
  cbrt: 'np.cbrt',
  abs: 'np.abs',
  sign: 'np.sign',
  floor: 'np.floor',
  ceil: 'np.ceil',
  gaussian: 'gaussian',
  sigmoid: 'sigmoid',
  silu: 'silu',
  relu: u => called('np.maximum', u, numeral('0.0')),
  erf: 'special.erf',
  besselj0: 'special.j0',
  besselj1: 'special.j1',
  min: 'np.minimum',
  max: 'np.maximum',
  atan2: 'np.arctan2',
}

/** The functions that numpy lacks and that need no scipy. */
const pythonSupport = /* @__PURE__ */ support(
  [
    `
def gaussian(x):
    return np.exp(-np.square(x))

# 1 / (1 + exp(-x)), without overflow
def sigmoid(x):
    return np.exp(-np.logaddexp(0.0, -x))

def silu(x):
    return x*sigmoid(x)
`,
  ],
  /^def (\w+)/m,
)

/** Python's keywords. */
export const pythonKeywords: readonly string[] = [
  'False None True and as assert async await break class continue def del elif else except finally for from',
  'global if import in is lambda nonlocal not or pass raise return try while with yield match case type',
  'print float',
]

/** A number; whole ones that float64 holds exactly are integers. */
export function pythonNumber(value: number): Piece {
  if (Object.is(value, -0)) return numeral('-0.0')
  return numeral(Number.isSafeInteger(value) ? String(value) : shortestFloat(value))
}

/** Longer texts are no whole numbers with a few signs; looking into them would copy them, at every level. */
const LONGEST_INTEGER = 40

/** Whether Python computes with it as an integer: 2, --2. */
function isInteger({ text }: Piece): boolean {
  return text.length < LONGEST_INTEGER && /^-*\d+$/.test(text)
}

/** The operators of Python and SymPy: -x**2 is -(x**2), 2**-x needs no parentheses. */
export const pythonOperators: Pick<Notation, 'negate' | 'binary'> = {
  negate: signed(SIGN),
  binary: { ...arithmetic, power: infix('**', POWER, ATOM, SIGN) },
}

/** The binary operators with another first operand where both operands are integers. */
export function withIntegers(
  binary: Notation['binary'],
  replaced: (integer: Piece) => Piece,
): Notation['binary'] {
  const guarded =
    (kind: BinaryKind): Notation['binary'][BinaryKind] =>
    (left, right, node) =>
      binary[kind](isInteger(left) && isInteger(right) ? replaced(left) : left, right, node)
  return {
    add: guarded('add'),
    subtract: guarded('subtract'),
    multiply: guarded('multiply'),
    divide: guarded('divide'),
    power: guarded('power'),
  }
}

/** Integers among themselves are floats: numpy refuses 2**70, and a negative power of an integer. */
function asFloat(piece: Piece): Piece {
  return isInteger(piece) ? { ...piece, text: `${piece.text}.0` } : piece
}

/** Python: a function of numbers or numpy arrays, with scipy only where numpy lacks the function. */
export const python: Language = {
  comment: '#',
  reserved: () => [...pythonKeywords, ...wordsOf(pythonCalls)],
  support: pythonSupport,
  notation: nameOf => ({
    negate: pythonOperators.negate,
    binary: withIntegers(pythonOperators.binary, asFloat),
    number: pythonNumber,
    constant: name => atom(`np.${name}`),
    variable: ({ name }) => atom(nameOf(name)),
    call: (node, parts) => calls(pythonCalls)(node, parts.map(asFloat)),
    notFinite: value => numeral(Number.isNaN(value) ? 'np.nan' : value < 0 ? '-np.inf' : 'np.inf'),
  }),
  frame: program => {
    const { parameters, support } = program
    const functions = functionLines(program, ({ name, named, result }) => [
      `def ${name}(${parameters.join(', ')}):`,
      // Plain numbers would raise an error where numpy's give nan or inf.
      ...parameters.map(each => `    ${each} = np.asarray(${each}, dtype=float)`),
      ...named.map(each => `    ${each.name} = ${each.text}`),
      `    return ${result}`,
    ])
    const code = paragraphs(support, ...functions)
    const imports = ['import numpy as np', ...(/\bspecial\./.test(code) ? ['from scipy import special'] : [])]
    return paragraphs(imports, code)
  },
}
