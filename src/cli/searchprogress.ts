import type { Running } from '../train/run.ts'
import { createBar } from './bar.ts'
import { duration } from './numbers.ts'
import { isTerminal, note } from './shell.ts'
import type { Shell } from './shell.ts'

/** The longest silence off a terminal, in seconds. */
const SILENCE = 10

/**
 * Shows a search until it ends: a bar on a terminal that fills with the seconds, the stage beside it; a line every ten seconds
 * elsewhere. Ctrl-C ends it with what it has found.
 *
 * @param budget the seconds that it may take
 * @param text progress as a text for so many columns; undefined before there is some
 */
export async function watchSearch<Report, Progress extends { readonly seconds: number }>(
  run: Running<Report, Progress>,
  budget: number,
  text: (progress: Progress | undefined, room: number) => string,
  shell: Shell,
): Promise<Report> {
  let latest: Progress | undefined
  let said = 0
  const bar = isTerminal(shell.stderr, shell.env)
    ? createBar(shell, budget, room => text(latest, room))
    : undefined
  const forget = shell.onInterrupt(() => {
    bar?.pause()
    note(shell, 'stopping with what there is')
    run.abort()
  })
  try {
    for await (const progress of run) {
      latest = progress
      bar?.update(Math.min(progress.seconds, budget), budget)
      if (bar || progress.seconds - said < SILENCE) continue
      said = progress.seconds
      shell.stderr.write(`${duration(progress.seconds)}  ${text(progress, Infinity)}\n`)
    }
    return await run
  } finally {
    bar?.pause()
    forget()
  }
}
