import { SingleBar } from 'cli-progress'
import { coloursFor } from './shell.ts'
import type { Shell } from './shell.ts'

/** A bar that moves on stderr, which is a terminal, with a text beside it. */
export interface Bar {
  update(done: number, total: number): void
  /** Takes it away until the next update. */
  pause(): void
}

const barWidth = 24

/** Columns of a line beside bar and text: margins, and the percentage. */
const margins = 9

/** Draws a bar at 0 of `total`. `text` is given the columns that there are for bar and text. */
export function createBar(shell: Shell, total: number, text: (room: number) => string): Bar {
  const { cyan, dim } = coloursFor(shell.stderr, shell.env)
  const bar = new SingleBar({
    stream: shell.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // Ctrl-C belongs to the command.
    gracefulExit: false,
    format: (_options, { progress }) => {
      // The last column stays free: some terminals wrap there.
      const room = (shell.stderr.columns ?? 80) - 1 - margins
      const beside = text(room)
      const width = Math.max(0, Math.min(barWidth, room - beside.length))
      const full = Math.round(progress * width)
      const drawn = cyan('█'.repeat(full)) + dim('░'.repeat(width - full))
      return `  ${drawn} ${String(Math.floor(100 * progress)).padStart(3)}%  ${beside}`
    },
  })
  bar.start(total, 0)
  return {
    update(done, newTotal) {
      if (!bar.isActive) bar.start(newTotal, done)
      bar.setTotal(newTotal)
      bar.update(done)
    },
    pause: () => bar.stop(),
  }
}
