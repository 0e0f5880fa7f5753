import picocolors from 'picocolors'
import type { requestNodeEngine } from '../node/engine.ts'
import { narrowestPage, pageWidth, widestPage, wrap } from './layout.ts'

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

/** Columns to lay text out for: a terminal's, as far as lines stay readable, and 80 elsewhere. */
export function columnsOf({ isTTY, columns }: Output): number {
  // Terminals that do not know their size say 0: those of a serial line, of some editors and of script(1).
  if (isTTY !== true || !columns) return pageWidth
  return Math.max(narrowestPage, Math.min(widestPage, columns))
}

/** picocolors for one stream: its own detection looks at stdout only. */
export function coloursFor(output: Output, env: Shell['env']): Colours {
  return picocolors.createColors(isColourful(output, env))
}

/** More warnings than this say nothing more: a table of pixels has dozens of constant columns. */
const mostWarnings = 5

/** Warnings on stderr, a line each; on a terminal, lines are broken between words. */
export function warn(shell: Shell, messages: readonly string[]): void {
  const more = messages.length - mostWarnings
  const shown =
    more > 1 ? [...messages.slice(0, mostWarnings), `${more} more warnings like these.`] : messages
  const { yellow } = coloursFor(shell.stderr, shell.env)
  for (const message of shown) writeLabelled(shell, 'warning:', yellow, message)
}

/** A line on stderr that asks for nothing: what was chosen, what goes on. */
export function note(shell: Shell, message: string): void {
  writeLabelled(shell, 'note:', coloursFor(shell.stderr, shell.env).cyan, message)
}

/** What went wrong, on stderr. */
export function complain(shell: Shell, message: string): void {
  writeLabelled(shell, 'webkan:', coloursFor(shell.stderr, shell.env).red, message)
}

function writeLabelled(shell: Shell, label: string, paint: (text: string) => string, message: string): void {
  // Also one that cannot move its cursor, but no pipe: there a message is one line.
  const width = shell.stderr.isTTY === true ? columnsOf(shell.stderr) : Number.POSITIVE_INFINITY
  // Lines of the message's own stand as they are: they show a place in a formula.
  const [text = '', ...own] = message.split('\n')
  const [first = '', ...rest] = wrap(`${label} ${text}`, width - 2)
  const lines = [first.replace(label, paint(label)), ...rest.map(line => `  ${line}`), ...own]
  shell.stderr.write(`${lines.join('\n')}\n`)
}
