import { DeviceLostError, NonFiniteError } from '../errors.ts'
import { explainAllocation, networkBytes } from '../model/memory.ts'
import { replaceNetwork } from '../model/model.ts'
import type { Model, Network } from '../model/model.ts'
import { whileTraining } from './claim.ts'
import { resolveFitOptions } from './defaults.ts'
import { climbingEps } from './gridoptions.ts'
import { withEngine } from './host.ts'
import { climb, countedInputs } from './moves.ts'
import type { FitOptions, FitReport, Samples } from './options.ts'
import { countRows } from './rows.ts'
import { Run } from './run.ts'
import type { RunControl } from './run.ts'
import { checkSamplesObject } from './samples.ts'
import { runStage } from './stage.ts'
import { smallest } from './starts.ts'
import { createTask } from './task.ts'
import type { Kept, StageOutcome, Training } from './training.ts'

/**
 * Trains a model on samples, starting at once; see Run for how to watch, await and stop it. In its order: the samples are
 * checked and copied, the model's scaling is set if it has none, `steps` updates are taken on the model's grid and on each one of
 * `refine`, the best weights by evaluation become the model's, with their grid and the loss they were trained for, and its
 * statistics are those of the training rows.
 *
 * A run that ends before its first evaluation (few steps, an early abort) evaluates its last weights and takes them.
 *
 * The model changes only at the end, all at once; in place, unless its grid has another number of intervals then. The run
 * rejects with
 * - ConfigError, ShapeError, DataError: the model is untouched (ConfigError also while another run trains the model);
 * - NonFiniteError: the loss became NaN or infinite; the model holds the best weights before, or those it had;
 * - OutOfMemoryError, DeviceLostError: the model holds the weights it had, or those of the best grid that was finished.
 * The messages of NonFiniteError and DeviceLostError say what the model holds. The session is closed, and an engine of the run's
 * own destroyed, however it ends.
 */
export function fit(model: Model, samples: Samples, options: FitOptions = {}): Run {
  return new Run(control => train(model, samples, options, control), options.signal)
}

/** Trains a model that no other run is training. */
async function train(
  model: Model,
  samples: Samples,
  options: FitOptions,
  control: RunControl,
): Promise<FitReport> {
  try {
    return await whileTraining([model], () => trainAlone(model, samples, options, control))
  } catch (error) {
    throw explainAllocation(error, 'Training', networkBytes(model.layout))
  }
}

async function trainAlone(
  model: Model,
  samples: Samples,
  options: FitOptions,
  control: RunControl,
): Promise<FitReport> {
  const started = performance.now()
  checkSamplesObject(samples)
  const settings = resolveFitOptions(model, options, countRows(samples.x, model.layout.inputs))
  const task = createTask(model, samples, settings, options)
  return withEngine(options.engine, async engine => {
    const stages = 1 + settings.refine.length
    const training: Training = {
      task,
      settings,
      engine,
      control,
      started,
      stages,
      finished: [],
      lastGood: undefined,
    }
    try {
      await checkPinned(training)
      await climbGrids(training, model, options)
    } catch (error) {
      throw sayWhatIsHeld(error, adoptGood(model, training))
    }
    return conclude(model, training)
  })
}

/**
 * Opens what training will open on finer grids, and closes it again, where kernels are pinned: a grid on which they cannot be had must
 * be known before hours of training on the ones before it. Throws ConfigError and OutOfMemoryError.
 */
async function checkPinned({ engine, settings, task }: Training): Promise<void> {
  const { kernels, refine } = settings
  if (kernels === undefined || kernels === 'tune') return
  for (const { layers } of refine) {
    const session = await engine.open({ ...task.plan, layers, models: 1, kernels })
    await session.close()
  }
}

