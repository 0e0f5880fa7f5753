import { ConfigError } from '../../errors.ts'
import { listed, suggestion } from '../names.ts'
import { add, variables } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { Identifiers, identify, quoted } from './identifiers.ts'
import { printTree } from './piece.ts'
import type { Notation } from './piece.ts'
import { printStatements, refuseHuge } from './statements.ts'
import type { Statements } from './statements.ts'
import type { Support } from './support.ts'

/** Options of the formats that are programs. */
export interface CodeOptions {
  /**
   * `program`, a complete piece that can be pasted and run, with its imports, the functions it needs and a comment for
   * every variable that had to be renamed; or `expression`, the formula alone. Default `program`.
   */
  readonly form?: 'program' | 'expression'
  /** The name of the function that is printed. Default f. Throws ConfigError when the language does not take it. */
  readonly functionName?: string
  /** The parameters, in this order; some may not occur. Default: the formula's variables (see `variables`). */
  readonly variables?: readonly string[]
}

/** One function of a program. */
export interface FunctionText extends Statements {
  /** Its identifier. */
  readonly name: string
  /** A comment where that is not the name of the formula. */
  readonly comments: readonly string[]
}

/** A program as it is to be framed by a language. */
export interface ProgramText {
  readonly functions: readonly FunctionText[]
  /** The identifiers of the variables, which all the functions take. */
  readonly parameters: readonly string[]
  /** The names of the variables, as the table has them. */
  readonly variables: readonly string[]
  /** A comment for each variable whose identifier is not its name. */
  readonly comments: readonly string[]
  /** The source of the support functions; empty where none is called. */
  readonly support: string
}

/** A formula and what it computes, by the name of the output. */
export interface NamedFormula {
  readonly name: string
  readonly expression: Expression
}

/** A programming language. */
export interface Language {
  /** What begins a comment to the end of the line. */
  readonly comment: string
  /** Words that cannot name a variable, several a line: keywords, and what the printed text calls. */
  readonly reserved: () => readonly string[]
  readonly support: Support
  /** How it writes an expression, given the identifiers of the variables. */
  readonly notation: (nameOf: (variable: string) => string) => Notation
  /** What is done to the tree before. */
  readonly prepare?: (expression: Expression) => Expression
  /** The whole piece. */
  readonly frame: (program: ProgramText) => string
}

/** The names that the printed text uses for the variables, in the order of the parameters. */
export function legendOf(
  expression: Expression,
  language: Language,
  options: CodeOptions = {},
): ReadonlyMap<string, string> {
  const taken = freeNames(language)
  taken.take(functionName(language, options))
  return identify(parameterNames(expression, options), taken)
}

/** The expression, or the program of one function, in this language. */
export function printCode(expression: Expression, language: Language, options: CodeOptions = {}): string {
  const name = functionName(language, options)
  if (options.form !== 'expression') return printProgram([{ name, expression }], language, options)
  const legend = legendOf(expression, language, options)
  const tree = language.prepare?.(expression) ?? expression
  refuseHuge(tree)
  return printTree(tree, notationOf(language, legend)).text
}

/** The program of a function for each formula; all take the same parameters. */
export function printProgram(
  formulas: readonly NamedFormula[],
  language: Language,
  options: CodeOptions = {},
): string {
  const taken = freeNames(language)
  const names = formulas.map(({ name }) => taken.take(name))
  const parameters = parameterNames(formulas.map(({ expression }) => expression).reduce(add), options)
  const legend = identify(parameters, taken)
  const notation = notationOf(language, legend)
  let count = 0
  const functions = formulas.map(({ name, expression }, i) => ({
    name: names[i]!,
    comments: renaming(name, names[i]!, language),
    ...printStatements(language.prepare?.(expression) ?? expression, notation, () =>
      taken.take(`t${++count}`),
    ),
  }))
  const text = functions.flatMap(({ named, result }) => [...named.map(each => each.text), result]).join('\n')
  return language.frame({
    functions,
    parameters: [...legend.values()],
    variables: parameters,
    comments: [...legend].flatMap(([name, identifier]) => renaming(name, identifier, language)),
    support: language.support.source(language.support.used(text)),
  })
}

/** A comment that says what an identifier stands for, where it is another name. */
function renaming(name: string, identifier: string, { comment }: Language): string[] {
  return name === identifier ? [] : [`${comment} ${identifier}: ${quoted(name)}`]
}

function notationOf(language: Language, legend: ReadonlyMap<string, string>): Notation {
  return language.notation(name => legend.get(name)!)
}

/** The lines of each function after its comments; the first has those on the variables. */
export function functionLines(
  { functions, comments }: ProgramText,
  write: (text: FunctionText) => readonly string[],
): string[][] {
  return functions.map((each, i) => [...(i === 0 ? comments : []), ...each.comments, ...write(each)])
}

/** A text of parts, with an empty line between them and an end of line behind; empty parts are left out. */
export function paragraphs(...parts: readonly (string | readonly string[])[]): string {
  const texts = parts.map(part => (typeof part === 'string' ? part : part.join('\n')).trimEnd())
  return `${texts.filter(text => text !== '').join('\n\n')}\n`
}

/** The variables of the formula in the order that the options ask for. Throws ConfigError when one is missing there. */
export function parameterNames(
  expression: Expression,
  { variables: names }: Pick<CodeOptions, 'variables'>,
): readonly string[] {
  const used = variables(expression)
  if (names === undefined) return used
  const missing = used.find(name => !names.includes(name))
  if (missing === undefined) return [...new Set(names)]
  throw new ConfigError(
    `The formula uses the variable '${missing}', which is not among those given: ${listed(names)}.` +
      suggestion(missing, names),
  )
}

function functionName(language: Language, { functionName: name = 'f' }: CodeOptions): string {
  if (freeNames(language).take(name) === name) return name
  throw new ConfigError(
    `functionName is '${name}', which is a word of the language or no name there. Use letters, digits and single underscores, ` +
      'a letter first.',
  )
}

/** The names that the language and the support leave. */
function freeNames({ reserved, support }: Language): Identifiers {
  return new Identifiers([...reserved().flatMap(line => line.split(' ')), ...support.names()])
}
