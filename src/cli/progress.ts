import { SingleBar } from 'cli-progress'
import type { FitProgress } from '../train/options.ts'
import { duration, short } from './numbers.ts'
import { coloursFor, isTerminal } from './shell.ts'
import type { Shell } from './shell.ts'

/** Shows a run while it goes on. */
export interface ProgressDisplay {
  show(progress: FitProgress): void
  /** Removes what moves; later output starts on a clean line. */
  end(): void
}

const barWidth = 24

/** A moving bar on a terminal, a few plain lines elsewhere (a log file, a CI). */
export function createProgressDisplay(shell: Shell): ProgressDisplay {
  return isTerminal(shell.stderr, shell.env) ? createBar(shell) : createLines(shell)
}

function createBar(shell: Shell): ProgressDisplay {
  const { cyan, dim } = coloursFor(shell.stderr, shell.env)
  let latest: FitProgress | undefined
  const bar = new SingleBar({
    stream: shell.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // Ctrl-C belongs to the command.
    gracefulExit: false,
    format: (_options, { progress }) => {
      const full = Math.round(progress * barWidth)
      const drawn = cyan('█'.repeat(full)) + dim('░'.repeat(barWidth - full))
      return `  ${drawn} ${String(Math.floor(100 * progress)).padStart(3)}%  ${latest ? figures(latest) : ''}`
    },
  })
  return {
    show(progress) {
      latest = progress
      if (bar.isActive) bar.update(progress.step)
      else bar.start(progress.steps, progress.step)
    },
    end() {
      bar.stop()
    },
  }
}

/** At most ten lines, and none more often than a second apart: a short run prints only its summary. */
function createLines(shell: Shell): ProgressDisplay {
  let shownStep = 0
  let shownSeconds = 0
  return {
    show(progress) {
      const { step, steps, seconds } = progress
      if (step - shownStep < steps / 10 || seconds - shownSeconds < 1) return
      shownStep = step
      shownSeconds = seconds
      shell.stderr.write(`step ${step} of ${steps}  ${figures(progress)}\n`)
    },
    end() {},
  }
}

function figures({ step, steps, loss, stepsPerSecond }: FitProgress): string {
  const left = stepsPerSecond > 0 ? duration((steps - step) / stepsPerSecond) : '?'
  return `loss ${short(loss)}  ${rate(stepsPerSecond)} steps/s  ${left} left`
}

function rate(stepsPerSecond: number): string {
  return stepsPerSecond >= 10 ? stepsPerSecond.toFixed(0) : stepsPerSecond.toPrecision(2)
}
