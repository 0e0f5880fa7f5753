import { WebkanError } from '../errors.ts'

/** A library's words and what a user of the command would say, or makes of them, in their order. */
export type Wording = readonly (readonly [
  library: string | RegExp,
  command: string | ((found: string) => string),
])[]

/** Runs a call of the library; an error of it speaks of options and commands in the place of arguments and methods. */
export async function worded<T>(wording: Wording, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof WebkanError)
      error.message = wording.reduce(
        (message, [library, command]) =>
          typeof command === 'string'
            ? message.replaceAll(library, command)
            : message.replaceAll(library, found => command(found)),
        error.message,
      )
    throw error
  }
}
