import { ConfigError } from '../../errors.ts'
import { suggestion } from '../names.ts'
import type { Expression } from '../tree.ts'
import { c } from './c.ts'
import { legendOf, parameterNames, printCode } from './code.ts'
import type { CodeOptions, Language } from './code.ts'
import { cellsOf, toExcel } from './excel.ts'
import type { ExcelOptions } from './excel.ts'
import { glsl } from './glsl.ts'
import { javascript } from './javascript.ts'
import { toJson } from './json.ts'
import { toLatex } from './latex.ts'
import { toMathml } from './mathml.ts'
import { python } from './python.ts'
import { sympy } from './sympy.ts'
import { toText } from './text.ts'
import type { TextOptions } from './text.ts'
import { wgsl } from './wgsl.ts'

/** Options of `format`; each format has some of them, and `format` refuses the others. */
export interface FormatOptions extends TextOptions, CodeOptions, ExcelOptions {}

const languages = { javascript, python, sympy, c, wgsl, glsl } as const satisfies Record<string, Language>

const papers = { text: toText, latex: toLatex, mathml: toMathml } as const

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
 * `form: 'expression'` the formula alone; all of them compute the same values up to rounding (WGSL and GLSL in float32).
 *
 * Throws ConfigError for an unknown format, an option that the format does not have, a variable that `variables` or `cells`
 * lack, and constants beyond the format's range.
 */
export function format(expression: Expression, name: FormatName, options: FormatOptions = {}): string {
  checkOptions(name, options)
  if (name === 'json') return toJson(expression)
  if (name === 'excel') return toExcel(expression, options)
  return isPaper(name) ? papers[name](expression, options) : printCode(expression, languages[name], options)
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

function isPaper(name: FormatName): name is keyof typeof papers {
  return Object.hasOwn(papers, name)
}

/** The options of each kind of format. */
function optionsOf(name: FormatName): readonly (keyof FormatOptions)[] {
  if (name === 'json') return []
  if (isPaper(name)) return ['digits']
  return name === 'excel' ? ['form', 'variables', 'cells'] : ['form', 'variables', 'functionName']
}

function checkOptions(name: FormatName, options: FormatOptions): void {
  if (!isFormatName(name))
    throw new ConfigError(
      `There is no format '${String(name)}'.${suggestion(String(name), formatNames)} The formats are ${formatNames.join(', ')}.`,
    )
  const known = optionsOf(name)
  for (const [option, value] of Object.entries(options))
    if (value !== undefined && !known.some(each => each === option))
      throw new ConfigError(
        `The format ${name} has no option '${option}'. ` +
          (option === 'digits'
            ? 'Rounded numbers would change its values; text, latex and mathml can be rounded.'
            : `Its options are ${known.length === 0 ? 'none' : known.join(', ')}.`),
      )
}
