import { CommanderError } from 'commander'
import { DeviceLostError, StoppedError, UnsupportedError, WebkanError } from '../errors.ts'
import { complain } from './shell.ts'
import type { Shell } from './shell.ts'

/** What the command's exit code says. */
export const exitCode = {
  done: 0,
  /** A bug, a lost GPU, a failed self-test. */
  unexpected: 1,
  /** Bad usage or bad input. */
  badInput: 2,
  /** The device that was asked for is not there. */
  noDevice: 3,
  /** Ctrl-C: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const

/** Says on stderr what went wrong, in one line unless it is a bug or the place in a formula, and gives the exit code. */
export function reportError(error: unknown, shell: Shell): number {
  if (error instanceof CommanderError) {
    // Commander has said it already. --help and --version arrive here too, with exit code 0.
    return error.exitCode === 0 ? exitCode.done : exitCode.badInput
  }
  const say = (message: string): void => complain(shell, message)
  if (error instanceof UnsupportedError) {
    say(error.message)
    return exitCode.noDevice
  }
  if (error instanceof DeviceLostError) {
    say(error.message)
    return exitCode.unexpected
  }
  if (error instanceof StoppedError) {
    say(error.message)
    return exitCode.interrupted
  }
  if (error instanceof WebkanError) {
    say(error.message)
    return exitCode.badInput
  }
  say(`unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return exitCode.unexpected
}
