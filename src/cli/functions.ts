import { InvalidArgumentError } from 'commander'
import Papa from 'papaparse'
import { WebkanError } from '../errors.ts'
import { OWN_FUNCTION, resolveLibrary } from '../interpret/curves/library.ts'
import type { LibraryChoice } from '../interpret/curves/library.ts'

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
  if (functions.length === 0 || functions.includes(''))
    throw new InvalidArgumentError(
      'Give the names of functions with commas between, and formulas for those of your own, such as x,exp,lorentz=1/(1+u^2).',
    )
  const all = [...before, ...functions]
  try {
    resolveLibrary(all)
  } catch (error) {
    if (!(error instanceof WebkanError)) throw error
    throw new InvalidArgumentError(error.message.replace(OWN_FUNCTION, 'lorentz=1/(1+u^2)'))
  }
  return all
}