/** The stages, one after another, each on the weights of the one before. An abort ends the one under way and all of them. */
async function climbGrids(training: Training, model: Model, options: FitOptions): Promise<void> {
  const { settings, task, finished, control } = training
  const eps = climbingEps(options)
  const x = countedInputs(task.training)
  finished.push(await runStage(training, model, settings.restarts, options.resume))
  for (const grid of settings.refine) {
    const last = finished.at(-1)!
    if (last.stop === 'aborted' || control.aborted) return
    finished.push(await runStage(training, climb(last.network, grid, x, eps), 1))
  }
}

/** The stage whose weights the model gets: the one with the best evaluation. */
function winner({ finished }: Training): number {
  return smallest(finished.map(({ best }) => best.loss))
}

/** Steps of all stages before stage s. */
function stepsUntil(finished: readonly StageOutcome[], s: number): number {
  return finished.slice(0, s).reduce((total, { steps }) => total + steps, 0)
}

/** Gives the model a network, with the scaling and the loss it was trained under; statistics and formulas of other weights go. */
function adopt(model: Model, network: Network, { task, settings }: Training): void {
  const own = model.config.layers
  const same = network.config.layers.every((layer, l) => layer.intervals === own[l]!.intervals)
  if (same) {
    model.parameters.set(network.parameters)
    model.knots.set(network.knots)
  } else replaceNetwork(model, network)
  model.scaling = task.scaling
  model.loss = settings.loss
  model.statistics = undefined
  model.formulas = undefined
}

/** After a failure: gives the model the best weights there are, and says which; none is a model untouched. */
function adoptGood(model: Model, training: Training): string {
  const { finished, lastGood } = training
  const good: Kept[] = finished.map(({ network, best }, s) => ({
    network,
    step: stepsUntil(finished, s) + best.step,
    loss: best.loss,
  }))
  if (lastGood) good.push({ ...lastGood, step: stepsUntil(finished, finished.length) + lastGood.step })
  const best = good[smallest(good.map(({ loss }) => loss))]
  if (best === undefined) return 'the weights it had before this run'
  adopt(model, best.network, training)
  return `the weights of step ${best.step}`
}

function sayWhatIsHeld(error: unknown, holds: string): unknown {
  if (error instanceof NonFiniteError) return new NonFiniteError(`${error.message} The model holds ${holds}.`)
  if (error instanceof DeviceLostError)
    return new DeviceLostError(`${error.message} The model holds ${holds}.`, { cause: error })
  return error
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

/** Gives the model its weights and their statistics, and reports. */
function conclude(model: Model, training: Training): FitReport {
  const { finished, task, settings } = training
  const s = winner(training)
  const won = finished[s]!
  adopt(model, won.network, training)
  model.statistics = { rows: task.plan.rows, layers: won.statistics }
  const counted = finished.map((stage, place) => {
    const before = stepsUntil(finished, place)
    return {
      ...stage,
      best: { step: before + stage.best.step, loss: stage.best.loss },
      evaluations: stage.evaluations.map(({ step, loss }) => ({ step: before + step, loss })),
    }
  })
  return {
    stop: finished.at(-1)!.stop,
    optimizer: settings.optimizer.kind,
    steps: stepsUntil(finished, finished.length),
    losses: joined(finished.map(({ losses }) => losses)),
    evaluations: counted.flatMap(({ evaluations }) => evaluations),
    best: counted[s]!.best,
    starts: finished[0]!.starts,
    stages: counted.map(({ network, steps, best, functionEvaluations, stop }) => ({
      intervals: network.config.layers.map(({ intervals }) => intervals),
      steps,
      best,
      functionEvaluations,
      stop,
    })),
    functionEvaluations: total(finished.map(stage => stage.functionEvaluations)),
    readbacks: total(finished.map(({ readbacks }) => readbacks)),
    seconds: (performance.now() - training.started) / 1000,
    kernels: won.kernels,
    checkpoint: won.checkpoint,
  }
}

function joined(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(total(lists.map(({ length }) => length)))
  let at = 0
  for (const list of lists) {
    all.set(list, at)
    at += list.length
  }
  return all
}
