import { ConfigError } from '../../errors.ts'
import type { Expression } from '../tree.ts'
import { parameterNames } from './code.ts'
import type { CodeOptions } from './code.ts'
import {
  arithmetic,
  ATOM,
  atom,
  called,
  calls,
  FACTOR,
  infix,
  numeral,
  printTree,
  shortest,
  signed,
} from './piece.ts'
import type { Calls, Notation } from './piece.ts'
import { rewriter } from './rewrite.ts'
import { refuseHuge } from './statements.ts'

/** Options of the Excel format. */
export interface ExcelOptions extends Pick<CodeOptions, 'form' | 'variables'> {
  /**
   * The cell, table column or defined name that holds each variable, by its name: { x1: 'A2', mass: '[@mass]' }. Default: A2,
   * B2, C2, .. in the order of `variables`.
   */
  readonly cells?: Readonly<Record<string, string>>
}

/** Excel's limits: characters of a formula, functions inside each other, and the largest and smallest number of a cell. */
const LONGEST = 8192
const DEEPEST = 64
const LARGEST = 9.99999999999999e307
const SMALLEST = 2.2250738585072014e-308

const excelCalls: Calls = {
  sin: 'SIN',
  cos: 'COS',
  tan: 'TAN',
  asin: 'ASIN',
  acos: 'ACOS',
  atan: 'ATAN',
  sinh: 'SINH',
  cosh: 'COSH',
  tanh: 'TANH',
  asinh: 'ASINH',
  acosh: 'ACOSH',
  atanh: 'ATANH',
  exp: 'EXP',
  log: 'LN',
  log10: 'LOG10',
  log2: u => called('LOG', u, atom('2')),
  sqrt: 'SQRT',
  cbrt: 'CBRT', // defined below
  abs: 'ABS',
  sign: 'SIGN',
  floor: 'INT', // downwards, also below 0
  ceil: u => signed(ATOM)(called('INT', signed(ATOM)(u))),
  gaussian: 'GAUSSIAN', // defined below, as the next two
  sigmoid: 'SIGMOID',
  silu: 'SILU',
  relu: u => called('MAX', u, atom('0')),
  erf: 'ERF',
  besselj0: u => called('BESSELJ', u, atom('0')),
  besselj1: u => called('BESSELJ', u, atom('1')),
  min: 'MIN',
  max: 'MAX',
  atan2: (y, x) => called('ATAN2', x, y), // Excel has x first
}

/** A cell, perhaps on a sheet, or a defined name: nothing that computes. */
const REFERENCE = /^(?:(?:'(?:[^']|'')+'|[\p{L}_][\p{L}\d_.]*)!)?[$\p{L}_\\][\p{L}\d_.$]*$/u

/** A column of a table in the row of the formula: [@mass], [@[speed in m]], Planets[@mass]. */
const TABLE_COLUMN = /^(?:[\p{L}_][\p{L}\d_.]*)?\[@(?:[\p{L}\d_.]+|\[[^[\]'#@]+\])\]$/u

/** What Excel lacks. EXP(710) is an error there, so its argument is kept below. */
const prepare = /* @__PURE__ */ rewriter({
  cbrt: 'sign(u)*abs(u)^(1/3)',
  gaussian: 'exp(-u^2)',
  sigmoid: '1/(1 + exp(min(-u, 709)))',
  silu: 'u/(1 + exp(min(-u, 709)))',
})

/**
 * The formula for a cell of Excel, or LibreOffice, in English notation (commas between arguments, a decimal
 * point). Excel's sign binds tighter than its power, -x^2 is (-x)^2, and its powers group to the left. It reads 15 digits of a
 * number; BESSELJ is accurate to about 1e-8 there.
 *
 * Throws ConfigError for a variable without a cell, a cell that is none, and what exceeds Excel's limits.
 */
export function toExcel(expression: Expression, options: ExcelOptions = {}): string {
  const tree = prepare(expression)
  refuseHuge(tree)
  const { text } = printTree(tree, excelNotation(cellsOf(expression, options)))
  const formula = options.form === 'expression' ? text : `=${text}`
  if (formula.length > LONGEST)
    throw new ConfigError(
      `The formula has ${formula.length} characters in Excel, which takes ${LONGEST}. Simplify it, or print it in parts.`,
    )
  const depth = nesting(formula)
  if (depth > DEEPEST)
    throw new ConfigError(
      `The formula is nested ${depth} deep in Excel, which takes ${DEEPEST}. Simplify it, or print it in parts.`,
    )
  return formula
}

/** The cell of each variable. */
export function cellsOf(expression: Expression, options: ExcelOptions = {}): ReadonlyMap<string, string> {
  const { cells } = options
  return new Map(
    parameterNames(expression, options).map((name, i) => {
      const cell = cells === undefined ? `${columnName(i)}2` : Object.hasOwn(cells, name) ? cells[name]! : ''
      if (!REFERENCE.test(cell) && !TABLE_COLUMN.test(cell))
        throw new ConfigError(
          cell === ''
            ? `The variable '${name}' has no cell. Give one for each variable: { ${JSON.stringify(name)}: 'A2' }.`
            : `The cell of '${name}' is '${cell}'; give a reference like A2, $B$1 or Sheet1!C3, [@mass], or a defined name.`,
        )
      return [name, cell]
    }),
  )
}

function excelNotation(cells: ReadonlyMap<string, string>): Notation {
  return {
    number: value => {
      const size = Math.abs(value)
      if (size > LARGEST || (size < SMALLEST && size > 0))
        throw new ConfigError(
          `The formula's constant ${value} is outside what Excel holds, ${SMALLEST} to ${LARGEST}. Give the columns other units.`,
        )
      return numeral(shortest(value === 0 ? 0 : value))
    },
    constant: name => atom(name === 'pi' ? 'PI()' : 'EXP(1)'),
    variable: ({ name }) => atom(cells.get(name)!),
    negate: signed(ATOM),
    binary: { ...arithmetic, power: infix('^', FACTOR, ATOM, ATOM) },
    call: calls(excelCalls),
  }
}

/** A, B, .., Z, AA, .. */
function columnName(index: number): string {
  const letter = String.fromCodePoint(65 + (index % 26))
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter
}

/** How many parentheses are open at most. */
function nesting(formula: string): number {
  let [depth, most] = [0, 0]
  for (const character of formula.replaceAll(/'(?:[^']|'')+'!/g, '')) {
    if (character === '(') most = Math.max(most, ++depth)
    if (character === ')') depth--
  }
  return most
}
