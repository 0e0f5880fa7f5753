import { describe, expect, it } from 'vitest'
import { parseTable } from '../../src/data/index.ts'
import { prepareTable } from '../../src/cli/prepare.ts'
import { chooseTraining, fitOptions } from '../../src/cli/settings.ts'
import type { Shell } from '../../src/cli/shell.ts'
import type { TrainingOptions } from '../../src/cli/settings.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { KAN } from '../../src/kan.ts'
import { readFileSync } from 'node:fs'
import { printed, scratchFolder, shippedTable, smallTable, webkan } from './command.ts'
import type { Outcome } from './command.ts'

const files = scratchFolder()
const aNumber: unknown = expect.any(Number)
const formula = 'exp(sin(pi*x1)+x2^2)'

function fit(...args: string[]): Promise<Outcome> {
  return webkan(['fit', '--function', formula, '--samples', '200', ...args])
}

describe('webkan fit --refine', () => {
  it('climbs grids with lm, and says how far each one came', async () => {
    const out = files.path('refined.safetensors')
    const { code, stdout } = await fit('--hidden', '1', '--grid', '3', '--refine', '3,5,10', '--out', out)
    expect(code).toBe(0)
    for (const line of stdout.split('\n').filter(text => !text.includes(out)))
      expect(line.length).toBeLessThanOrEqual(80)
    const text = stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain('training lm, up to 50 steps a grid, all 180 rows, 6 starts, seed 0')
    expect(text).toContain('grids 3, then 5, then 10')
    expect(text).toMatch(
      /\d+ steps on 3 grids in .* \(\d+ evaluations of the loss\).*; the best of 6 starts \(training loss .*, the worst .*\) went on; the weights of step \d+, grid (3|5|10), are kept\./,
    )
    expect(stdout).toMatch(/grid +steps +validation loss +evaluations\n +3 +\d+ .*\n +5 +\d+ .*\n +10 +\d+ /)
    const grid = Number(/of step \d+, grid (\d+), are kept/.exec(text)?.[1])
    expect(KAN.load(readFileSync(out)).layout.layers[0]!.intervals).toBe(grid)
  }, 20_000)

  it('has starts and stages in --json', async () => {
    const result = printed(
      await fit('--hidden', '1', '--grid', '3', '--refine', '5', '--steps', '4', '--json'),
    )
    expect(result).toMatchObject({ optimizer: 'lm', functionEvaluations: aNumber, steps: 8 })
    const { starts, stages } = result
    expect(starts).toHaveLength(6)
    expect(stages).toMatchObject([
      { grid: 3, steps: 4, bestStep: aNumber, loss: aNumber, functionEvaluations: aNumber, stop: 'steps' },
      { grid: 5, steps: 4 },
    ])
  })

  it('works on tables too, with moved grids and a penalty', async () => {
    const args = ['fit', shippedTable('wine'), '--target', 'cultivar', '--steps', '20']
    const more = ['--refine', '5', '--grid-update', '--lambda', '1e-3', '--entropy', '2', '--restarts', '2']
    const { code, stdout } = await webkan([...args, ...more])
    expect(code).toBe(0)
    const text = stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain(
      'adam, up to 20 steps a grid, batch 128 (all), learning rate 0.02, 2 starts, seed 0',
    )
    expect(text).toContain('grids 3, then 5; moved to the rows every 1 step, up to half of them')
    expect(text).toContain('penalty 0.001 times (L1 norms + 2 times their entropy)')
  })
})

describe('webkan fit --threads', () => {
  it('asks for an engine with so many, and leaves it to the engine without', async () => {
    const asked: unknown[] = []
    const requestEngine: Shell['requestEngine'] = options => {
      asked.push(options)
      return Promise.resolve(createCpuEngine())
    }
    const args = ['fit', '--function', 'x1', '--samples', '20', '--steps', '1']
    for (const more of [['--threads', '3'], ['--threads', '2', '--device', 'cpu'], []])
      expect(await webkan([...args, ...more], { requestEngine })).toMatchObject({ code: 0 })
    // A function of one variable is learned with lm, which `auto` takes on the CPU.
    expect(asked).toEqual([{ device: 'cpu', threads: 3 }, { device: 'cpu', threads: 2 }, { device: 'cpu' }])
  })
})

