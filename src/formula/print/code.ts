import { ConfigError } from '../../errors.ts'
import { listed, suggestion } from '../names.ts'
import { variables } from '../tree.ts'
import type { Expression } from '../tree.ts'
import { asciiName, Identifiers, identify, quoted } from './identifiers.ts'
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

/** A function as it is to be framed by a language. */
export interface FunctionText extends Statements {
  readonly name: string
  /** The identifiers of the variables. */
  readonly parameters: readonly string[]
  /** The names of the variables, as the table has them. */
  readonly variables: readonly string[]
  /** A comment for each variable whose identifier is not its name. */
  readonly comments: readonly string[]
  /** The source of the support functions; empty where none is called. */
  readonly support: string
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
  readonly frame: (text: FunctionText) => string
}

/** The names that the printed text uses for the variables, in the order of the parameters. */
export function legendOf(
  expression: Expression,
  language: Pick<Language, 'reserved' | 'support'>,
  options: CodeOptions = {},
): ReadonlyMap<string, string> {
  return identify(parameterNames(expression, options), takenNames(language, options))
}

/** The expression or the program in this language. */
export function printCode(expression: Expression, language: Language, options: CodeOptions = {}): string {
  const names = parameterNames(expression, options)
  const taken = takenNames(language, options)
  const legend = identify(names, taken)
  const notation = language.notation(name => legend.get(name)!)
  const tree = language.prepare?.(expression) ?? expression
  if (options.form === 'expression') {
    refuseHuge(tree)
    return printTree(tree, notation).text
  }
  let count = 0
  const statements = printStatements(tree, notation, () => taken.take(`t${++count}`))
  const text = [...statements.named.map(({ text }) => text), statements.result].join('\n')
  return language.frame({
    ...statements,
    name: functionName(options),
    parameters: [...legend.values()],
    variables: names,
    comments: [...legend]
      .filter(([name, identifier]) => name !== identifier)
      .map(([name, identifier]) => `${language.comment} ${identifier}: ${quoted(name)}`),
    support: language.support.source(language.support.used(text)),
  })
}

/** Lines of a piece of text, in parts with an empty line between them; empty parts are left out. */
export function paragraphs(...parts: readonly (string | readonly string[])[]): string {
  return parts
    .map(part => (typeof part === 'string' ? part : part.join('\n')))
    .filter(part => part !== '')
    .join('\n\n')
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

function functionName({ functionName: name = 'f' }: CodeOptions): string {
  if (asciiName(name) === name) return name
  throw new ConfigError(
    `functionName is '${name}', which not every language takes. Use letters, digits and single underscores, a letter first.`,
  )
}

function takenNames(language: Pick<Language, 'reserved' | 'support'>, options: CodeOptions): Identifiers {
  const name = functionName(options)
  const reserved = new Set([
    ...language.reserved().flatMap(line => line.split(' ')),
    ...language.support.names(),
  ])
  if (reserved.has(name))
    throw new ConfigError(`functionName is '${name}', a word of the language. Give another name.`)
  return new Identifiers(reserved.add(name))
}
