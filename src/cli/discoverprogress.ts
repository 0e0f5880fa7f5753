import type { DiscoverProgress } from '../interpret/discover/options.ts'
import { createBar } from './bar.ts'
import { duration, short } from './numbers.ts'
import { isTerminal, note } from './shell.ts'
import type { Shell } from './shell.ts'

/** Shows a search while it goes on. */
export interface StageDisplay {
  show(progress: DiscoverProgress): void
  /** Answers Ctrl-C. */
  stopping(): void
  /** Removes what moves. */
  end(): void
}

/** The longest silence off a terminal, in seconds. */
const SILENCE = 10

/** A bar on a terminal that fills with the seconds, the stage beside it; a line every ten seconds elsewhere. */
export function createStageDisplay(shell: Shell, budget: number): StageDisplay {
  let latest: DiscoverProgress | undefined
  let said = 0
  const terminal = isTerminal(shell.stderr, shell.env)
  const bar = terminal
    ? createBar(shell, budget, room => (latest ? stageText(latest, room) : 'fit'))
    : undefined
  return {
    show(progress) {
      latest = progress
      bar?.update(Math.min(progress.seconds, budget), budget)
      if (terminal || progress.seconds - said < SILENCE) return
      said = progress.seconds
      shell.stderr.write(`${duration(progress.seconds)}  ${stageText(progress, Infinity)}\n`)
    },
    stopping() {
      bar?.pause()
      note(shell, 'stopping with what there is')
    },
    end: () => bar?.pause(),
  }
}

/** The stage, the best formula's error, and the structure where there is room for it. */
function stageText({ stage, structure, formula, network }: DiscoverProgress, room: number): string {
  const best = Math.min(formula, network)
  const figures = [
    stage.padEnd('symbolify'.length),
    ...(Number.isFinite(best) ? [`formula ${short(formula)}`, `network ${short(network)}`] : []),
  ].join('  ')
  const long = `${figures}  ${structure}`
  return long.length + 10 <= room ? long : figures
}
