import type { Running } from '../train/run.ts'
import { createProgressDisplay } from './progress.ts'
import type { ShownProgress } from './progress.ts'
import type { RunLength } from './settings.ts'
import type { Shell } from './shell.ts'

/**
 * Shows a run's progress until it ends. Ctrl-C ends it after the step that is under way, with the best weights so far; before the end
 * of the first step there are none, and it ends at once with undefined: the caller should then destroy the engine.
 */
export async function watchRun<Report extends { readonly steps: number }>(
  run: Running<Report, ShownProgress>,
  { steps, optimizer, validation }: RunLength,
  shell: Shell,
): Promise<Report | undefined> {
  const display = createProgressDisplay(shell, steps, optimizer, validation !== undefined)
  let begun = false
  let giveUp: (nothing: undefined) => void = () => {}
  const givenUp = new Promise<undefined>(resolve => (giveUp = resolve))
  const forget = shell.onInterrupt(() => {
    run.abort()
    if (begun) display.stopping()
    else giveUp(undefined)
  })
  const watched = (async () => {
    for await (const progress of run) {
      begun = true
      display.show(progress)
    }
    return run
  })()
  // Given up, it ends with the engine, and nobody asks how.
  watched.catch(() => undefined)
  try {
    const report = await Promise.race([watched, givenUp])
    return report && report.steps > 0 ? report : undefined
  } finally {
    display.end()
    forget()
  }
}
