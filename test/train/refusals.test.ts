import { expect, test } from 'vitest'
import { ConfigError, DataError, NonFiniteError, ShapeError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import type { FitOptions } from '../../src/train/options.ts'
import { toySamples } from './toy.ts'

const small = toySamples(64)
const network = { width: [2, 3, 1], grid: 3 } as const

const refusals: [FitOptions, RegExp][] = [
  [{ steps: 0 }, /steps is 0/],
  [{ steps: 1.5 }, /steps is 1\.5/],
  [{ learningRate: 0 }, /learningRate is 0/],
  [{ learningRate: NaN }, /learningRate is NaN/],
  [{ adam: { beta1: 1 } }, /adam\.beta1 is 1/],
  [{ adam: { beta2: -0.1 } }, /adam\.beta2 is -0\.1/],
  [{ adam: { epsilon: 0 } }, /adam\.epsilon is 0/],
  [{ batch: 0 }, /batch is 0/],
  [{ batch: 65 }, /batch is 65, and there are 64 training rows; lower it/],
  [{ batch: 60, validation: 0.25 }, /48 training rows \(16 of 64 are held out\)/],
  [{ validation: 1 }, /validation is 1/],
  [{ validation: -0.1 }, /validation is -0\.1/],
  [{ evaluateEvery: 0 }, /evaluateEvery is 0/],
  [{ patience: -1 }, /patience is -1/],
  [{ seed: 0.5 }, /seed is 0\.5/],
  [{ seed: -1 }, /seed is -1; give a whole number of at least 0/],
  [JSON.parse('{"engine": "cpu"}') as FitOptions, /engine is 'cpu', which is no engine/],
  [JSON.parse('{"adam": {"beta": 0.5}}') as FitOptions, /adam has no option 'beta'\. Did you mean 'beta1'\?/],
  [JSON.parse('[1, 2]') as FitOptions, /options of fit are a list; give an object/],
  [{ progressEvery: -1 }, /progressEvery is -1/],
  // As a JavaScript program may say it.
  [
    { kernels: { forward: undefined } } as unknown as FitOptions,
    /kernels\.forward is undefined; give the name of a variant/,
  ],
  [JSON.parse('{"kernels": {"steps": 1}}') as FitOptions, /kernels\.steps is 1;/],
  [
    JSON.parse('{"kernels": ["fused"]}') as FitOptions,
    /kernels is \["fused"\]; give the kernels of a report/,
  ],
  [{ classWeights: 'balanced' }, /classWeights are for the loss 'cross-entropy'/],
  [{ loss: 'cross-entropy' }, /the network has 1 output/],
  [
    JSON.parse('{"optimizer": "sgd"}') as FitOptions,
    /optimizer is 'sgd'; choose 'auto', 'adam', 'lm' or 'lbfgs'/,
  ],
  [{ optimizer: 'lbfgs', batch: 10 }, /batch is for the optimizer 'adam'; 'lbfgs' finds its own step length/],
  [{ lambda: -1 }, /lambda is -1; it must be at least 0/],
  [{ penalty: { entropy: 2 } }, /penalty is given without lambda/],
  [{ lambda: 1e-3, penalty: { entropy: -2 } }, /penalty\.entropy is -2/],
  [JSON.parse('{"lambda": 1, "penalty": {"metric": "l1"}}') as FitOptions, /penalty\.metric is 'l1'/],
  [
    JSON.parse('{"lambda": 1, "penalty": {"L1": 1}}') as FitOptions,
    /penalty has no option 'L1'. Did you mean 'l1'/,
  ],
  [{ refine: [5, 0] }, /refine\[1\] is 0; it must be a whole number from 1/],
  [{ refine: [[5, 5, 5]] }, /refine\[0\] has 3 entries for 2 layers/],
  [JSON.parse('{"refine": 5}') as FitOptions, /refine is 5; give a list of grids/],
  [{ gridUpdate: { every: 0 } }, /gridUpdate\.every is 0/],
  [{ gridUpdate: { every: 5, until: 1.5 } }, /gridUpdate\.until is 1\.5/],
  [{ gridUpdate: { every: 5, eps: 2 } }, /gridUpdate\.eps is 2/],
  [JSON.parse('{"gridUpdate": 5}') as FitOptions, /options of gridUpdate are 5; give an object/],
  [{ restarts: 0 }, /restarts is 0/],
  [JSON.parse('{"loss": "l1"}') as FitOptions, /loss is 'l1'; choose 'mse', 'mae' or 'huber'/],
  [{ huberDelta: 0.5 }, /huberDelta is for the loss 'huber', and the loss is 'mse'; leave it out/],
  [{ loss: 'huber', huberDelta: 0 }, /huberDelta is 0; it must be a number from 1e-30 to 1e30/],
  [{ adam: { weightDecay: -1 } }, /adam\.weightDecay is -1; it must be at least 0/],
  [{ adam: { weightDecay: 100 } }, /adam\.weightDecay is 100; .* less than 1 \/ learningRate = 100/],
  [{ adam: { clip: 0 } }, /adam\.clip is 0/],
  [JSON.parse('{"schedule": "linear"}') as FitOptions, /schedule is 'linear'; choose 'constant'/],
  [JSON.parse('{"schedule": {"kind": "cosine", "end": 0}}') as FitOptions, /schedule has no option 'end'/],
  [{ schedule: { kind: 'cosine', floor: 2 } }, /schedule\.floor is 2; .* from 0 to 1/],
  [{ schedule: { kind: 'exponential', floor: 0 } }, /schedule\.floor is 0; .* from 1e-30 to 1/],
  [{ schedule: { kind: 'constant', floor: 0.5 } }, /a constant rate has none; leave it out/],
  [{ optimizer: 'lm', schedule: 'cosine' }, /schedule is for the optimizer 'adam'/],
  [
    JSON.parse('{"learningrate": 1}') as FitOptions,
    /no option 'learningrate'\. Did you mean 'learningRate'\? There are engine, /,
  ],
]
test.each(refusals)('%j is a ConfigError', async (options, message) => {
  const run = new KAN(network).fit(small, options)
  await expect(run).rejects.toThrow(ConfigError)
  await expect(run).rejects.toThrow(message)
})

test('samples that do not fit, and a model with nothing to train', async () => {
  await expect(new KAN(network).fit({ x: [1, 2, 3], y: [1] })).rejects.toThrow(ShapeError)
  await expect(new KAN(network).fit({ x: [1, NaN], y: [1] })).rejects.toThrow(DataError)
  await expect(new KAN(network).fit({ x: [1, 2], y: [1] }, { validation: 0.5 })).rejects.toThrow(DataError)
  await expect(new KAN(network).fit({ x: [-1e308, 0, 1e308, 1], y: [1, 2] })).rejects.toThrow(
    /x: column 1 cannot be scaled/,
  )
  const frozen = new KAN({ ...network, trainable: { coef: false, scaleBase: false } })
  await expect(frozen.fit(small)).rejects.toThrow(/Nothing is trainable/)
  const classes = new KAN({ width: [2, 3] })
  await expect(classes.fit({ x: [1, 2], y: [3] }, { loss: 'cross-entropy' })).rejects.toThrow(/class 3/)
  await expect(
    classes.fit({ x: [1, 2], y: [0] }, { loss: 'cross-entropy', classWeights: [0, 1, 1] }),
  ).rejects.toThrow(/weighs 0/)
})

test('a second fit of a model is refused while the first goes on, however that ends', async () => {
  const kan = new KAN(network)
  const twin = new KAN(network)
  await twin.fit(small, { steps: 30 })
  const run = kan.fit(small, { steps: 30 })
  await expect(kan.fit(small, { steps: 1 })).rejects.toThrow(ConfigError)
  await expect(kan.fit(small, { steps: 1 })).rejects.toThrow(/Another fit .* await it .* kan\.copy\(\)/)
  await kan.copy().fit(small, { steps: 1 })
  await run
  expect(kan.parameters).toEqual(twin.parameters)

  await expect(kan.fit(small, { steps: 0 })).rejects.toThrow(/steps is 0/)
  await expect(kan.fit(small, { learningRate: 1e200 })).rejects.toThrow(NonFiniteError)
  const aborted = kan.fit(small, { steps: 100_000 })
  aborted.abort()
  expect((await aborted).stop).toBe('aborted')
  expect((await kan.fit(small, { steps: 1 })).stop).toBe('steps')
})

test('resume takes a checkpoint, not the report it came in; refine takes its rows by name', async () => {
  const kan = new KAN({ width: [2, 1] })
  const report = await kan.fit(small, { steps: 2, optimizer: 'adam' })
  for (const resume of [{}, report, null])
    await expect(kan.fit(small, { resume } as unknown as FitOptions)).rejects.toThrow(
      'resume takes a checkpoint of a run: { resume: report.checkpoint }',
    )
  // @ts-expect-error the rows are missing
  expect(() => kan.refine(10)).toThrow('give an object, as in kan.refine(10, { x })')
})
