import { StoppedError } from '../errors.ts'
import type { Running } from '../train/run.ts'
import type { Engine } from '../engine/engine.ts'
import { createBar } from './bar.ts'
import { destroyEngine } from './engine.ts'
import { duration } from './numbers.ts'
import { isTerminal, note } from './shell.ts'
import type { Shell } from './shell.ts'

/** The longest silence off a terminal, in seconds. */
const SILENCE = 10

/** How long a search that has nothing yet may take to end after Ctrl-C, in milliseconds: a step of a large network takes seconds. */
const GRACE = 1000

/** A search and how to show it. */
interface Watched<Report, Progress> {
  /** Starts it on an engine, which is destroyed at the end. Ctrl-C is heard from before that. */
  readonly start: (engine: Engine) => Running<Report, Progress>
  /** The seconds that it may take. */
  readonly budget: number
  /** Progress as a text for so many columns; undefined before there is some. */
  readonly text: (progress: Progress | undefined, room: number) => string
  /** Whether there is something that an end would leave. */
  readonly hasFound: (progress: Progress) => boolean
}

/** An error that has no unit, as a share of the targets' deviation: `12 %`, `0.34 %`, `2e-9 %`. */
export function percent(share: number): string {
  const value = 100 * share
  if (!Number.isFinite(value)) return 'none yet'
  return `${value >= 10 ? value.toFixed(0) : value >= 0.01 ? value.toPrecision(2) : value.toExponential(0)} %`
}

/**
 * Shows a search until it ends: a bar on a terminal that fills with the seconds, the stage beside it; a line every ten seconds
 * elsewhere. Ctrl-C ends it with what it has found; where that is nothing and the search does not end by
 * itself within a second, in the middle of a long step, it throws StoppedError.
 */
export async function watchSearch<Report, Progress extends { readonly seconds: number }>(
  { start, budget, text, hasFound }: Watched<Report, Progress>,
  shell: Shell,
): Promise<Report> {
  let latest: Progress | undefined
  let said = 0
  let engine: Engine | undefined
  let found = false
  let stopped = false
  let run: Running<Report, Progress> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined
  let giveUp: (why: StoppedError) => void = () => {}
  const givenUp = new Promise<never>((_, reject) => (giveUp = reject))
  const started = performance.now()
  const bar = isTerminal(shell.stderr, shell.env)
    ? createBar(shell, budget, room => text(latest, room))
    : undefined
  const forget = shell.onInterrupt(() => {
    stopped = true
    bar?.pause()
    note(shell, 'stopping with what there is; Ctrl-C again to leave at once')
    run?.abort()
    if (!found) grace = setTimeout(() => giveUp(nothingYet(started)), GRACE)
  })
  const watch = async (own: Running<Report, Progress>): Promise<Report> => {
    for await (const progress of own) {
      latest = progress
      found ||= hasFound(progress)
      if (stopped) continue
      bar?.update(Math.min(progress.seconds, budget), budget)
      if (bar || progress.seconds - said < SILENCE) continue
      said = progress.seconds
      shell.stderr.write(`${duration(progress.seconds)}  ${text(progress, Infinity).trimEnd()}\n`)
    }
    return own
  }
  try {
    // On a thread of its own, so that Ctrl-C is heard in the middle of a step.
    const requested = shell.requestEngine({ device: 'cpu' })
    engine = await Promise.race([requested, givenUp]).catch((why: unknown) => {
      // One that comes too late has nothing to do.
      requested.then(destroyEngine, () => undefined)
      throw why
    })
    run = start(engine)
    if (stopped) run.abort()
    const watched = watch(run)
    // Given up, it ends with the engine, and nobody asks how.
    watched.catch(() => undefined)
    return await Promise.race([watched, givenUp])
  } finally {
    clearTimeout(grace)
    bar?.pause()
    if (engine) await destroyEngine(engine)
    forget()
  }
}

function nothingYet(started: number): StoppedError {
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  return new StoppedError(
    `The search was stopped after ${seconds} s, before it had a formula; let it run longer, or give it a smaller network.`,
  )
}
