/**
 * f = exp(sin(pi x1) + x2^2) on [2, 5, 1], G 3, 1000 samples, one start a seed: L-BFGS with lambda 1e-3 and at most 1000 evaluations on each
 * engine, and 50 Levenberg-Marquardt steps without a penalty.
 */
import { KAN, createCpuEngine } from 'webkan'
import type { FitOptions } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { requestNodeEngine } from 'webkan/node'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const problem = toyFunction('exp-sin')
const train = sampleFunction(problem, 1000, 0)
const test = sampleFunction(problem, 1000, 1)

interface Group {
  readonly title: string
  readonly device: 'cpu' | 'webgpu'
  readonly options: FitOptions
  readonly wanted: number
}

// An iteration takes 1.1 evaluations.
const sparse: FitOptions = { optimizer: 'lbfgs', steps: 850, lambda: 1e-3, restarts: 1 }

const groups: readonly Group[] = [
  { title: 'L-BFGS, lambda 1e-3, CPU', device: 'cpu', options: sparse, wanted: 2.5e-2 },
  { title: 'L-BFGS, lambda 1e-3, WebGPU', device: 'webgpu', options: sparse, wanted: 2.5e-2 },
  {
    title: 'Levenberg-Marquardt, 50 steps, CPU',
    device: 'cpu',
    options: { optimizer: 'lm', steps: 50, restarts: 1 },
    wanted: 1e-2,
  },
]

const SEEDS = 10

export interface OptimizerResult {
  readonly rmse: number
  readonly functionEvaluations: number
  readonly steps: number
  readonly readbacks: number
  readonly seconds: number
}

function keyOf({ title }: Group, seed: number): string {
  return `${title}, seed ${seed}`
}

export const optimizerRuns: readonly StudyRun<OptimizerResult>[] = groups.flatMap(group =>
  Array.from({ length: SEEDS }, (_, seed) => ({
    key: keyOf(group, seed),
    run: async () => {
      await using engine =
        group.device === 'cpu' ? createCpuEngine() : await requestNodeEngine({ device: 'webgpu' })
      const kan = new KAN({ width: [2, 5, 1], grid: 3, seed })
      const { functionEvaluations, steps, readbacks, seconds } = await kan.fit(train, {
        engine,
        ...group.options,
      })
      return { rmse: (await kan.evaluate(test)).rmse!, functionEvaluations, steps, readbacks, seconds }
    },
  })),
)

export function summariseOptimizers(file: StudyFile<OptimizerResult>): string {
  return markdownTable(
    ['', 'median RMSE', 'worst', 'asked', 'met', 'most evaluations', 'seconds', 'read-backs'],
    groups.map(group => {
      const results = Array.from({ length: SEEDS }, (_, seed) => file.results[keyOf(group, seed)]!)
      const errors = results.map(({ rmse }) => rmse)
      return [
        group.title,
        median(errors).toExponential(1),
        Math.max(...errors).toExponential(1),
        group.wanted.toExponential(1),
        `${errors.filter(error => error <= group.wanted).length} of ${errors.length}`,
        String(Math.max(...results.map(result => result.functionEvaluations))),
        median(results.map(result => result.seconds)).toFixed(1),
        String(median(results.map(result => result.readbacks))),
      ]
    }),
  )
}