describe('settings', () => {
  const table = parseTable(smallTable(40), { name: 'small.csv', missing: 'error' })
  const division = { target: 'y', task: 'auto', test: 0.2, validation: 0.1, seed: 0 } as const
  const prepared = prepareTable(table, division)
  const choose = (options: Partial<TrainingOptions>, learnsFormula = true) =>
    chooseTraining(prepared, { seed: 0, device: 'auto', ...options }, learnsFormula).settings

  it.each<[string, Partial<TrainingOptions>, boolean, string]>([
    ['a function', {}, true, 'lm'],
    ['a table', {}, false, 'adam'],
    ['a function, to learn on a GPU', { device: 'webgpu' }, true, 'adam'],
    ['a function, with a learning rate', { lr: 0.1 }, true, 'adam'],
    ['a function, in mini-batches', { batch: 8 }, true, 'adam'],
    // 3 * 5 edges of 100 + 3 + 1 parameters.
    ['a function, with too fine a grid in the end', { refine: [20, 100] }, true, 'adam'],
    ['lbfgs, named', { optimizer: 'lbfgs' }, false, 'lbfgs'],
    ['lm on a table, named', { optimizer: 'lm' }, false, 'lm'],
  ])('optimizer auto: %s', (_, options, learnsFormula, optimizer) => {
    expect(choose(options, learnsFormula).optimizer).toBe(optimizer)
    expect(choose({ optimizer: 'auto', ...options }, learnsFormula).optimizer).toBe(optimizer)
  })

  it('what goes with an optimizer, and how fit gets it', () => {
    const engine = createCpuEngine()
    const settings = choose({
      optimizer: 'lbfgs',
      lambda: 0.1,
      gridUpdate: true,
      refine: [3, 5],
      restarts: 2,
    })
    expect(fitOptions(prepared, settings, engine)).toEqual({
      engine,
      loss: 'mse',
      optimizer: 'lbfgs',
      steps: 280,
      evaluateEvery: 1,
      seed: 0,
      restarts: 2,
      // 29 rows take a grid of 3, which need not be climbed.
      refine: [5],
      lambda: 0.1,
      penalty: { entropy: 1 },
      gridUpdate: { every: 14 },
      validation: prepared.validation,
      patience: 40,
    })
  })

  it.each([
    [
      ['--optimizer', 'lbfgs', '--batch', '8'],
      '--batch is for --optimizer adam; lbfgs finds its own step length',
    ],
    [['--optimizer', 'lbfgs', '--lr', '0.1'], '--lr is for --optimizer adam'],
    [['--optimizer', 'lm', '--device', 'webgpu'], '--optimizer lm runs on the CPU only'],
    [['--threads', '2', '--device', 'webgpu'], "--threads are the CPU engine's"],
    [['--threads', '0'], 'Give a whole number from 1 to 1024.'],
    [['--entropy', '2'], '--entropy is the entropy'],
    [['--lambda', '-1'], 'Give a number of at least 0'],
    [['--refine', '5,0'], 'whole numbers from 1 to 4096, such as 5,10,20'],
    [['--refine', ''], 'whole numbers from 1 to 4096'],
    [['--grid-update', '0'], 'Give a whole number of at least 1'],
    [['--restarts', '0'], 'Give a whole number of at least 1'],
    [['--optimizer', 'sgd'], 'Allowed choices are auto, lm, lbfgs, adam'],
  ])('refuses %j', async (args, part) => {
    const requestEngine = (): Promise<never> => Promise.reject(new Error('an engine was started'))
    const { code, stdout, stderr } = await webkan(['fit', '--function', 'x1', ...args], { requestEngine })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).toContain(part)
  })
})
