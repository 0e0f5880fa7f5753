import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { startSeeds } from '../../src/model/initialize.ts'
import type { PopulationProgress } from '../../src/train/population/options.ts'
import { createProgressDisplay } from '../../src/cli/progress.ts'
import { scratchFolder, shippedTable, webkan } from './command.ts'
import { Writable } from 'node:stream'

const files = scratchFolder()
const wine = ['fit', shippedTable('wine'), '--target', 'cultivar', '--steps', '20']

/** What --json says of --seeds. */
interface PrintedSeeds {
  readonly steps: number
  readonly stop: string
  readonly bestStep: number
  readonly validation: { readonly loss: number } | null
  readonly test: { readonly loss: number }
  readonly seeds: {
    readonly kept: number
    readonly network: number
    readonly lossOf: string
    readonly loss: { readonly best: number; readonly median: number; readonly worst: number }
    readonly failed: number
    readonly waves: readonly number[]
    readonly members: readonly {
      readonly seed: number
      readonly loss: number
      readonly trainingLoss: number
      readonly steps: number
      readonly bestStep: number
      readonly stop: string
    }[]
  }
}

describe('webkan fit --seeds', () => {
  it('trains them all, keeps the best on validation, and has the members in --json', async () => {
    const out = files.path('best.safetensors')
    const { code, stdout } = await webkan([...wine, '--seeds', '5', '--json', '--out', out])
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as PrintedSeeds
    const { seeds } = result
    expect(seeds.members.map(({ seed }) => seed)).toEqual([0, ...startSeeds(0, 4)])
    const losses = seeds.members.map(({ loss }) => loss).toSorted((a, b) => a - b)
    expect(seeds.loss).toEqual({ best: losses[0], median: losses[2], worst: losses[4] })
    expect(new Set(losses).size).toBe(5)
    const kept = seeds.members.find(({ seed }) => seed === seeds.kept)!
    expect(kept.loss).toBe(losses[0])
    expect(result).toMatchObject({ steps: 20, stop: 'steps', bestStep: kept.bestStep })
    expect(result.validation).toEqual({ loss: losses[0] })
    expect(seeds).toMatchObject({ failed: 0, waves: [5], lossOf: 'validation' })
    expect(seeds.members[seeds.network - 1]).toBe(kept)
    for (const { steps, trainingLoss } of seeds.members) {
      expect(steps).toBe(20)
      expect(trainingLoss).toBeGreaterThan(0)
    }
    expect(KAN.load(readFileSync(out)).config.seed).toBe(seeds.kept)

    // A single network with the first seed is the first member.
    const alone = JSON.parse((await webkan([...wine, '--json'])).stdout) as PrintedSeeds
    expect(alone.seeds).toBeNull()
    expect(alone.validation).toEqual({ loss: seeds.members[0]!.loss })
    expect(alone.bestStep).toBe(seeds.members[0]!.bestStep)
  })

  it('says how far the networks are apart', async () => {
    const { code, stdout } = await webkan([...wine, '--seeds', '3'])
    expect(code).toBe(0)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    const text = stdout.replaceAll(/\s+/g, ' ')
    expect(text).toContain('learning rate 0.02, 3 networks, seed 0')
    expect(text).toMatch(
      /20 steps in .*; network [123] of 3 \(seed \d+\) is kept, the best by validation loss \(\S+; median \S+, worst \S+\), with the weights of step \d+\./,
    )
    expect(text).toMatch(/test \d+ /)
    const none = (await webkan([...wine, '--seeds', '2', '--val', '0'])).stdout.replaceAll(/\s+/g, ' ')
    expect(none).toContain('of 2 (seed ')
  })

  it('of 1 is a plain fit', async () => {
    const { code, stdout } = await webkan([...wine, '--seeds', '1'])
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/networks?,| of 1 /)
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/20 steps in [^;]*; the weights of step \d+ are kept\./)
  })

  it('learns a function, with grids that move', async () => {
    const args = ['--function', 'sin(3*x1)', '--samples', '60', '--hidden', 'none', '--steps', '6']
    const { code, stdout } = await webkan(['fit', ...args, '--grid-update', '2', '--seeds', '3', '--json'])
    expect(code).toBe(0)
    const result = JSON.parse(stdout) as PrintedSeeds & { optimizer: string }
    expect(result.optimizer).toBe('lm')
    expect(result.seeds.members).toHaveLength(3)
  })

  it.each([
    [['--seeds', '4', '--restarts', '2'], '--seeds 4 trains that many networks'],
    [['--seeds', '4', '--refine', '5,10'], '--refine climbs grids with one network'],
    [['--seeds', '300000'], 'seeds asks for 300000 members'],
    [['--seeds', '0'], 'Give a whole number of at least 1'],
  ])('refuses %j', async (args, part) => {
    const requestEngine = (): Promise<never> => Promise.reject(new Error('an engine was started'))
    const { code, stdout, stderr } = await webkan([...wine, ...args], { requestEngine })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(part)
  })
})

const progress: PopulationProgress = {
  step: 50,
  steps: 100,
  wave: 1,
  waves: 1,
  losses: Float64Array.of(1, 2, 9),
  evaluations: Float64Array.of(0.5, 0.75, 8),
  loss: { best: 1, median: 2, worst: 9 },
  evaluation: { best: 0.7, median: 0.95, worst: 8 },
  best: { best: 0.5, median: 0.75, worst: 8 },
  failed: 0,
  functionEvaluations: 150,
  seconds: 20,
  stepsPerSecond: 25,
}

it.each([80, 60])('progress of many networks fits a terminal of %i columns, the time left too', columns => {
  let text = ''
  const stderr = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString()
      done()
    },
  })
  const terminal = Object.assign(stderr, { isTTY: true, columns })
  const unused = () => Promise.reject(new Error('no engine here'))
  const shell = {
    stdout: terminal,
    stderr: terminal,
    env: {},
    onInterrupt: () => () => {},
    requestEngine: unused,
  }
  const display = createProgressDisplay(shell, 100, 'adam', true)
  display.show({ ...progress, step: 1, steps: 1_000_000, stepsPerSecond: 1234 })
  display.end()
  const escape = String.fromCodePoint(27)
  const lines = text
    .split(new RegExp(`[\\r\\n]|${escape}\\[\\d*G|${escape}[78]`))
    .map(line => line.replaceAll(new RegExp(`${escape}\\[[?0-9;]*[A-Za-z]`, 'g'), ''))
  const shown = lines.filter(line => line.includes('val best'))
  expect(shown.length).toBeGreaterThan(0)
  for (const line of shown) {
    expect(line).toMatch(/%  val best 0\.5000, median 0\.7500  .*13 min \d+ s left$/)
    expect(line.length).toBeLessThan(columns)
  }
})

it('progress of many networks has the best and the median loss', () => {
  let text = ''
  const stderr = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString()
      done()
    },
  })
  const display = createProgressDisplay(
    {
      stdout: stderr,
      stderr,
      env: {},
      onInterrupt: () => () => {},
      requestEngine: () => Promise.reject(new Error('no engine here')),
    },
    100,
    'adam',
    true,
  )
  display.show(progress)
  display.show({ ...progress, step: 90, seconds: 40, evaluation: undefined, best: undefined })
  display.end()
  expect(text).toContain('step 50 of 100  val best 0.5000, median 0.7500  25 steps/s')
  expect(text).toContain('step 90 of 100  loss best 1.000, median 2.000  25 steps/s')
})
