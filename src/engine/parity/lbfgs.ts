import type { Layout } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import type { Engine, Plan, Progress, Session, TrainingState } from '../engine.ts'
import { firstState, madeUpState, startOf } from './lbfgsstart.ts'
import type { Result } from './tolerances.ts'
import type { Trial } from './trial.ts'

/** How states are changed to see what rounding may do: by more than loss and gradient err in float32, by less than a step. */
const NUDGE = 2 ** -18
/** Where nudges move the parameters by more than this share of their way, rounding decides what the line search does. */
const UNSETTLED = 2 ** -6
/** Iterations from the start, and from a memory that is made up. */
const FROM_START = 2
const FROM_MEMORY = 2

/** How the results of two engines are compared: see compare.ts. */
interface LbfgsLedger {
  add(result: Result, error: number): void
  count<T>(result: Result, actual: T, expected: T, names: readonly (keyof T)[]): void
}

/** An iteration: what it said, how many evaluations each model took, and where it led. */
interface Iteration {
  readonly progress: Progress
  readonly evaluations: Float64Array
  readonly state: TrainingState
}

/** A session that takes single iterations, from states that it is given. */
class Walk {
  readonly #session: Session
  #evaluations: Float64Array

  private constructor(session: Session) {
    this.#session = session
    this.#evaluations = new Float64Array(session.plan.models)
  }

  static async open(engine: Engine, { plan, network, training, validation }: Trial): Promise<Walk> {
    const session = await engine.open(plan)
    await session.upload({ ...network, training, learningRate: new Float64Array(plan.models) })
    if (plan.validationRows > 0) await session.upload({ validation })
    return new Walk(session)
  }

