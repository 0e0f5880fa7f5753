import type { OptimizerName } from '../engine/engine.ts'
import type { FitProgress } from '../train/options.ts'
import type { PopulationProgress } from '../train/population/options.ts'
import { createBar } from './bar.ts'
import { duration, short } from './numbers.ts'
import { isTerminal, note } from './shell.ts'
import type { Shell } from './shell.ts'

/** Of a network, or of many side by side. */
export type ShownProgress = FitProgress | PopulationProgress

/** Shows a run while it goes on. */
export interface ProgressDisplay {
  show(progress: ShownProgress): void
  /** Answers Ctrl-C; nothing more is shown. */
  stopping(): void
  /** Removes what moves; later output starts on a clean line. */
  end(): void
}

/** The part that differs between a terminal and elsewhere. */
interface Screen extends Omit<ProgressDisplay, 'stopping'> {
  /** Makes room for a line between. */
  pause(): void
}

/** A bar shorter than this says little: figures go first. */
const shortestBar = 10

/** A step that takes longer than this is slow enough to say how long all of them will take, in seconds. */
const SLOW_STEP = 2

/** The longest silence off a terminal, in seconds: whoever looks at a log wants to know that it lives. */
const LONGEST_SILENCE = 10

/** A moving bar on a terminal, a few plain lines elsewhere (a log file, a CI). It begins now, before the first step. */
export function createProgressDisplay(
  shell: Shell,
  steps: number,
  optimizer: OptimizerName = 'adam',
  validated = false,
): ProgressDisplay {
  const screen = isTerminal(shell.stderr, shell.env)
    ? createMovingScreen(shell, steps, validated)
    : createLines(shell, steps, validated)
  let begun = false
  let ended = false
  const say = (line: string): void => {
    screen.pause()
    note(shell, line)
  }
  const end = (): void => {
    if (!ended) screen.end()
    ended = true
  }
  return {
    show(progress) {
      if (ended) return
      if (!begun && progress.stepsPerSecond * SLOW_STEP < 1) say(slowText(progress, optimizer))
      begun = true
      screen.show(progress)
    },
    stopping() {
      end()
      note(shell, 'stopping after this step; Ctrl-C again to leave at once')
    },
    end,
  }
}

function slowText({ step, steps, stepsPerSecond }: ShownProgress, optimizer: OptimizerName): string {
  const fewer = optimizer === 'adam' ? '--hidden nodes, --steps or --batch rows' : '--hidden nodes or --steps'
  return (
    `the first step took ${duration(1 / stepsPerSecond)}; at this pace (${rate(stepsPerSecond)} steps/s) the other ` +
    `${steps - step} take ${duration((steps - step) / stepsPerSecond)}. Ctrl-C stops early; ` +
    `fewer ${fewer} take less.`
  )
}

function createMovingScreen(shell: Shell, steps: number, validated: boolean): Screen {
  let latest: ShownProgress | undefined
  const bar = createBar(shell, steps, room => {
    if (!latest) return 'the first step'
    const all = figures(latest, validated)
    return room - all.length < shortestBar ? figures(latest, validated, false) : all
  })
  return {
    show(progress) {
      latest = progress
      bar.update(progress.step, progress.steps)
    },
    pause: () => bar.pause(),
    end: () => bar.pause(),
  }
}

/**
 * Lines at each tenth of the run, none more often than a second apart: a short run prints only its summary. A slow one prints
 * a line every ten seconds, even within a step.
 */
function createLines(shell: Shell, steps: number, validated: boolean): Screen {
  const started = performance.now()
  let shownStep = 0
  let shownSeconds = 0
  let latest: ShownProgress | undefined
  const write = (line: string): void => void shell.stderr.write(`${line}\n`)
  const print = (progress: ShownProgress): void => {
    shownStep = progress.step
    shownSeconds = progress.seconds
    silence.refresh()
    write(`step ${progress.step} of ${progress.steps}  ${figures(progress, validated)}`)
  }
  const silence = setTimeout(() => {
    silence.refresh()
    if (latest && latest.step > shownStep) print(latest)
    else {
      const place = latest ? `after step ${latest.step} of ${latest.steps}` : `in the first of ${steps} steps`
      write(`still at work ${place}, ${duration((performance.now() - started) / 1000)} since the start`)
    }
  }, 1000 * LONGEST_SILENCE)
  // It keeps nobody from leaving.
  silence.unref()
  return {
    show(progress) {
      latest = progress
      const { step, seconds } = progress
      const pause = seconds - shownSeconds
      if ((step - shownStep >= progress.steps / 10 && pause >= 1) || pause >= LONGEST_SILENCE) print(progress)
    },
    pause() {},
    end: () => clearTimeout(silence),
  }
}

/** @param paced whether to say the steps a second */
function figures(progress: ShownProgress, validated: boolean, paced = true): string {
  const { step, steps, stepsPerSecond } = progress
  const left = stepsPerSecond > 0 ? duration((steps - step) / stepsPerSecond) : '?'
  return [
    lossText(progress, validated),
    ...(paced ? [`${rate(stepsPerSecond)} steps/s`] : []),
    `${left} left`,
  ].join('  ')
}

/** The loss; of many networks the best and the median of what each has come down to, as the summary will have them. */
function lossText(progress: ShownProgress, validated: boolean): string {
  if ('waves' in progress) {
    const { best, median } = progress.best ?? progress.loss
    return `${validated && progress.best ? 'val' : 'loss'} best ${short(best)}, median ${short(median)}`
  }
  const grid = progress.stages > 1 ? `grid ${progress.intervals[0]}  ` : ''
  return `${grid}loss ${short(progress.loss)}`
}

function rate(stepsPerSecond: number): string {
  return stepsPerSecond >= 10 ? stepsPerSecond.toFixed(0) : stepsPerSecond.toPrecision(2)
}
