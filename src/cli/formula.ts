import { ConfigError } from '../errors.ts'
import { format, formatAll, formatLegend, parse } from '../formula/index.ts'
import type { Expression, FormatName, NamedFormula } from '../formula/index.ts'
import { inputNames } from '../interpret/formula.ts'
import type { KAN } from '../kan.ts'
import { exitCode } from './exit.ts'
import { readModel } from './files.ts'
import { indicatorLines, indicatorsIn, indicatorsOf } from './indicators.ts'
import { checkOut, writeWhole } from './out.ts'
import { note } from './shell.ts'
import type { Shell } from './shell.ts'
import { worded } from './wording.ts'
import type { Wording } from './wording.ts'

/** The options of `webkan formula`, as typed. */
export interface FormulaCommandOptions {
  readonly format: FormatName
  readonly digits?: number
  readonly name?: string
  readonly bare?: true
  readonly out?: string
}

/** Formats that are programs, with a function's name and a form. */
const programs: ReadonlySet<FormatName> = new Set(['javascript', 'python', 'sympy', 'c', 'wgsl', 'glsl'])

/**
 * `webkan formula`: the formula that a model keeps, or what a model with known functions on all edges computes, or a formula that was
 * typed, in one of the formats. Several outputs are one program, or a line each. What the text cannot say is noted on stderr.
 */
export async function formulaCommand(
  given: string,
  options: FormulaCommandOptions,
  shell: Shell,
): Promise<number> {
  const { format: name, out } = options
  checkOptions(options)
  const typed = given.startsWith('=')
  const inputs = typed ? [] : [{ role: 'model' as const, path: given }]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'any' })
  const kan = typed ? undefined : await readModel(given, 'webkan formula MODEL')
  const text = await worded(formulaWords(given), () =>
    kan ? modelText(kan, options) : format(parse(given.slice(1)), name, optionsFor(options)),
  )
  if (out === undefined) shell.stdout.write(`${text.trimEnd()}\n`)
  else await writeWhole(out, `${text.trimEnd()}\n`)
  for (const line of kan ? [...legend(kan, options), NOT_MEASURED] : []) note(shell, line)
  return exitCode.done
}

/** A formula's error stands beside its network's, or it is said that it does not. */
const NOT_MEASURED =
  "the formula's errors are not measured here: webkan discover, and webkan symbolify MODEL --data TABLE, print them beside the network's"

function formulaWords(path: string): Wording {
  return [
    [/\bfunctionName is/g, '--name is'],
    [/layer (\d+) from input (\d+) to output (\d+)/g, '$1:$2:$3'],
    [
      'Fix them by name, or all with symbolify.',
      `Give them known functions: webkan symbolify ${path} --data TABLE.`,
    ],
  ]
}

/** Throws ConfigError for options that the format does not have. */
function checkOptions({ format: name, name: functionName, bare, digits }: FormulaCommandOptions): void {
  const isProgram = programs.has(name)
  if (!isProgram && functionName !== undefined)
    throw new ConfigError(`--name is for a program's function, and ${name} is none: leave it out.`)
  if (!isProgram && bare)
    throw new ConfigError(`--bare leaves a program's formula, and ${name} is none: leave it out.`)
  if (digits !== undefined && (isProgram || name === 'excel' || name === 'json'))
    throw new ConfigError(
      `--digits is for what people read, text, latex and mathml: rounded numbers would change what ${name} computes. Leave it out.`,
    )
}

function optionsFor({ digits, name, bare }: FormulaCommandOptions): Parameters<typeof format>[2] {
  return {
    ...(digits === undefined ? {} : { digits }),
    ...(name === undefined ? {} : { functionName: name }),
    ...(bare ? { form: 'expression' } : {}),
  }
}

function modelText(kan: KAN, options: FormulaCommandOptions): string {
  const { format: name, name: functionName, bare } = options
  const isCode = programs.has(name) || name === 'excel'
  const all = { ...optionsFor(options), ...(isCode ? { variables: inputNames(kan) } : {}) }
  const formulas = namedFormulas(kan)
  const [first, ...others] = formulas
  if (first === undefined) return ''
  if (others.length === 0) return format(first.expression, name, all)
  if (functionName !== undefined)
    throw new ConfigError(
      `--name is for the function of one output, and the model has ${formulas.length}, whose functions are called after them: leave it out.`,
    )
  return bare
    ? formulas.map(({ expression }) => format(expression, name, all)).join('\n')
    : formatAll(formulas, name, all)
}

/** The formulas of all outputs, each by what it computes: the target, a class's logit, or y1, y2, .. */
function namedFormulas(kan: KAN): NamedFormula[] {
  const expressions = kan.formula({ plain: true })
  const { task, target } = kan.encoder ?? {}
  return expressions.map((expression, j) => {
    const name = task === 'classification' ? target?.labels?.[j] : target?.column
    return { name: name ?? (expressions.length > 1 ? `y${j + 1}` : 'y'), expression }
  })
}

/** What the printed text takes for granted: cells, columns of text, and logits. */
function legend(kan: KAN, { format: name }: FormulaCommandOptions): string[] {
  const expressions: Expression[] = kan.formula({ plain: true })
  const cells =
    name === 'excel'
      ? [...formatLegend(expressions[0]!, name, { variables: inputNames(kan) })].map(
          ([column, cell]) => `${cell} is ${column}`,
        )
      : []
  return [
    ...(cells.length > 0 ? [`${cells.join(', ')}.`] : []),
    ...indicatorLines(indicatorsIn(expressions, indicatorsOf(kan))).map(line => `${line}.`),
    ...(kan.encoder?.task === 'classification'
      ? ['these are the logits of the classes: the largest one says the class.']
      : []),
  ]
}
