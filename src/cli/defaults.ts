import type { Task } from '../data/index.ts'
import type { Loss, OptimizerName } from '../engine/engine.ts'
import type { WidthEntry } from '../model/width.ts'
import { LBFGS_DEFAULTS, LEVENBERG_DEFAULTS, STARTS } from '../train/defaults.ts'
import { LEVENBERG_LIMITS } from '../train/optimizer.ts'

/** What --optimizer takes beside auto. */
const optimizerNames = ['adam', 'lm', 'lbfgs'] as const satisfies readonly OptimizerName[]

/** What a regression may minimise. */
export type RegressionLoss = Exclude<Loss, 'cross-entropy'>

/** What `webkan fit` does where nothing is said; tuned by the study in bench/. */
export interface FitDefaults {
  readonly hidden: readonly WidthEntry[]
  readonly grid: number
  readonly degree: number
  readonly steps: number
  /** undefined with 'lm' and 'lbfgs', which find their own step length. */
  readonly learningRate: number | undefined
  /** Rows a step; with 'lm' and 'lbfgs' all of them. */
  readonly batch: number
  readonly evaluateEvery: number
  /** Evaluations without a better one before training stops. */
  readonly patience: number
}

/** How rows are divided where nothing is said. */
export const defaultSplit = { test: 0.2, validation: 0.1, seed: 0 } as const

/**
 * Of fewer rows none is for validation unless --val asks: it would be a single one, and its loss stops training by chance (five
 * points of a line, after 20 steps at an R2 of 0.968).
 */
export const FEWEST_TO_VALIDATE = 10

/** How a function is sampled where nothing is said: as the KAN paper does (arXiv 2404.19756, section 3.1). */
export const defaultSampling = { range: [-1, 1], samples: 1000 } as const

/** The most samples of a function: ten million rows of two inputs and their copies take about a gigabyte. */
export const MOST_SAMPLES = 10_000_000

/** What the options of the network may be, smallest and largest: the limits of KANOptions (model/config.ts). */
export const networkLimits = { hidden: [1, 65536], grid: [1, 4096], degree: [1, 5] } as const

/** Tables up to this many training rows are trained on whole: a step then has no noise, and costs milliseconds. */
const FULL_BATCH_ROWS = 4096
const BATCH = 1024

/** Evaluations, one a step, without a better one before 'lm' or 'lbfgs' stops on a grid. */
const WHOLE_PATIENCE = { lm: 10, lbfgs: 40 } as const

/** With fewer rows than this, or classes to tell apart, G = 3 generalises better than 5 (bench/results, study of defaults). */
const FINE_GRID_ROWS = 500

/**
 * The defaults for a task, a number of training rows and an optimizer; they depend on nothing else. Chosen by the validation
 * and test errors of five seeds on airfoil, diabetes, wine and digits: see bench/study.ts and its results. Small tables are
 * over-learned within 50 steps, so evaluations come often, and 80 of them without a better one end the run. 'lm' and 'lbfgs'
 * take the steps of train/defaults.ts.
 */
export function fitDefaults(
  task: Task,
  trainingRows: number,
  optimizer: OptimizerName = 'adam',
): FitDefaults {
  const classification = task === 'classification'
  const adam: FitDefaults = {
    hidden: [5],
    grid: classification || trainingRows < FINE_GRID_ROWS ? 3 : 5,
    degree: 3,
    steps: classification ? 1000 : 2000,
    learningRate: classification ? 0.02 : 0.01,
    batch: trainingRows <= FULL_BATCH_ROWS ? trainingRows : BATCH,
    evaluateEvery: 5,
    patience: 80,
  }
  if (optimizer === 'adam') return adam
  // A step of these goes far, and a noisy table is over-learned within a few.
  const whole = { ...adam, learningRate: undefined, batch: trainingRows, patience: WHOLE_PATIENCE[optimizer] }
  return { ...whole, ...(optimizer === 'lm' ? LEVENBERG_DEFAULTS : LBFGS_DEFAULTS) }
}

/**
 * Steps between grid updates where --grid-update says no number: ten updates in the first half of the steps, as pykan's fit
 * has ten in its first 50.
 */
export function gridUpdateSteps(steps: number): number {
  return Math.max(1, Math.round(steps / 20))
}

/** A default as the help says it: `default: 2000; 1000 for classes; 50 with lm`. */
export function describeDefault(name: 'hidden' | 'grid' | 'degree' | 'steps' | 'learningRate'): string {
  const valueFor = (task: Task, rows: number, optimizer?: OptimizerName): string =>
    String(fitDefaults(task, rows, optimizer)[name] ?? 'none')
  const usual = valueFor('regression', FINE_GRID_ROWS)
  const exceptions = new Map<string, string[]>()
  const except = (value: string, when: string): void => {
    if (value !== usual) exceptions.set(value, [...(exceptions.get(value) ?? []), when])
  }
  except(valueFor('classification', FINE_GRID_ROWS), 'for classes')
  except(valueFor('regression', FINE_GRID_ROWS - 1), `for fewer than ${FINE_GRID_ROWS} training rows`)
  for (const optimizer of optimizerNames)
    except(valueFor('regression', FINE_GRID_ROWS, optimizer), `with ${optimizer}`)
  return [
    `default: ${usual}`,
    ...[...exceptions].map(
      ([value, when]) => `${value} ${when.join(' or ').replaceAll(/ or (?:for|with) /g, ' or ')}`,
    ),
  ].join('; ')
}

/** The default of --restarts as the help says it. */
export const restartsDefault = `default: 1; ${STARTS.lm} with lm or lbfgs on up to ${LEVENBERG_LIMITS.parameters} parameters`

/** The default of --batch as the help says it. */
export const batchDefault = `default: all; ${BATCH} of more than ${FULL_BATCH_ROWS} training rows; always all with lm and lbfgs`
