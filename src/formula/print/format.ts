import { ConfigError } from '../../errors.ts'
import { suggestion } from '../names.ts'
import { add } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { c } from './c.ts'
import { legendOf, parameterNames, printCode, printProgram } from './code.ts'
import type { CodeOptions, Language, NamedFormula } from './code.ts'
import { cellsOf, toExcel } from './excel.ts'
import type { ExcelOptions } from './excel.ts'
import { glsl } from './glsl.ts'
import { javascript } from './javascript.ts'
import { toJson } from './json.ts'
import { latexEquations, toLatex } from './latex.ts'
import { mathmlEquations, toMathml } from './mathml.ts'
import { python } from './python.ts'
import { sympy } from './sympy.ts'
import { textEquations, toText } from './text.ts'
import type { TextOptions } from './text.ts'
import { wgsl } from './wgsl.ts'

/** Options of `format`; each format has some of them, and `format` refuses the others. */
export interface FormatOptions extends TextOptions, CodeOptions, ExcelOptions {}

const languages = { javascript, python, sympy, c, wgsl, glsl } as const satisfies Record<string, Language>

const papers = { text: toText, latex: toLatex, mathml: toMathml } as const

const equations = { text: textEquations, latex: latexEquations, mathml: mathmlEquations } as const

/** The formats: for reading (text, latex, mathml), for computing, for a spreadsheet, and for webkan itself (json). */
export const formatNames = [
  'text',
  'latex',
  'mathml',
  'javascript',
  'python',
  'sympy',
  'wgsl',
  'glsl',
  'excel',
  'c',
  'json',
] as const

/** The name of a format. */
export type FormatName = (typeof formatNames)[number]

/** Is this the name of a format? */
export function isFormatName(name: string): name is FormatName {
  return formatNames.some(each => each === name)
}

/**
 * The formula in one of the formats. Programming languages give a complete function with all that it needs, or with
 * `form: 'expression'` the formula alone, which may call functions that only the program brings; all of them compute the
 * same values up to rounding (WGSL and GLSL in float32).
 *
 * Throws ConfigError for an unknown format, an option that the format does not have, a variable that `variables` or `cells`
 * lack, and constants beyond the format's range.
 */
export function format(expression: Expression, name: FormatName, options: FormatOptions = {}): string {
  checkOptions(name, options)
  checkExpression(expression)
  if (name === 'json') return toJson(expression)
  if (name === 'excel') return toExcel(expression, options)
  return isPaper(name) ? papers[name](expression, options) : printCode(expression, languages[name], options)
}

/**
 * Several formulas in one text, each under the name of what it computes, such as the outputs of a network: one program with a
 * function for each, which all take the same parameters; equations in text, LaTeX and MathML; a line for each in Excel
 * and JSON. Throws ConfigError as `format` does, and for no formula, or two of one name.
 */
export function formatAll(
  formulas: readonly NamedFormula[],
  name: FormatName,
  options: Omit<FormatOptions, 'form' | 'functionName'> = {},
): string {
  checkOptions(name, options, ['form', 'functionName'])
  checkFormulas(formulas)
  const twice = formulas.find((formula, i) => formulas.findIndex(other => other.name === formula.name) < i)
  if (formulas.length === 0 || twice !== undefined)
    throw new ConfigError(
      twice === undefined
        ? 'There is no formula to print.'
        : `Two formulas are called '${twice.name}'; each needs a name.`,
    )
  if (name === 'json' || name === 'excel') {
    const variables = parameterNames(formulas.map(({ expression }) => expression).reduce(add), options)
    const lines = formulas.map(({ expression }) =>
      name === 'json'
        ? toJson(expression).replaceAll('\n', '')
        : toExcel(expression, { ...options, variables }),
    )
    return `${lines.join('\n')}\n`
  }
  return isPaper(name) ? equations[name](formulas, options) : printProgram(formulas, languages[name], options)
}

/**
 * How the format writes each variable: its identifier in a programming language, its cell in Excel; the name itself
 * elsewhere. In the order of the parameters. Throws ConfigError as `format` does.
 */
export function formatLegend(
  expression: Expression,
  name: FormatName,
  options: FormatOptions = {},
): ReadonlyMap<string, string> {
  checkOptions(name, options)
  if (name === 'excel') return cellsOf(expression, options)
  if (name === 'json' || isPaper(name))
    return new Map(parameterNames(expression, options).map(each => [each, each]))
  return legendOf(expression, languages[name], options)
}

function checkFormulas(formulas: unknown): void {
  const list: unknown[] = Array.isArray(formulas) ? formulas : [undefined]
  for (const own of list) {
    if (typeof own !== 'object' || own === null || !('name' in own && 'expression' in own))
      throw new ConfigError(
        "formatAll takes a list of named formulas: formatAll([{ name: 'y', expression: parse('x + 1') }], 'python').",
      )
    checkExpression(own.expression)
  }
}

/** A text is the usual mistake. */
function checkExpression(expression: unknown): void {
  if (typeof expression !== 'object' || expression === null || !('kind' in expression))
    throw new ConfigError(
      `${typeof expression === 'string' ? `'${expression}' is a text` : String(expression)}, no expression; make one of a text with parse: format(parse('x + 1'), 'python').`,
    )
}

function isPaper(name: FormatName): name is keyof typeof papers {
  return Object.hasOwn(papers, name)
}

/** The options of each kind of format. */
function optionsOf(name: FormatName): readonly (keyof FormatOptions)[] {
  if (name === 'json') return []
  if (isPaper(name)) return ['digits']
  return name === 'excel' ? ['form', 'variables', 'cells'] : ['form', 'variables', 'functionName']
}

function checkOptions(
  name: FormatName,
  options: FormatOptions,
  without: readonly (keyof FormatOptions)[] = [],
): void {
  if (!isFormatName(name))
    throw new ConfigError(
      `There is no format '${String(name)}'.${suggestion(String(name), formatNames)} The formats are ${formatNames.join(', ')}.`,
    )
  const known = optionsOf(name).filter(option => !without.includes(option))
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !known.some(each => each === option))
      throw new ConfigError(
        `The format ${name} has no option '${option}'. ` +
          (option === 'digits'
            ? 'Rounded numbers would change its values; text, latex and mathml can be rounded.'
            : `Its options are ${known.length === 0 ? 'none' : known.join(', ')}.`),
      )
  const { form = 'program' } = options
  if (form !== 'program' && form !== 'expression')
    throw new ConfigError(`form is '${String(form)}'; give program or expression.`)
}
