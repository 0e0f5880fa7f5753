import { ConfigError } from '../../../errors.ts'

/** More than the cores of any machine; each thread takes some MB. */
export const MOST_THREADS = 1024

/** Refuses a number of threads that is none, by name. Throws ConfigError. */
export function checkThreads(threads: unknown): asserts threads is number {
  if (typeof threads === 'number' && Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)
    return
  throw new ConfigError(
    `threads is ${typeof threads === 'string' ? `'${threads}'` : String(threads)}; it must be a whole number from 1 (no other than ` +
      `the engine's own) to ${MOST_THREADS}. Leave it out for one a core.`,
  )
}
