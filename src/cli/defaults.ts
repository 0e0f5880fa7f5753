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

/** Tables up to this many training rows are trained on whole: a step then has no noise, and costs milliseconds. */
const FULL_BATCH_ROWS = 4096
const BATCH = 1024

/** The defaults for a task and a number of training rows; they depend on nothing else. */
export function fitDefaults(task: Task, trainingRows: number): FitDefaults {
  return {
    hidden: [5],
    grid: 5,
    degree: 3,
    optimizer: 'adam',
    steps: 1000,
    learningRate: task === 'classification' ? 0.02 : 0.02,
    batch: trainingRows <= FULL_BATCH_ROWS ? trainingRows : BATCH,
    evaluateEvery: 10,
    patience: 20,
  }
}
