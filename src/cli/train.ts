import type { OptimizerName } from '../engine/engine.ts'
import type { KAN } from '../kan.ts'
import type { FitOptions, FitReport, Samples } from '../train/options.ts'
import { createProgressDisplay } from './progress.ts'
import type { Shell } from './shell.ts'

/**
 * Trains under a progress display. Ctrl-C ends the run after the step that is under way, with the best weights so far; before
 * the end of the first step there are none, and it ends at once with undefined: the caller should then destroy the engine.
 */
export async function trainWatched(
  kan: KAN,
  samples: Samples,
  options: FitOptions & { readonly steps: number; readonly optimizer: OptimizerName },
  shell: Shell,
): Promise<FitReport | undefined> {
  const display = createProgressDisplay(shell, options.steps, options.optimizer)
  const run = kan.fit(samples, options)
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