  async iterate(state: TrainingState): Promise<Iteration> {
    await this.#session.upload({ state })
    const progress = await this.#session.run(1)
    const evaluations = progress.functionEvaluations.map((count, m) => count - this.#evaluations[m]!)
    this.#evaluations = progress.functionEvaluations
    return { progress, evaluations, state: await this.#session.read() }
  }

  close(): Promise<void> {
    return this.#session.close()
  }
}

/** An array of an iteration, of one model or one of its slots: each is judged by itself. */
interface Piece {
  readonly result: Result
  readonly values: Float64Array
}

/** Everything of model m that is compared. Steps are small against the parameters: what counts is how far `from` moved. */
function piecesOf(iteration: Iteration, m: number, size: number, from: TrainingState): Piece[] {
  const { progress, state } = iteration
  const { optimizer, best } = state
  const models = iteration.evaluations.length
  const pieces: Piece[] = []
  const cut = (result: Result, values: Float64Array, length: number): void => {
    const own = values.length / models
    for (let at = m * own; at < (m + 1) * own; at += length)
      pieces.push({ result, values: values.subarray(at, at + length) })
  }
  const moved = (to: Float64Array, start: Float64Array): Float64Array =>
    to.map((value, p) => value - start[p]!)
  cut('lbfgsMoves', moved(state.parameters, from.parameters), size)
  for (const name of ['steps', 'changes', 'gradient'] as const) cut('lbfgsMemory', optimizer[name]!, size)
  for (const name of ['products', 'scale', 'loss'] as const) cut('lbfgsMemory', optimizer[name]!, 1)
  pieces.push({ result: 'lbfgsLosses', values: progress.losses.filter((_, p) => p % models === m) })
  pieces.push({ result: 'lbfgsBest', values: progress.evaluationLosses.filter((_, p) => p % models === m) })
  // Infinity, before the first evaluation, is -1.
  cut(
    'lbfgsBest',
    best.loss.map(value => (Number.isFinite(value) ? value : -1)),
    1,
  )
  cut('lbfgsBest', moved(best.parameters, from.best.parameters), size)
  return pieces
}

function largestDifference(actual: Float64Array, expected: Float64Array): number {
  if (actual.length !== expected.length) return Infinity
  return actual.reduce((most, value, p) => {
    const difference = Math.abs(value - expected[p]!)
    return Number.isFinite(difference) ? Math.max(most, difference) : Infinity
  }, 0)
}

function largestOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

/** The state with parameters, gradient and loss that differ by up to NUDGE of themselves, the loss by all of it, up or down. */
function nudge(state: TrainingState, seed: number, sign: number): TrainingState {
  const random = new Random(seed, 83)
  const nudged = (values: Float64Array): Float64Array =>
    values.map(value => value * (1 + NUDGE * (2 * random.uniform() - 1)))
  const { gradient, loss, ...rest } = state.optimizer
  const optimizer = {
    ...rest,
    gradient: nudged(gradient!),
    loss: loss!.map(value => value * (1 + sign * NUDGE)),
  }
  return { ...state, parameters: nudged(state.parameters), optimizer }
}

/** The state in float32, which both engines take as it is. */
function rounded(state: TrainingState): TrainingState {
  const optimizer = Object.fromEntries(
    Object.entries(state.optimizer).map(([name, values]) => [name, values.map(Math.fround)]),
  )
  const best = {
    ...state.best,
    parameters: state.best.parameters.map(Math.fround),
    loss: state.best.loss.map(Math.fround),
  }
  return { ...state, parameters: state.parameters.map(Math.fround), optimizer, best }
}

/**
 * Iterations from a state, each from where the reference's last one led, so that errors do not grow from one to the next. How
 * much they grow inside of one depends on the curvature of the case, so the reference is asked: it takes the same iteration
 * from nudged states, and what that moves by n NUDGE of a piece's largest value may err n times what a gradient may. A nudged
 * loss beside an honest slope is what a line search sees in float32. Where the nudges change the number of a model's
 * evaluations or much of its way, rounding decides how the search goes on (a line that is straight within rounding has its
 * minimum anywhere), and the model is left out of this iteration.
 *
 * @param fresh the first iteration begins with an evaluation: loss and gradient are as yet unknown
 */
async function compareWalk(
  ledger: LbfgsLedger,
  engine: Engine,
  reference: Engine,
  trial: Trial,
  size: number,
  start: TrainingState,
  iterations: number,
  fresh: boolean,
): Promise<void> {
  const own = await Walk.open(engine, trial)
  const exact = await Walk.open(reference, trial)
  try {
    let state = start
    for (let n = 0; n < iterations; n++) {
      const count = state.optimizer['count']!
      const unknown = fresh && n === 0
      const given = unknown
        ? { ...state, optimizer: { ...state.optimizer, count: count.map(() => -1) } }
        : state
      const actual = await own.iterate(given)
      const expected = await exact.iterate(given)
      const beside = [await exact.iterate(nudge(state, 1, 1)), await exact.iterate(nudge(state, 2, -1))]
      for (let m = 0; m < trial.plan.models; m++) {
        const evaluations = expected.evaluations[m]! - (unknown ? 1 : 0)
        if (beside.some(other => other.evaluations[m] !== evaluations)) continue
        const [way, ...others] = piecesOf(expected, m, size, state)
        const nudged = beside.map(other => piecesOf(other, m, size, state))
        const reach = (values: Float64Array, p: number): number =>
          Math.max(...nudged.map(other => largestDifference(other[p]!.values, values)))
        if (reach(way!.values, 0) > UNSETTLED * largestOf(way!.values)) continue
        compareCounts(ledger, actual, expected, m)
        const pieces = piecesOf(actual, m, size, state)
        for (const [p, { result, values }] of [way!, ...others].entries()) {
          const difference = largestDifference(pieces[p]!.values, values)
          const most = Math.max(largestOf(values), reach(values, p) / NUDGE)
          ledger.add(result, difference === 0 ? 0 : difference / most)
        }
      }
      state = rounded(expected.state)
    }
  } finally {
    await own.close()
    await exact.close()
  }
}

/** The whole numbers of model m. */
function compareCounts(ledger: LbfgsLedger, actual: Iteration, expected: Iteration, m: number): void {
  const numbers = ({ progress, evaluations, state: { step, optimizer, best } }: Iteration) => ({
    evaluations: evaluations[m]!,
    step: [progress.step, step],
    memory: ['count', 'newest', 'level'].map(name => optimizer[name]![m]!),
    evaluated: [...progress.evaluationSteps],
    best: [best.step[m]!, best.stale[m]!, best.stopped[m]!, progress.bestStep[m]!, progress.stopped[m]!],
  })
  const [own, exact] = [numbers(actual), numbers(expected)]
  ledger.count('lbfgsMoves', own, exact, ['evaluations'])
  ledger.count('lbfgsMemory', own, exact, ['step', 'memory'])
  ledger.count('lbfgsBest', own, exact, ['evaluated', 'best'])
}

/**
 * Compares L-BFGS: two iterations from the start, evaluated on the training rows; and two from a memory that is made up,
 * evaluated on validation rows after every second one, with patience for one evaluation.
 */
export async function compareLbfgs(
  ledger: LbfgsLedger,
  engine: Engine,
  reference: Engine,
  trial: Trial,
  layout: Layout,
): Promise<void> {
  const walk = (changes: Partial<Plan>): Trial => ({
    ...trial,
    plan: { ...trial.plan, batch: trial.plan.rows, optimizer: { kind: 'lbfgs' }, ...changes },
  })
  const size = layout.parameters
  const first = walk({ validationRows: 0, evaluateEvery: 1 })
  const second = walk({ evaluateEvery: 2, patience: 4 })
  const start = await startOf(reference, first)
  const origin = firstState(first, layout, start)
  await compareWalk(ledger, engine, reference, first, size, origin, FROM_START, true)
  const memory = madeUpState(second, layout, start)
  await compareWalk(ledger, engine, reference, second, size, memory, FROM_MEMORY, false)
}
