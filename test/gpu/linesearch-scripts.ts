// What searches are told in linesearch.test.ts, and what the search in float64 answers.
import { LineSearch } from '../../src/engine/linesearch.ts'
import type { SearchOutcome } from '../../src/engine/linesearch.ts'
import { seeded } from '../oracle/random.ts'

/** Where a search begins, and what its evaluations say, one after the other. */
export interface Script {
  readonly value: number
  readonly slope: number
  readonly step: number
  readonly evaluations: readonly (readonly [value: number, slope: number])[]
}

export interface Answer {
  readonly outcome: SearchOutcome
  readonly step: number
}

/** u of float32. */
const UNIT = 2 ** -24
/**
 * Random scripts are left out where nudges of 4 u change an outcome, or a step by more than a tenth of what the device's may
 * differ: a cubic's minimum takes about ten operations, each of which errs like a nudge of u or less (a division 5 u: WGSL, 15.7.4).
 */
const NUDGE = 4 * UNIT
export const STEP_ERROR = 1e-4
/** How far apart trials are, relative to the longer one. */
const APART = 1e-2
/** More evaluations than a search takes: 26, and one to return to the lowest point. */
export const LENGTH = 30

/** What the search in float64 answers, up to its end; with `nudge` values, slopes and steps are changed by about that share. */
export function search(script: Script, nudge = 0, seed = 0): Answer[] {
  const random = seeded(seed)
  const nudged = (x: number): number => x * (1 + nudge * (2 * random() - 1))
  const line = new LineSearch(UNIT)
  line.begin(nudged(script.value), nudged(script.slope), script.step)
  const answers: Answer[] = []
  for (const [value, slope] of script.evaluations) {
    const outcome = line.advance(nudged(value), nudged(slope))
    answers.push({ outcome, step: line.step })
    if (outcome !== 'evaluate') break
    // Steps are rounded too.
    line.step = nudged(line.step)
  }
  return answers
}

export function agree(actual: readonly Answer[], expected: readonly Answer[], error: number): boolean {
  return (
    actual.length === expected.length &&
    actual.every(({ outcome, step }, n) => {
      const exact = expected[n]!
      return outcome === exact.outcome && Math.abs(step - exact.step) <= error * exact.step
    })
  )
}

/**
 * Whether the trials keep apart. The minimum of a cubic is found from the right end of its bracket: in a narrow bracket, or close to
 * the left end, its place, and with it what comes next, is rounding.
 */
function keepsApart(answers: readonly Answer[]): boolean {
  return answers.every(({ outcome, step }, n) => {
    if (outcome !== 'evaluate') return true
    const before = answers.slice(0, n).map(answer => answer.step)
    return (
      step >= APART * Math.max(0, ...before.slice(-1)) &&
      before.every(other => Math.abs(step - other) >= APART * Math.max(step, other))
    )
  })
}

/** Scripts that no rounding decides: values and slopes of any size and sign, some of them not finite. */
export function randomScripts(count: number): Script[] {
  const random = seeded(1)
  const size = (): number => 2 ** Math.floor(8 * random() - 4)
  const scripts: Script[] = []
  while (scripts.length < count) {
    const holes = random() < 0.5 ? 0.05 : 0.8
    const evaluations = Array.from({ length: LENGTH }, (): [number, number] => {
      const value = 1 + size() * (random() - 0.6)
      const slope = 2 * size() * (2 * random() - 1)
      return [random() < holes ? Number.NaN : Math.fround(value), Math.fround(slope)]
    })
    const script = { value: 1, slope: -1, step: Math.fround(size()), evaluations }
    const exact = search(script)
    const settled = [1, 2, 3, 4, 5, 6].every(seed =>
      agree(search(script, NUDGE, seed), exact, STEP_ERROR / 10),
    )
    if (settled && keepsApart(exact)) scripts.push(script)
  }
  return scripts
}

const repeat = (value: number, slope: number): [number, number][] =>
  Array.from({ length: LENGTH }, () => [value, slope])

/** A script whose evaluations are those of a function at the steps that the search in float64 asks for. */
function follow(value: number, slope: number, step: number, f: (t: number) => [number, number]): Script {
  const evaluations: [number, number][] = []
  while (evaluations.length < LENGTH) {
    const answers = search({ value, slope, step, evaluations })
    const last = answers.at(-1) ?? { outcome: 'evaluate', step }
    if (last.outcome !== 'evaluate') break
    const [v, s] = f(last.step)
    evaluations.push([Math.fround(v), Math.fround(s)])
  }
  return { value, slope, step, evaluations }
}

// Level is up to 2 u (|f| + sqrt |f|): 4 u at 1, 1.5 u at 1/4.
export const NAMED: Record<string, Script> = {
  'level within rounding and flat': { value: 1, slope: -1e-9, step: 1, evaluations: [[1 + 4 * UNIT, 1e-10]] },
  'just above level': { value: 1, slope: -1e-9, step: 1, evaluations: [[1 + 6 * UNIT, 1e-10]] },
  'level at a quarter': { value: 0.25, slope: -1e-9, step: 1, evaluations: [[0.25 + 1.5 * UNIT, 1e-10]] },
  'above level at a quarter': { value: 0.25, slope: -1e-9, step: 1, evaluations: [[0.25 + 2 * UNIT, 1e-10]] },
  'as flat as allowed': { value: 1, slope: -1, step: 1, evaluations: [[0.5, Math.fround(0.89)]] },
  'not flat enough': { value: 1, slope: -1, step: 1, evaluations: [[0.5, Math.fround(-0.91)]] },
  'flat and rising': { value: 1, slope: -1, step: 1, evaluations: [[0.5, 0.5]] },
  'lower, but not enough': { value: 1, slope: -1, step: 1, evaluations: [[1 - 2 ** -14, -0.5]] },
  'lower by enough': { value: 1, slope: -1, step: 1, evaluations: [[1 - 2 ** -13, -0.5]] },
  'not a number': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [Number.NaN, 1],
      [0.6, -0.01],
    ],
  },
  'a slope that is no number': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [0.5, Number.NaN],
      [0.6, -0.01],
    ],
  },
  infinite: {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [Infinity, 1],
      [Infinity, 0],
      [0.6, -0.01],
    ],
  },
  'infinitely low': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [-Infinity, -1],
      [0.6, -0.01],
    ],
  },
  'nowhere a number': { value: 1, slope: -1, step: 1, evaluations: repeat(Number.NaN, 1) },
  'the second value above the first': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [0.5, -2],
      [0.6, -2],
      [0.4, -0.1],
    ],
  },
  'the third value above the second': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [0.5, -2],
      [0.4, -2],
      [0.45, -2],
      [0.42, -0.1],
    ],
  },
  'the third value as high as the second': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [
      [0.5, -2],
      [0.4, -2],
      [0.4, -2],
      [0.4, -0.1],
    ],
  },
  'the lowest point is evaluated once more': {
    value: 1,
    slope: -1,
    step: 1,
    evaluations: [[0.5, 2], ...repeat(Number.NaN, 0).slice(1)],
  },
  // Steps grow 5.5 times: the cubic has no minimum, and the middle of the bounds is taken.
  'down all the way': follow(1, -1, 1, t => [1 - (2 / 3) * t, -1]),
  'a parabola': follow(1, -1, 0.01, t => [1 - t + t ** 2, 2 * t - 1]),
  'a steep wall': follow(1, -1, 1, t => [1 - t + 1e4 * t ** 4, 4e4 * t ** 3 - 1]),
  'a wall': follow(1, -1, 1, t => [t > 0.3 ? Number.NaN : 1 - t, -1]),
}
