import type { Task } from '../data/index.ts'

/** What `webkan fit` does where nothing is said; tuned by the study in bench/. */
export interface FitDefaults {
  readonly hidden: readonly number[]
  readonly grid: number
  readonly degree: number
  readonly optimizer: 'adam'
  readonly steps: number
  readonly learningRate: number
  /** Rows a step. */
  readonly batch: number
  readonly evaluateEvery: number
  /** Evaluations without a better one before training stops. */
  readonly patience: number
}

/** How rows are divided where nothing is said. */
export const defaultSplit = { test: 0.2, validation: 0.1, seed: 0 } as const

/** What the options of the network may be, smallest and largest: the limits of KANOptions (model/config.ts). */
export const networkLimits = { hidden: [1, 65536], grid: [1, 4096], degree: [1, 5] } as const

/** Tables up to this many training rows are trained on whole: a step then has no noise, and costs milliseconds. */
const FULL_BATCH_ROWS = 4096
const BATCH = 1024

/** With fewer rows than this, or classes to tell apart, G = 3 generalises better than 5 (bench/results, study of defaults). */
const FINE_GRID_ROWS = 500

/**
 * The defaults for a task and a number of training rows; they depend on nothing else. Chosen by the validation and test
 * errors of five seeds on airfoil, diabetes, wine and digits: see bench/study.ts and its results. Small tables are
 * over-learned within 50 steps, so evaluations come often, and 80 of them without a better one end the run.
 */
export function fitDefaults(task: Task, trainingRows: number): FitDefaults {
  const classification = task === 'classification'
  return {
    hidden: [5],
    grid: classification || trainingRows < FINE_GRID_ROWS ? 3 : 5,
    degree: 3,
    optimizer: 'adam',
    steps: classification ? 1000 : 2000,
    learningRate: classification ? 0.02 : 0.01,
    batch: trainingRows <= FULL_BATCH_ROWS ? trainingRows : BATCH,
    evaluateEvery: 5,
    patience: 80,
  }
}

/** A default as the help says it: `default: 5; 3 for classes or fewer than 500 training rows`. */
export function describeDefault(name: 'hidden' | 'grid' | 'degree' | 'steps' | 'learningRate'): string {
  const valueFor = (task: Task, rows: number): string => String(fitDefaults(task, rows)[name])
  const usual = valueFor('regression', FINE_GRID_ROWS)
  const exceptions = new Map<string, string[]>()
  for (const [value, when] of [
    [valueFor('classification', FINE_GRID_ROWS), 'classes'],
    [valueFor('regression', FINE_GRID_ROWS - 1), `fewer than ${FINE_GRID_ROWS} training rows`],
  ] as const)
    if (value !== usual) exceptions.set(value, [...(exceptions.get(value) ?? []), when])
  return [
    `default: ${usual}`,
    ...[...exceptions].map(([value, when]) => `${value} for ${when.join(' or ')}`),
  ].join('; ')
}

/** The default of --batch as the help says it. */
export const batchDefault = `default: all; ${BATCH} of more than ${FULL_BATCH_ROWS} training rows`
