import type { Expression } from '../tree.ts'
import type { NamedFormula } from './code.ts'
import type { DigitsOptions } from './digits.ts'
import { displayed, displayNotation } from './display.ts'
import type { Fence, Markup } from './display.ts'
import { greekLetters } from './greek.ts'
import { nameParts } from './names.ts'
import { printTree, separated } from './piece.ts'
import { refuseHuge } from './statements.ts'

/**
 * The formula in LaTeX's mathematics mode: \mathrm{e}^{\sin\left(\pi \, x_{1}\right) + x_{2}^{2}}. Needs amsmath
 * (\operatorname, \text); KaTeX and MathJax have it. Throws ConfigError for `digits` outside 1 to 17, and for more than a
 * million terms.
 */
export function toLatex(expression: Expression, options: DigitsOptions = {}): string {
  const tree = displayed(expression)
  refuseHuge(tree)
  return printTree(tree, displayNotation(latex, options)).text
}

/** The formulas below each other, with their equals signs aligned. */
export function latexEquations(formulas: readonly NamedFormula[], options: DigitsOptions = {}): string {
  const lines = formulas.map(
    ({ name, expression }) => `${latex.variable(name)} &= ${toLatex(expression, options)}`,
  )
  return `\\begin{aligned}\n${lines.join(' \\\\\n')}\n\\end{aligned}\n`
}

const fences: Readonly<Record<Fence, readonly [string, string]>> = {
  parentheses: ['(', ')'],
  bars: ['|', '|'],
  floor: ['\\lfloor ', '\\rfloor '],
  ceiling: ['\\lceil ', '\\rceil '],
}

/** Functions that LaTeX has a command for. */
const commands = new Set('sin cos tan arcsin arccos arctan sinh cosh tanh ln log min max'.split(' '))

const latex: Markup = {
  digits: text => text,
  constant: name => (name === 'pi' ? '\\pi' : '\\mathrm{e}'),
  variable: name => {
    const { base, kind, index } = nameParts(name)
    const text = kind === 'word' ? word(base) : kind === 'greek' ? greek(base) : base
    if (index === '') return text
    return `${text}_{${/^\d+$/.test(index) ? index : word(index)}}`
  },
  row: (...parts) => separated(parts, ''),
  operator: name => ({ plus: ' + ', minus: ' - ', sign: '-', times: ' \\cdot ', invisible: ' \\, ' })[name],
  fraction: (above, below) => `\\frac{${above}}{${below}}`,
  raised: (base, exponent) => `${base}^{${exponent}}`,
  lowered: (base, index) => `${base}_{${index}}`,
  root: (radicand, degree) =>
    degree === undefined ? `\\sqrt{${radicand}}` : `\\sqrt[${degree}]{${radicand}}`,
  fenced: (kind, content) => `\\left${fences[kind][0]}${content}\\right${fences[kind][1].trimEnd()}`,
  functionName: name => (name === 'J' ? name : commands.has(name) ? `\\${name}` : `\\operatorname{${name}}`),
  applied: (name, argument) => `${name}${argument}`,
  separated: parts => separated(parts, ', '),
}

/** Capitals that look like Latin ones have no command. */
const LATIN_CAPITALS: ReadonlyMap<string, string> = new Map(
  'Alpha:A Beta:B Epsilon:E Zeta:Z Eta:H Iota:I Kappa:K Mu:M Nu:N Omicron:O Rho:P Tau:T Chi:X omicron:o'
    .split(' ')
    .map(pair => {
      const [name = '', letter = ''] = pair.split(':')
      return [name, letter] as const
    }),
)

function greek(name: string): string {
  const latin = LATIN_CAPITALS.get(name)
  return latin === undefined ? `\\${name}` : name === 'omicron' ? latin : `\\mathrm{${latin}}`
}

/** A column's name as upright text. What LaTeX would act on is escaped; \mathrm has letters and digits only. */
function word(name: string): string {
  if (/^[A-Za-z0-9]+$/.test(name)) return `\\mathrm{${name}}`
  return `\\text{${[...name].map(escaped).join('')}}`
}

const ESCAPES: ReadonlyMap<string, string> = new Map<string, string>([
  ['\\', '\\textbackslash{}'],
  ['{', '\\{'],
  ['}', '\\}'],
  ['$', '\\$'],
  ['&', '\\&'],
  ['#', '\\#'],
  ['%', '\\%'],
  ['_', '\\_'],
  ['^', '\\textasciicircum{}'],
  ['~', '\\textasciitilde{}'],
  ['<', '\\textless{}'],
  ['>', '\\textgreater{}'],
  ['|', '\\textbar{}'],
  ['"', "''"],
  ['°', '$^{\\circ}$'],
  ...'⁰¹²³⁴⁵⁶⁷⁸⁹'.split('').map((digit, i) => [digit, `$^{${i}}$`] as const),
  ...[...greekLetters].map(([name, letter]) => [letter, `$${greek(name)}$`] as const),
])

function escaped(character: string): string {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(character)) return ' '
  return ESCAPES.get(character) ?? character
}
