import picocolors from 'picocolors'
import type { requestNodeEngine } from '../node/engine.ts'

export type Colours = ReturnType<typeof picocolors.createColors>

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** What the command needs from the process around it; tests bring their own. */
export interface Shell {
  /** Results. */
  readonly stdout: Output
  /** Progress, warnings and errors. */
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  /** Calls `listener` on Ctrl-C, instead of ending the process, until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void
  readonly requestEngine: typeof requestNodeEngine
}

/** Whether colours and a moving bar are welcome there: a terminal, no NO_COLOR (https://no-color.org), not a dumb one. */
export function isColourful(output: Output, env: Shell['env']): boolean {
  return isTerminal(output, env) && !env['NO_COLOR']
}

/** A terminal that can move its cursor. */
export function isTerminal(output: Output, env: Shell['env']): boolean {
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

/** picocolors for one stream: its own detection looks at stdout only. */
export function coloursFor(output: Output, env: Shell['env']): Colours {
  return picocolors.createColors(isColourful(output, env))
}

/** One line of warning on stderr. */
export function warn(shell: Shell, message: string): void {
  const { yellow } = coloursFor(shell.stderr, shell.env)
  shell.stderr.write(`${yellow('warning:')} ${message}\n`)
}
