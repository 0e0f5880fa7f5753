/** How figures are timed: warm-up, repetitions of a sensible length, competitors by turns, and the spread that is kept. */
import { median } from './median.ts'

/** What is kept of repeated measurements. */
export interface Spread {
  readonly minimum: number
  readonly median: number
  readonly maximum: number
  readonly repetitions: number
}

/** Minimum, median and maximum of a list that is not empty. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    minimum: Math.min(...values),
    median: median(values),
    maximum: Math.max(...values),
    repetitions: values.length,
  }
}

/** The spread of something else that falls as these values rise: rates from times. */
export function inverted({ minimum, median, maximum, repetitions }: Spread, factor = 1): Spread {
  return { minimum: factor / maximum, median: factor / median, maximum: factor / minimum, repetitions }
}

/** The spread in another unit. */
export function scaled({ minimum, median, maximum, repetitions }: Spread, factor: number): Spread {
  return { minimum: minimum * factor, median: median * factor, maximum: maximum * factor, repetitions }
}

/** The spread of something that takes so much longer. */
export function shifted({ minimum, median, maximum, repetitions }: Spread, by: number): Spread {
  return { minimum: minimum + by, median: median + by, maximum: maximum + by, repetitions }
}

/** How long to measure. */
export interface Pace {
  /** Most repetitions of a figure. */
  readonly repetitions: number
  /** Milliseconds a repetition should last, where one step is shorter. */
  readonly length: number
  /** Milliseconds of measuring after which only FEWEST repetitions are completed. */
  readonly most: number
  /** Milliseconds after which not even those are: a step of many seconds is measured once. */
  readonly patience: number
}

/** Fewer would have no median worth the name. */
const FEWEST = 3

export const FULL: Pace = { repetitions: 11, length: 100, most: 4000, patience: 20_000 }
export const QUICK: Pace = { repetitions: 3, length: 30, most: 500, patience: 2000 }

/** Most steps in a repetition: beyond, engines read their loss rings home more than once (1024 steps a read-back). */
const MOST_STEPS = 1000

/** Something that can be repeated: takes `steps` steps and returns their wall-clock milliseconds. */
export interface Runner {
  readonly name: string
  run(steps: number): Promise<number>
  /** Most steps a repetition; default MOST_STEPS. */
  readonly mostSteps?: number
}

/** Repetitions of one runner. */
export interface Timing {
  /** Milliseconds a step, one value a repetition. */
  readonly values: readonly number[]
  /** Steps a repetition. */
  readonly steps: number
  /** Milliseconds of the very first step, compilation included. */
  readonly first: number
}

/** What a runner's message says, for a results file. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

interface Turn {
  readonly runner: Runner
  readonly first: number
  readonly steps: number
  readonly values: number[]
  spent: number
}

/**
 * Warms every runner up, finds out how many steps make a repetition, and then lets them repeat by turns, so that whatever else
 * loads the machine hits all of them. A runner that throws is left out from then on, with its message.
 */
export async function takeTurns(
  runners: readonly Runner[],
  pace: Pace,
): Promise<Map<string, Timing | { readonly error: string }>> {
  const results = new Map<string, Timing | { readonly error: string }>()
  const turns: Turn[] = []
  const attempt = async (runner: Runner, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      results.set(runner.name, { error: reasonOf(error) })
    }
  }
  for (const runner of runners) await attempt(runner, async () => void turns.push(await warmUp(runner, pace)))
  for (let round = 0; round < pace.repetitions; round++) {
    for (const turn of turns) {
      const enough = round === 0 ? Infinity : round < FEWEST ? pace.patience : pace.most
      if (results.has(turn.runner.name) || turn.spent >= enough) continue
      await attempt(turn.runner, async () => {
        const milliseconds = await turn.runner.run(turn.steps)
        turn.spent += milliseconds
        turn.values.push(milliseconds / turn.steps)
      })
    }
  }
  for (const { runner, values, steps, first } of turns)
    if (!results.has(runner.name)) results.set(runner.name, { values, steps, first })
  return results
}

/** The first step compiles, a few more let just-in-time compilers and submission sizes settle. */
async function warmUp(runner: Runner, pace: Pace): Promise<Turn> {
  const first = await runner.run(1)
  const most = runner.mostSteps ?? MOST_STEPS
  const stepsFor = (each: number): number =>
    Math.max(1, Math.min(most, Math.round(pace.length / Math.max(each, 1e-3))))
  let steps = 1
  // A step that takes several repetitions' time is its own warm-up.
  if (first < 10 * pace.length) {
    steps = stepsFor(await runner.run(1))
    for (let again = 0; again < 2 && steps > 1; again++) steps = stepsFor((await runner.run(steps)) / steps)
  }
  return { runner, first, steps, values: [], spent: 0 }
}

/** One runner alone. Throws what it throws. */
export async function timeAlone(runner: Runner, pace: Pace): Promise<Timing> {
  const timing = (await takeTurns([runner], pace)).get(runner.name)!
  if ('error' in timing) throw new Error(timing.error)
  return timing
}

/** Milliseconds that one call of a peer may take, compilation included, before the run goes on without it. */
const PATIENCE = 180_000

/** The promise, or an error where it is not kept in time. What it stands for may go on all the same: close it. */
export async function inTime<T>(promise: Promise<T>, name: string, milliseconds = PATIENCE): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${name} did not answer within ${milliseconds / 1000} s.`)),
      milliseconds,
    )
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
