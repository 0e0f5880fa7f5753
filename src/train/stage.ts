import type { Plan, Progress } from '../engine/engine.ts'
import { memoryLengths } from '../engine/memory.ts'
import { epochOf } from '../engine/schedule.ts'
import { ConfigError } from '../errors.ts'
import type { Network } from '../model/model.ts'
import { createLayout } from '../model/shape.ts'
import type { FitSettings } from './defaults.ts'
import { checkFingerprint, createFingerprint } from './fingerprint.ts'
import { NumberList } from './history.ts'
import { countedInputs, moveGrids } from './moves.ts'
import type { Checkpoint } from './options.ts'
import { failStage, finishStage } from './outcome.ts'
import { nextMacrotask, Pace } from './pace.ts'
import { raceStep, restSlowest } from './race.ts'
import { repeat, smallest, startParameters } from './starts.ts'
import { atRest, stepsBefore } from './training.ts'
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
  const plan: Plan = { ...task.plan, layers: config.layers, models: starts }
  const fingerprint = createFingerprint(network, task, settings)
  if (resume) checkResume(resume, fingerprint, settings, network)
  const knots = repeat(network.knots, starts)
  const contents = {
    parameters: startParameters(network, starts),
    knots: knots.slice(),
    mask: repeat(network.mask, starts),
    training: task.training,
    learningRate: new Float64Array(starts).fill(settings.learningRate),
    ...(settings.penalty ? { lambda: new Float64Array(starts).fill(settings.lambda) } : {}),
    ...(task.validation ? { validation: task.validation } : {}),
    ...(resume ? { state: resume.state } : {}),
  }
  const session = await training.engine.open(plan)
  try {
    await session.upload(contents)
    const stage: Stage = {
      training,
      session,
      plan,
      network,
      knots,
      fingerprint,
      losses: Array.from({ length: starts }, () => new NumberList(resume?.losses)),
      evaluations: (resume?.evaluations ?? []).map(({ step, loss }) => ({
        step,
        losses: Float64Array.of(loss),
      })),
      failed: Array.from({ length: starts }, () => false),
      step: resume?.state.step ?? 0,
      bestStep: resume?.state.best.step.slice() ?? new Float64Array(starts),
      stopped: resume?.state.best.stopped.slice() ?? new Float64Array(starts),
      functionEvaluations: new Float64Array(starts).fill(resume?.functionEvaluations ?? 0),
      readbacks: 0,
      older: undefined,
    }
    const aborted = await takeSteps(stage)
    return await finishStage(stage, aborted)
  } finally {
    await session.close()
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

/** The loop: steps in growing portions until the last step, the end of all starts or an abort; returns whether it was one. */
async function takeSteps(stage: Stage): Promise<boolean> {
  const { session, training } = stage
  const { settings, control } = training
  const pace = new Pace(settings.progressEvery)
  const race = raceStep(stage)
  const began = { at: performance.now(), step: stage.step, functionEvaluations: stage.functionEvaluations }
  while (stage.step < settings.steps && !atRest(stage).every(Boolean)) {
    if (control.aborted) return true
    if (stage.step === race) await restSlowest(stage)
    if (movesGrids(stage)) await moveStage(stage)
    const left = Math.min(
      settings.steps - stage.step,
      stepsUntilPatience(stage),
      stepsUntilMove(stage),
      race !== undefined && stage.step < race ? race - stage.step : Infinity,
    )
    const steps = Math.min(pace.steps, left)
    const before = performance.now()
    const progress = await session.run(steps)
    const now = performance.now()
    pace.took(steps, now - before)
    const losses = await record(stage, progress)
    stage.functionEvaluations = progress.functionEvaluations.map(
      (own, m) => began.functionEvaluations[m]! + own,
    )
    publish(stage, losses, now, (1000 * (stage.step - began.step)) / Math.max(now - began.at, 1e-3))
    await nextMacrotask()
  }
  return false
}

/**
 * Steps until patience can run out at the earliest for the last of the starts, if no better evaluation comes. No call goes beyond: a
 * GPU would train on, and what a run leaves would depend on its speed.
 */
function stepsUntilPatience(stage: Stage): number {
  const { patience, evaluateEvery } = stage.plan
  if (patience === 0) return Infinity
  const resting = atRest(stage)
  const latest = stage.bestStep.reduce(
    (most, step, m) => (resting[m] === true ? most : Math.max(most, step)),
    0,
  )
  return latest + patience * evaluateEvery - stage.step
}

/** Whether grids move before the next step. Before, not after the one that was: a resumed run then does what was left. */
function movesGrids({ training, step }: Stage): boolean {
  const { gridUpdate } = training.settings
  return gridUpdate !== undefined && step > 0 && step <= gridUpdate.until && step % gridUpdate.every === 0
}

function stepsUntilMove({ training, step }: Stage): number {
  const { gridUpdate } = training.settings
  if (gridUpdate === undefined) return Infinity
  const next = (Math.floor(step / gridUpdate.every) + 1) * gridUpdate.every
  return next <= gridUpdate.until ? next - step : Infinity
}

async function moveStage(stage: Stage): Promise<void> {
  const { session, network, knots, training } = stage
  const resting = atRest(stage)
  const old = knots.slice()
  const eps = training.settings.gridUpdate!.eps
  const x = countedInputs(training.task.training)
  const { best } = await moveGrids(session, { network, knots, resting, x, eps })
  stage.older = { best, knots: old }
  stage.bestStep = stage.bestStep.map((step, m) => (resting[m] === true ? step : stage.step))
}

/**
 * Takes in what a call brought. Throws NonFiniteError when no start is left whose losses and evaluations are finite.
 * @returns the loss of each step, of the best start at that step
 */
async function record(stage: Stage, progress: Progress): Promise<Float64Array> {
  const models = stage.plan.models
  const { losses, evaluationLosses, evaluationSteps } = progress
  const failures = stage.failed.map((_, m) => firstFailure(progress, m, stage))
  failures.forEach((failure, m) => {
    if (failure) stage.failed[m] = true
  })
  const last = failures.findLast(failure => failure !== undefined)
  if (last && stage.failed.every(Boolean)) throw await failStage(stage, last.step, last.loss)
  for (let m = 0; m < models; m++) stage.losses[m]!.append(losses.filter((_, at) => at % models === m))
  evaluationSteps.forEach((step, e) =>
    stage.evaluations.push({ step, losses: evaluationLosses.slice(e * models, (e + 1) * models) }),
  )
  stage.step = progress.step
  stage.bestStep = progress.bestStep
  stage.stopped = progress.stopped
  stage.readbacks = progress.readbacks
  return bestOf(losses, models)
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

/** The first loss or evaluation of start m in a call that is not finite. */
function firstFailure(
  { losses, evaluationSteps, evaluationLosses }: Progress,
  m: number,
  stage: Stage,
): { readonly step: number; readonly loss: number } | undefined {
  if (stage.failed[m] === true) return undefined
  const models = stage.plan.models
  const bad = losses.findIndex((loss, at) => at % models === m && !Number.isFinite(loss))
  const badStep = bad < 0 ? Infinity : stage.step + Math.floor(bad / models) + 1
  const badEvaluation = evaluationSteps.findIndex(
    (_, e) => !Number.isFinite(evaluationLosses[e * models + m]),
  )
  if (badEvaluation >= 0 && evaluationSteps[badEvaluation]! < badStep)
    return { step: evaluationSteps[badEvaluation]!, loss: evaluationLosses[badEvaluation * models + m]! }
  return bad < 0 ? undefined : { step: badStep, loss: losses[bad]! }
}

/** The smallest finite number of every group of `models`; the first where there is none. */
function bestOf(values: Float64Array, models: number): Float64Array {
  if (models === 1) return values
  return Float64Array.from({ length: values.length / models }, (_, row) => {
    const group = values.subarray(row * models, (row + 1) * models)
    return group[smallest(group)]!
  })
}
