/**
 * Never NaN: f = exp(sin(pi x1) + x2^2) on [2, 5, 1], 1000 samples, G 3 and 5, lambda 0, 1e-3 and 1e-2, each optimizer of each
 * engine. 100 seeds, trained side by side, 25 at a time: the model axis of a session. 100 iterations on WebGPU, where a
 * software adapter takes a minute for 25 networks.
 */
import { KAN, createCpuEngine } from 'webkan'
import type { Engine, Plan } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { requestNodeEngine } from 'webkan/node'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const SEEDS = 100
const TOGETHER = 25
const problem = toyFunction('exp-sin')
const train = sampleFunction(problem, 1000, 0)
const test = sampleFunction(problem, 1000, 1)

// As fit scales: outputs to mean 0 and deviation 1. The inputs are in [-1, 1] already.
const mean = train.y.reduce((sum, y) => sum + y, 0) / train.y.length
const deviation = Math.sqrt(train.y.reduce((sum, y) => sum + (y - mean) ** 2, 0) / train.y.length)

const methods = [
  {
    title: 'L-BFGS, 200 iterations, CPU',
    device: 'cpu',
    optimizer: { kind: 'lbfgs' },
    steps: 200,
  },
  {
    title: 'Levenberg-Marquardt, 50 steps, CPU',
    device: 'cpu',
    optimizer: { kind: 'lm' },
    steps: 50,
  },
  {
    title: 'L-BFGS, 100 iterations, WebGPU',
    device: 'webgpu',
    optimizer: { kind: 'lbfgs' },
    steps: 100,
  },
] as const

type Method = (typeof methods)[number]

export interface RobustnessResult {
  /** Test RMSE of each seed; null where a loss, a weight or a prediction was not finite. */
  readonly errors: readonly (number | null)[]
  readonly seconds: number
}

async function trainTogether(
  engine: Engine,
  { optimizer, steps }: Method,
  grid: number,
  lambda: number,
  seeds: readonly number[],
): Promise<RobustnessResult> {
  const began = performance.now()
  const models = seeds.length
  const networks = seeds.map(seed => new KAN({ width: [2, 5, 1], grid, seed }))
  const { layers, trainable } = networks[0]!.config
  const plan: Plan = {
    layers,
    trainable,
    models,
    rows: 1000,
    batch: 1000,
    validationRows: 0,
    loss: 'mse',
    ...(lambda > 0 ? { penalty: { metric: 'paper', l1: 1, entropy: 1, coef: 0, coefdiff: 0 } } : {}),
    optimizer,
    seed: 0,
    evaluateEvery: 1,
    patience: 0,
  }
  const all = (pick: (network: KAN) => Float64Array): Float64Array =>
    Float64Array.from(networks.flatMap(network => [...pick(network)]))
  const session = await engine.open(plan)
  await session.upload({
    parameters: all(network => network.parameters),
    knots: all(network => network.knots),
    mask: all(network => network.mask),
    training: {
      x: train.x,
      y: train.y.map(y => (y - mean) / deviation),
      weights: new Float64Array(1000).fill(1),
    },
    learningRate: new Float64Array(models),
    lambda: new Float64Array(models).fill(lambda),
  })
  const { losses } = await session.run(steps)
  const { parameters } = await session.read()
  const outputs = await session.predict(test.x)
  await session.close()
  const size = networks[0]!.parameters.length
  const errors = seeds.map((_, m) => {
    let squares = 0
    for (let row = 0; row < 1000; row++)
      squares += (deviation * outputs[m * 1000 + row]! + mean - test.y[row]!) ** 2
    const finite =
      losses.every((loss, p) => p % models !== m || Number.isFinite(loss)) &&
      parameters.subarray(m * size, (m + 1) * size).every(Number.isFinite) &&
      Number.isFinite(squares)
    return finite ? Math.sqrt(squares / 1000) : null
  })
  return { errors, seconds: (performance.now() - began) / 1000 }
}

const cases = methods.flatMap(method =>
  [3, 5].flatMap(grid => [0, 1e-3, 1e-2].map(lambda => ({ method, grid, lambda }))),
)

type Case = (typeof cases)[number]

function keyOf({ method, grid, lambda }: Case, first: number): string {
  return `${method.title}, G ${grid}, lambda ${lambda}, seeds ${first} to ${first + TOGETHER - 1}`
}

/** First seeds of the parts of a case. */
const FIRSTS = Array.from({ length: SEEDS / TOGETHER }, (_, part) => part * TOGETHER)

export const robustnessRuns: readonly StudyRun<RobustnessResult>[] = cases.flatMap(each =>
  FIRSTS.map(first => ({
    key: keyOf(each, first),
    run: async () => {
      await using engine =
        each.method.device === 'cpu' ? createCpuEngine() : await requestNodeEngine({ device: 'webgpu' })
      const seeds = Array.from({ length: TOGETHER }, (_, s) => first + s)
      return await trainTogether(engine, each.method, each.grid, each.lambda, seeds)
    },
  })),
)

export function summariseRobustness(file: StudyFile<RobustnessResult>): string {
  return markdownTable(
    ['', 'grid', 'lambda', 'not finite', 'median RMSE', 'worst', 'seconds a network'],
    cases.map(each => {
      const parts = FIRSTS.map(first => file.results[keyOf(each, first)]!)
      const errors = parts.flatMap(part => part.errors)
      const finite = errors.filter(error => error !== null)
      return [
        each.method.title,
        String(each.grid),
        String(each.lambda),
        `${errors.length - finite.length} of ${errors.length}`,
        median(finite).toExponential(1),
        Math.max(...finite).toExponential(1),
        (parts.reduce((sum, part) => sum + part.seconds, 0) / errors.length).toFixed(2),
      ]
    }),
  )
}
