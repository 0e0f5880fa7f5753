import type { AdamPlan, SchedulePlan } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import { checkNumber, isPositive, POSITIVE } from './numbers.ts'
import type { FitOptions } from './options.ts'

/** Adam's constants as its authors give them (Kingma and Ba, arXiv 1412.6980, section 2). */
export const ADAM: AdamPlan = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }

/** The share of the learning rate that a schedule ends with, where nothing is said: an exponential never reaches 0. */
const FLOORS = { constant: 1, cosine: 0, exponential: 0.01 } as const

/**
 * Adam, complete, for a run of so many steps. What is left at its default is left out of the plan, so that a checkpoint's
 * fingerprint names what was chosen. Throws ConfigError with the value, the limit and the remedy.
 */
export function resolveAdam(options: FitOptions, steps: number, learningRate: number): AdamPlan {
  const { adam = {} } = options
  const names = ['beta1', 'beta2', 'epsilon', 'weightDecay', 'clip'] as const
  checkOptionNames('adam', adam, names, 'fit(samples, { adam: { beta2: 0.99 } })')
  const { beta1 = ADAM.beta1, beta2 = ADAM.beta2, epsilon = ADAM.epsilon, weightDecay = 0, clip } = adam
  const isBeta = (value: number): boolean => value >= 0 && value < 1
  const schedule = resolveSchedule(options.schedule, steps)
  checkNumber(
    'adam.weightDecay',
    weightDecay,
    value => value >= 0 && value * learningRate < 1,
    `at least 0 and less than 1 / learningRate = ${1 / learningRate}, at which a step takes all of a weight (usually 0.01)`,
  )
  return {
    kind: 'adam',
    beta1: checkNumber('adam.beta1', beta1, isBeta, 'from 0 up to, not including, 1 (usually 0.9)'),
    beta2: checkNumber('adam.beta2', beta2, isBeta, 'from 0 up to, not including, 1 (usually 0.999)'),
    // In float32 anything below 1.2e-38 is 0, and 0 / 0 follows where a gradient is 0.
    epsilon: checkNumber('adam.epsilon', epsilon, value => value >= 1e-30, 'at least 1e-30 (usually 1e-8)'),
    ...(schedule ? { schedule } : {}),
    ...(weightDecay > 0 ? { weightDecay } : {}),
    ...(clip === undefined
      ? {}
      : { clip: checkNumber('adam.clip', clip, isPositive, `${POSITIVE} (usually 1), or left out`) }),
  }
}

/** undefined for the constant one. */
function resolveSchedule(choice: FitOptions['schedule'], steps: number): SchedulePlan | undefined {
  const { kind, floor } =
    typeof choice === 'object' ? choice : { kind: choice ?? 'constant', floor: undefined }
  if (typeof choice === 'object')
    checkOptionNames('schedule', choice, ['kind', 'floor'], "fit(samples, { schedule: { kind: 'cosine' } })")
  if (!Object.hasOwn(FLOORS, kind))
    throw new ConfigError(`schedule is '${kind}'; choose 'constant', 'cosine' or 'exponential'.`)
  if (kind === 'constant') {
    if (floor === undefined) return undefined
    throw new ConfigError(`schedule.floor is ${floor}, and a constant rate has none; leave it out.`)
  }
  const least = kind === 'cosine' ? 0 : 1e-30
  checkNumber(
    'schedule.floor',
    floor ?? FLOORS[kind],
    value => value >= least && value <= 1,
    `the share of the learning rate to end with, from ${least} to 1 (usually ${FLOORS[kind]})`,
  )
  return { kind, steps, floor: floor ?? FLOORS[kind] }
}
