import { InvalidArgumentError } from 'commander'
import Papa from 'papaparse'
import { ConfigError, WebkanError } from '../errors.ts'
import { libraryNames, OWN_FUNCTION, resolveLibrary } from '../interpret/curves/library.ts'
import type { LibraryChoice, LibraryFunction } from '../interpret/curves/library.ts'
import { wrap } from './layout.ts'

/** Empty, or nothing between commas. */
const NO_NAME =
  'Give the names of functions with commas between, and formulas for those of your own, such as x,exp,lorentz=1/(1+u^2).'

/**
 * Reads `x,exp,lorentz=1/(1+u^2)`, names of the library and functions of u of one's own, and adds them to those given before; in quotes
 * where a formula has a comma. Throws InvalidArgumentError for a function that cannot be used.
 */
export function libraryChoice(text: string, before: LibraryChoice = []): LibraryChoice {
  const parts = Papa.parse<string[]>(text, { delimiter: ',' }).data.flat()
  const functions = parts.map(part => {
    const [name = '', ...formula] = part.split('=').map(piece => piece.trim())
    return formula.length === 0 ? name : { name, formula: formula.join('=') }
  })
  if (functions.length === 0 || functions.includes('')) throw new InvalidArgumentError(NO_NAME)
  const all = [...before, ...functions]
  try {
    resolveLibrary(all)
  } catch (error) {
    throw error instanceof WebkanError ? new InvalidArgumentError(typedAdvice(error)) : error
  }
  return all
}

/** Throws ConfigError for a name that the library does not have, and for a function of one's own that cannot be used. */
export function checkFunction(chosen: string | LibraryFunction): void {
  try {
    resolveLibrary([chosen])
  } catch (error) {
    throw error instanceof WebkanError
      ? new ConfigError(
          typedAdvice(error).replace('as lorentz', "as --functions 'lorentz").replace('u^2).', "u^2)'."),
        )
      : error
  }
}

/** A message of the library, with all of its names and a function of one's own as it is typed. */
function typedAdvice({ message }: WebkanError): string {
  return message
    .replace(/It has [^;]*;/, `It has ${libraryNames.join(', ')};`)
    .replace(OWN_FUNCTION, 'lorentz=1/(1+u^2)')
}

/** For --help: every function there is by its name, in 80 columns. */
export const functionsHelp = `
Functions:
${wrap(libraryNames.join(', '), 76)
  .map(line => `  ${line}`)
  .join('\n')}
  The formula also has sums, products and quotients. The names in formulas
  (sign, asin, besselj0) do as well.
`.trimEnd()
