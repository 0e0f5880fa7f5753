import { STOPPED } from '../engine/engine.ts'
import type { Progress, Session, TrainingState } from '../engine/engine.ts'
import { epochOf } from '../engine/schedule.ts'
import { memoryLengths } from '../engine/memory.ts'
import { ConfigError, DeviceLostError, NonFiniteError } from '../errors.ts'
import { explainAllocation, networkBytes } from '../model/memory.ts'
import type { Model } from '../model/model.ts'
import { FIT_DEFAULTS, resolveFitOptions } from './defaults.ts'
import type { FitSettings } from './defaults.ts'
import { checkFingerprint, createFingerprint } from './fingerprint.ts'
import { NumberList } from './history.ts'
import { withEngine } from './host.ts'
import { meanLoss } from './metrics.ts'
import type { Checkpoint, FitOptions, FitReport, Samples } from './options.ts'
import { nextMacrotask, Pace } from './pace.ts'
import { Run } from './run.ts'
import type { RunControl } from './run.ts'
import { checkSamplesObject } from './samples.ts'
import { createTask } from './task.ts'
import type { Task } from './task.ts'

/**
 * Trains a model on samples, starting at once; see Run for how to watch, await and stop it. In its order: the samples are
 * checked and copied, the model's scaling is set if it has none, `steps` updates are taken, the best weights by evaluation
 * become the model's, with the loss they were trained for, and its statistics are those of the training rows.
 *
 * A run that ends before its first evaluation (few steps, an early abort) evaluates its last weights and takes them.
 *
 * The model changes only at the end, all at once. The run rejects with
 * - ConfigError, ShapeError, DataError: the model is untouched (ConfigError also while another run trains the model);
 * - NonFiniteError: the loss became NaN or infinite; the model holds the best weights before, or those it had;
 * - OutOfMemoryError, DeviceLostError: the model holds the weights it had (the message says so).
 * The session is closed, and an engine of the run's own destroyed, however it ends.
 */
export function fit(model: Model, samples: Samples, options: FitOptions = {}): Run {
  return new Run(control => train(model, samples, options, control), options.signal)
}

/** Models that a run is training: two runs would each overwrite what the other leaves. */
const inTraining = new WeakSet<Model>()

/** A run under way. */
interface Training {
  readonly model: Model
  readonly task: Task
  readonly settings: FitSettings
  readonly fingerprint: string
  readonly session: Session
  readonly control: RunControl
  readonly started: number
  readonly losses: NumberList
  readonly evaluations: { readonly step: number; readonly loss: number }[]
  /** Steps done so far. */
  step: number
  /** What the model holds now, for messages. */
  holds: string
}

