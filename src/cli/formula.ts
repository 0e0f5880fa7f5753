import { ConfigError } from '../errors.ts'
import { format, parse } from '../formula/index.ts'
import type { FormatName } from '../formula/index.ts'
import { inputNames } from '../interpret/formula.ts'
import { exitCode } from './exit.ts'
import { readModel } from './files.ts'
import { checkOut, writeWhole } from './out.ts'
import type { Shell } from './shell.ts'

/** The options of `webkan formula`, as typed. */
export interface FormulaCommandOptions {
  readonly format: FormatName
  readonly name?: string
  readonly bare?: true
  readonly out?: string
}

/** Formats that are programs, with a function's name and a form. */
const programs: ReadonlySet<FormatName> = new Set(['javascript', 'python', 'sympy', 'c', 'wgsl', 'glsl'])

/**
 * `webkan formula`: what a model with known functions on all edges computes, or a formula that was typed, in one of the formats.
 */
export async function formulaCommand(
  given: string,
  { format: name, name: functionName, bare, out }: FormulaCommandOptions,
  shell: Shell,
): Promise<number> {
  const isProgram = programs.has(name)
  if (!isProgram && functionName !== undefined)
    throw new ConfigError(`--name is for a program's function, and ${name} is none: leave it out.`)
  if (!isProgram && bare)
    throw new ConfigError(`--bare leaves a program's formula, and ${name} is none: leave it out.`)
  const typed = given.startsWith('=')
  const inputs = typed ? [] : [{ role: 'model' as const, path: given }]
  if (out !== undefined) await checkOut(out, { inputs, replaces: 'any' })
  const options = {
    ...(functionName === undefined ? {} : { functionName }),
    ...(bare ? ({ form: 'expression' } as const) : {}),
  }
  const texts: string[] = []
  if (typed) texts.push(format(parse(given.slice(1)), name, options))
  else {
    const kan = await readModel(given, 'webkan formula MODEL')
    const code = isProgram || name === 'excel' ? { variables: inputNames(kan) } : {}
    for (const expression of kan.formula({ plain: true }))
      texts.push(format(expression, name, { ...options, ...code }))
  }
  const text = `${texts.join('\n').trimEnd()}\n`
  if (out === undefined) shell.stdout.write(text)
  else await writeWhole(out, text)
  return exitCode.done
}
