import { WebkanError } from '../errors.ts'

/** A library's words and what a user of the command would say, in their order. */
export type Wording = readonly (readonly [library: string | RegExp, command: string])[]

/** Runs a call of the library; an error of it speaks of options and commands in the place of arguments and methods. */
export async function worded<T>(wording: Wording, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof WebkanError)
      error.message = wording.reduce(
        (message, [library, command]) => message.replaceAll(library, command),
        error.message,
      )
    throw error
  }
}