/** Trains a model that no other run is training. */
async function train(
  model: Model,
  samples: Samples,
  options: FitOptions,
  control: RunControl,
): Promise<FitReport> {
  if (inTraining.has(model))
    throw new ConfigError(
      'Another fit is training this model; await it or abort it first, or fit a copy: kan.copy().',
    )
  inTraining.add(model)
  try {
    return await trainAlone(model, samples, options, control)
  } catch (error) {
    throw explainAllocation(error, 'Training', networkBytes(model.layout))
  } finally {
    inTraining.delete(model)
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
  const settings = resolveFitOptions(model, options)
  const task = createTask(model, samples, settings, options)
  const fingerprint = createFingerprint(model, task, settings.learningRate)
  const { resume } = options
  if (resume) checkResume(resume, fingerprint, settings, model)
  const start = {
    parameters: model.parameters.slice(),
    knots: model.knots.slice(),
    mask: model.mask.slice(),
    training: task.training,
    learningRate: Float64Array.of(settings.learningRate),
    ...(task.validation ? { validation: task.validation } : {}),
    ...(resume ? { state: resume.state } : {}),
  }
  return withEngine(options.engine, async engine => {
    const session = await engine.open(task.plan)
    const training: Training = {
      model,
      task,
      settings,
      fingerprint,
      session,
      control,
      started,
      losses: new NumberList(resume?.losses),
      evaluations: [...(resume?.evaluations ?? [])],
      step: resume?.state.step ?? 0,
      holds: 'the weights it had before this run',
    }
    try {
      await session.upload(start)
      const stop = await takeSteps(training, resume?.state)
      return await finish(training, stop)
    } catch (error) {
      if (error instanceof DeviceLostError)
        throw new DeviceLostError(`${error.message} The model holds ${training.holds}.`, { cause: error })
      throw error
    } finally {
      await session.close()
    }
  })
}

function checkResume(checkpoint: Checkpoint, fingerprint: string, settings: FitSettings, model: Model): void {
  checkFingerprint(checkpoint.fingerprint, fingerprint)
  const { state, losses } = checkpoint
  const { parameters } = model.layout
  if (settings.steps < state.step)
    throw new ConfigError(
      `steps is ${settings.steps}, and the checkpoint has already done ${state.step}; steps counts from the run's beginning: raise it.`,
    )
  const memory = memoryLengths(settings.optimizer.kind, parameters)
  const whole =
    [state.parameters, state.best.parameters].every(array => array.length === parameters) &&
    memory.every(([name, length]) => state.optimizer[name]?.length === length)
  if (!whole || losses.length !== state.step)
    throw new ConfigError(
      `The checkpoint is not whole: its arrays do not have the ${parameters} parameters and ${state.step} losses it claims; use one as fit or loadCheckpoint gave it.`,
    )
}

/**
 * Steps until patience can run out at the earliest, if no better evaluation comes. No call goes beyond: a GPU would train
 * on, and what a run leaves would depend on its speed.
 */
function stepsUntilPatience({ task, step }: Training, bestStep: number): number {
  const { patience, evaluateEvery } = task.plan
  return patience === 0 ? Infinity : bestStep + patience * evaluateEvery - step
}

/** Why the model of a run stopped by itself, if it did. */
function stopReason([code]: Float64Array): 'patience' | 'stalled' | undefined {
  if (code === STOPPED.stalled) return 'stalled'
  return code === STOPPED.patience ? 'patience' : undefined
}

/** The loop: steps in growing portions until the last step, the end of patience or an abort. */
async function takeSteps(training: Training, resumed: TrainingState | undefined): Promise<FitReport['stop']> {
  const { session, settings, control } = training
  const pace = new Pace(settings.progressEvery)
  const loopStarted = performance.now()
  const firstStep = training.step
  let bestStep = resumed?.best.step[0] ?? 0
  const over = resumed && stopReason(resumed.best.stopped)
  if (over) return over
  while (training.step < settings.steps) {
    if (control.aborted) return 'aborted'
    const left = Math.min(settings.steps - training.step, stepsUntilPatience(training, bestStep))
    const steps = Math.min(pace.steps, left)
    const before = performance.now()
    const progress = await session.run(steps)
    const now = performance.now()
    pace.took(steps, now - before)
    bestStep = progress.bestStep[0]!
    await record(training, progress)
    control.publish(
      {
        step: training.step,
        steps: settings.steps,
        epoch: epochOf(training.task.plan, training.step - 1) + 1,
        loss: training.losses.last,
        evaluation: training.evaluations.at(-1)?.loss,
        seconds: (now - training.started) / 1000,
        stepsPerSecond: (1000 * (training.step - firstStep)) / Math.max(now - loopStarted, 1e-3),
      },
      progress.losses,
    )
    const reason = stopReason(progress.stopped)
    if (reason) return reason
    await nextMacrotask()
  }
  return 'steps'
}

/** Takes in what a call brought. Throws NonFiniteError for its first loss or evaluation that is not finite. */
async function record(training: Training, progress: Progress): Promise<void> {
  const { losses } = progress
  const evaluations = Array.from(progress.evaluationSteps, (step, e) => ({
    step,
    loss: progress.evaluationLosses[e]!,
  }))
  const badLoss = losses.findIndex(loss => !Number.isFinite(loss))
  const badStep = badLoss < 0 ? Infinity : training.step + badLoss + 1
  const badEvaluation = evaluations.find(({ loss }) => !Number.isFinite(loss))
  if (badEvaluation && badEvaluation.step < badStep)
    throw await nonFinite(training, badEvaluation.step, badEvaluation.loss)
  if (badLoss >= 0) throw await nonFinite(training, badStep, losses[badLoss]!)
  training.losses.append(losses)
  training.evaluations.push(...evaluations)
  training.step = progress.step
}

/** The error to throw for a loss that is not finite, once the model holds the last good weights. */
async function nonFinite(training: Training, step: number, loss: number): Promise<NonFiniteError> {
  const { best } = await training.session.read()
  if (Number.isFinite(best.loss[0]) && best.parameters.every(Number.isFinite))
    adopt(training, best.parameters, best.step[0]!)
  const { learningRate } = training.settings
  // Adam moves each weight by about the learning rate a step, and weights are of order 1.
  const lower = learningRate > 1 ? FIT_DEFAULTS.learningRate : Number((learningRate / 10).toPrecision(3))
  return new NonFiniteError(
    `The loss became ${loss} at step ${step} with learning rate ${learningRate}. Lower learningRate (try ` +
      `${lower}), or look for extreme values in the samples. The model holds ${training.holds}.`,
  )
}

/** Makes weights the model's, with the scaling and the loss they were trained under; statistics of other weights go. */
function adopt(training: Training, parameters: Float64Array, step: number): void {
  const { model } = training
  model.parameters.set(parameters)
  model.scaling = training.task.scaling
  model.loss = training.settings.loss
  model.statistics = undefined
  training.holds = `the weights of step ${step}`
}

/** Loss of the session's current weights on the rows that evaluations look at. */
async function evaluateNow({ session, task }: Training): Promise<number> {
  const rows = task.validation ?? task.training
  return meanLoss(task.plan.loss, await session.predict(rows.x), rows, task.plan.huberDelta)
}

/** Gives the model its best weights and their statistics, and reports. */
async function finish(training: Training, stop: FitReport['stop']): Promise<FitReport> {
  const { model, task, session, losses, evaluations, step } = training
  const state = await session.read()
  const checkpoint: Checkpoint = {
    state,
    losses: losses.slice(),
    evaluations: [...evaluations],
    fingerprint: training.fingerprint,
  }
  let best = { step: state.best.step[0]!, loss: state.best.loss[0]! }
  let parameters = state.best.parameters
  // A run too short for an evaluation, or a minimum between two of them: its last weights are looked at here.
  if (evaluations.length === 0 || (stop === 'stalled' && evaluations.at(-1)!.step < step)) {
    const last = { step, loss: await evaluateNow(training) }
    if (!Number.isFinite(last.loss)) throw await nonFinite(training, step, last.loss)
    evaluations.push(last)
    if (last.loss < best.loss) {
      best = last
      parameters = state.parameters
    }
  }
  adopt(training, parameters, best.step)
  await session.upload({ parameters })
  const [layers] = await session.statistics(task.training.x)
  model.statistics = { rows: task.plan.rows, layers: layers! }
  return {
    stop,
    steps: step,
    losses: checkpoint.losses.slice(),
    evaluations,
    best,
    seconds: (performance.now() - training.started) / 1000,
    checkpoint,
  }
}
