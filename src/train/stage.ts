import type { Plan, Session } from '../engine/engine.ts'
import { memoryLengths } from '../engine/memory.ts'
import { epochOf } from '../engine/schedule.ts'
import { ConfigError } from '../errors.ts'
import type { Network } from '../model/model.ts'
import { createLayout } from '../model/shape.ts'
import type { FitSettings } from './defaults.ts'
import { checkFingerprint, createFingerprint } from './fingerprint.ts'
import { NumberList } from './history.ts'
import type { Checkpoint } from './options.ts'
import { failStage, finishStage } from './outcome.ts'
import { raceStep } from './race.ts'
import { repeat, smallest, startParameters } from './starts.ts'
import { takeSteps } from './steps.ts'
import { beginCourse, stepsBefore } from './training.ts'
import type { Stage, StageOutcome, Training } from './training.ts'

/**
 * Trains a network on its grid, as many starts as asked for side by side, and chooses the best of them. Nothing of the network that
 * was given is changed. Throws ConfigError for a checkpoint of another run, NonFiniteError when no start is left (`lastGood` then
 * holds the weights of its best evaluation, if there was one), and what the engine throws.
 */
export async function runStage(
  training: Training,
  given: Network,
  starts: number,
  resume?: Checkpoint,
): Promise<StageOutcome> {
  const { task, settings } = training
  const { config } = given
  const network = {
    config,
    parameters: given.parameters,
    knots: given.knots.slice(),
    mask: given.mask.slice(),
  }
  const asked: Plan = { ...task.plan, layers: config.layers, models: starts, kernels: settings.kernels }
  const fingerprint = createFingerprint(network, task, settings)
  if (resume) checkResume(resume, fingerprint, settings, network)
  const knots = repeat(network.knots, starts)
  const masks = repeat(network.mask, starts)
  const contents = {
    parameters: startParameters(network, starts),
    knots: knots.slice(),
    mask: masks,
    training: task.training,
    learningRate: new Float64Array(starts).fill(settings.learningRate),
    ...(settings.penalty ? { lambda: new Float64Array(starts).fill(settings.lambda) } : {}),
    ...(task.validation ? { validation: task.validation } : {}),
    ...(resume ? { state: resume.state } : {}),
  }
  const session = await openStage(training, asked, resume)
  const { plan } = session
  try {
    await session.upload(contents)
    const stage: Stage = {
      ...beginCourse({ training, session, plan, config, masks, knots }),
      training,
      network,
      fingerprint,
      ...(resume ? resumed(resume) : {}),
    }
    const aborted = await takeSteps(stage, {
      race: raceStep(stage),
      publish: (losses, now, rate) => publish(stage, bestOf(losses, starts), now, rate),
      failed: (step, loss) => failStage(stage, step, loss),
    })
    return await finishStage(stage, aborted)
  } finally {
    await session.close()
  }
}

/**
 * A session of the plan; where nothing else is asked, with the kernels of the checkpoint, so that its bits go on. On a device that
 * does not have them the run goes on with the device's own, as its report says.
 */
async function openStage({ engine }: Training, plan: Plan, resume?: Checkpoint): Promise<Session> {
  if (plan.kernels !== undefined || resume?.engine !== engine.description.kind) return engine.open(plan)
  try {
    return await engine.open({ ...plan, kernels: resume.kernels })
  } catch (error) {
    if (error instanceof ConfigError) return engine.open(plan)
    throw error
  }
}

/** Where a stage stands that goes on from a checkpoint. */
function resumed({ state, losses, evaluations, functionEvaluations }: Checkpoint): Partial<Stage> {
  return {
    losses: [new NumberList(losses)],
    evaluations: evaluations.map(({ step, loss }) => ({ step, losses: Float64Array.of(loss) })),
    step: state.step,
    bestStep: state.best.step.slice(),
    stopped: state.best.stopped.slice(),
    functionEvaluations: Float64Array.of(functionEvaluations),
  }
}

function checkResume(
  checkpoint: Checkpoint,
  fingerprint: string,
  settings: FitSettings,
  network: Network,
): void {
  checkFingerprint(checkpoint.fingerprint, fingerprint)
  const { state, losses } = checkpoint
  const { parameters } = createLayout(network.config.layers)
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

/** Makes progress known. */
function publish(stage: Stage, losses: Float64Array, now: number, stepsPerSecond: number): void {
  const { training, plan, step } = stage
  const { settings, finished, started, control } = training
  const before = stepsBefore(training)
  const evaluation = stage.evaluations.at(-1)?.losses
  control.publish(
    {
      step: before + step,
      steps: before + settings.steps * (training.stages - finished.length),
      stage: finished.length + 1,
      stages: training.stages,
      intervals: plan.layers.map(layer => layer.intervals),
      epoch: epochOf(plan, step - 1) + 1,
      functionEvaluations: sum([
        ...finished.map(done => done.functionEvaluations),
        ...stage.functionEvaluations,
      ]),
      loss: losses.at(-1)!,
      evaluation: evaluation && bestOf(evaluation, plan.models)[0],
      seconds: (now - started) / 1000,
      stepsPerSecond,
    },
    losses,
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** The smallest finite number of every group of `models`; the first where there is none. */
function bestOf(values: Float64Array, models: number): Float64Array {
  if (models === 1) return values
  return Float64Array.from({ length: values.length / models }, (_, row) => {
    const group = values.subarray(row * models, (row + 1) * models)
    return group[smallest(group)]!
  })
}
