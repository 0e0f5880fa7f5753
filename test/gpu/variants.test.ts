import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import type { Engine, KernelChoice, Plan } from '../../src/engine/engine.ts'
import { randomNetwork, randomRows, trainableGroups } from '../../src/engine/parity/cases.ts'
import type { ParityCase } from '../../src/engine/parity/cases.ts'
import { compareEngines } from '../../src/engine/parity/compare.ts'
import { trialPlan } from '../../src/engine/parity/trial.ts'
import { KAN, loadCheckpoint, saveCheckpoint } from '../../src/kan.ts'
import { createLayout } from '../../src/model/shape.ts'
import { Random } from '../../src/random.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

/** The engine, with kernels pinned wherever a plan leaves them to it. */
function pinned(engine: Engine, kernels: KernelChoice): Engine {
  return {
    description: engine.description,
    open: plan =>
      engine.open({
        ...plan,
        kernels: typeof plan.kernels === 'object' ? { ...kernels, ...plan.kernels } : kernels,
      }),
    memory: () => engine.memory(),
    destroy: () => engine.destroy(),
    [Symbol.asyncDispose]: () => engine.destroy(),
  }
}

// The one thing that differs between tiles is their rows: each choice has another variant of everything else too.
const TILES_1 = {
  basis: 'single',
  forward: 'tile1',
  backward_input: 'tile1',
  backward_coef: 'sorted',
  reductions: 'tree',
}
const TILES_2 = {
  basis: 'tile',
  forward: 'tile2',
  backward_input: 'tile2',
  backward_coef: 'sorted',
  reductions: 'subgroups',
}
const TILES_4 = {
  basis: 'tile',
  forward: 'tile4',
  backward_input: 'tile4',
  backward_coef: 'sorted',
  reductions: 'tree',
}
const ROWS = {
  basis: 'single',
  forward: 'rows4',
  backward_input: 'rows4',
  backward_coef: 'serial',
  reductions: 'tree',
}
const NO_TILES = {
  forward: 'gather',
  backward_input: 'gather',
  backward_coef: 'columns',
  reductions: 'subgroups',
}

/** What the rule leaves to its first variants in parity.test.ts, or never takes from them, pinned. */
const RUNS: readonly { readonly kernels: KernelChoice; readonly test: ParityCase }[] = [
  // Four outputs a thread: one such thread a row, and several, and half of a layer's last tile of inputs is empty. Degrees here are
  // 3 and, for an odd order, which records are padded for, 4; every comparison has layers of degree 1 of its own (probes.ts), and
  // ROWS, whose kernels compile fast, have every degree. Nothing but compiling takes long here: cases that share kernels, on one
  // engine, wait for about 129 seconds of it, and once did for 260; no kernel, rows a thread or values a load are left out.
  { kernels: TILES_4, test: { ...PLAIN, width: [12, 4, 4], rows: 90, batch: 90, uniform: false } },
  { kernels: TILES_2, test: { ...PLAIN, width: [3, 12, 12], degree: 4, intervals: 3, rows: 90, batch: 31 } },
  {
    kernels: TILES_1,
    test: { ...PLAIN, width: [4, 8, 4], models: 3, ownRows: true, rows: 45, batch: 45, uniform: false },
  },
  // One output a thread, and one output, and models whose parameters are no multiple of four; more bases than a column holds.
  {
    kernels: TILES_4,
    test: { ...PLAIN, width: [2, 1, 1], intervals: 62, models: 2, rows: 70, batch: 70 },
  },
  {
    kernels: TILES_2,
    test: { ...PLAIN, width: [2, 5, 5], intervals: 200, rows: 257, batch: 257, uniform: false },
  },
  { kernels: NO_TILES, test: { ...PLAIN, width: [2, 3, 1], intervals: 130, rows: 130, batch: 130 } },
  // More outputs than a workgroup has threads.
  {
    kernels: TILES_4,
    test: { ...PLAIN, width: [2, 65, 1], rows: 21, batch: 21, trainable: trainableGroups('cb') },
  },
  // Rows that take two blocks, the second of them a single row; segments that end within a run of one place.
  {
    kernels: TILES_1,
    test: { ...PLAIN, width: [2, 4], intervals: 7, rows: 1025, batch: 1025, base: 'identity' },
  },
  {
    kernels: ROWS,
    test: { ...PLAIN, width: [2, 8], intervals: 7, rows: 1025, batch: 1025, base: 'identity' },
  },
  // Eight, four and one output a thread, every degree, models of their own, and a last thread whose rows are not all there.
  { kernels: ROWS, test: { ...PLAIN, width: [3, 16, 8], degree: 5, intervals: 3, rows: 90, batch: 31 } },
  { kernels: ROWS, test: { ...PLAIN, width: [3, 8, 4], degree: 1, rows: 90, batch: 90, uniform: false } },
  { kernels: ROWS, test: { ...PLAIN, width: [3, 8, 4], degree: 4, intervals: 1, rows: 45, batch: 45 } },
  {
    kernels: ROWS,
    test: { ...PLAIN, width: [4, 8, 4], models: 3, ownRows: true, rows: 43, batch: 43, uniform: false },
  },
  {
    kernels: ROWS,
    test: { ...PLAIN, width: [2, 3, 1], intervals: 62, degree: 2, models: 2, rows: 70, batch: 70 },
  },
  // Products: eight factors and sums of a layer, of which the next layer's inputs are five, in fours and in eights.
  { kernels: TILES_4, test: { ...PLAIN, width: [3, 5, 4], products: [[3, 2]], rows: 90, batch: 90 } },
  { kernels: ROWS, test: { ...PLAIN, width: [3, 5, 4], products: [[3, 2]], rows: 90, batch: 31, models: 2 } },
]

// One for the whole file: what is compiled once is there for all.
const both = bothEngines()

describe('every variant against the float64 CPU engine', () => {
  const runs = RUNS.map(run => ({
    ...run,
    name: `${run.kernels['forward']}, [${run.test.width.join(', ')}] G ${run.test.intervals} k ${run.test.degree}, ${run.test.rows} rows by ${run.test.batch}, M ${run.test.models}`,
  }))

  it.each(runs)('$name', async ({ test, kernels }) => {
    const lines = await compareEngines(pinned(both.gpu, kernels), both.cpu, test)
    expect(lines.filter(line => !line.passed)).toEqual([])
  })
})

function noise(length: number): Float64Array {
  const random = new Random(4)
  return Float64Array.from({ length }, () => 2 * random.uniform() - 1)
}

describe('the choice of variants', () => {
  const test = { ...PLAIN, width: [3, 8, 4], rows: 90, batch: 40 }
  const shapes = [
    { inputs: 3, outputs: 8, intervals: 5, degree: 3, base: 'silu' as const },
    { inputs: 8, outputs: 4, intervals: 5, degree: 3, base: 'silu' as const },
  ]
  const plan = trialPlan(test, shapes)

  async function train(own: Plan): Promise<{ kernels: KernelChoice; parameters: Float64Array }> {
    const session = await both.gpu.open(own)
    const random = new Random(3)
    await session.upload({
      ...randomNetwork(random, createLayout(shapes), test),
      training: randomRows(random, test, own.rows),
      validation: randomRows(random, test, own.validationRows),
      learningRate: Float64Array.of(0.01),
    })
    await session.run(5)
    const { parameters } = await session.read()
    await session.close()
    return { kernels: session.kernels, parameters }
  }

  it.each([{}, TILES_1, TILES_2, TILES_4, ROWS])('gives the same bits twice: %o', async kernels => {
    const first = await train({ ...plan, kernels })
    expect(first.kernels).toMatchObject(kernels)
    // What the session says is the whole choice: given back it gives the same bits.
    const second = await train({ ...plan, kernels: first.kernels })
    expect(second.kernels).toEqual(first.kernels)
    expect(second.parameters).toEqual(first.parameters)
  })

  it('is made a layer at a time where it is asked for so', async () => {
    const session = await both.gpu.open({ ...plan, kernels: { forward: 'tile2', 'forward.1': 'gather' } })
    expect(session.kernels).toMatchObject({ 'forward.0': 'tile2', 'forward.1': 'gather' })
    await session.close()
  })

  it('refuses what there is not, with what there is', async () => {
    const open = (kernels: KernelChoice) => both.gpu.open({ ...plan, kernels })
    await expect(open({ forwards: 'tile1' })).rejects.toThrow(
      /'forwards'; there are basis, forward, backward_coef/,
    )
    await expect(open({ 'forward.2': 'tile1' })).rejects.toThrow(ConfigError)
    await expect(open({ forward: 'tile3' })).rejects.toThrow(/'tile3'.*'gather', 'tile1', 'tile2', 'tile4'/)
    await expect(both.cpu.open({ ...plan, kernels: { forward: 'gather' } })).rejects.toThrow(ConfigError)
  })

  it('is tuned where that is asked for, once a shape', async () => {
    // 64 edges of 4096 rows: enough to be worth it.
    const large = {
      ...plan,
      layers: [{ ...shapes[0]!, inputs: 8 }],
      rows: 4096,
      batch: 4096,
      kernels: 'tune',
    } as const
    const kernelsOf = async (asked: Plan): Promise<KernelChoice> => {
      const session = await both.gpu.open(asked)
      await session.close()
      return session.kernels
    }
    const tuned = await kernelsOf(large)
    expect(await kernelsOf(large)).toEqual(tuned)
    expect(await kernelsOf({ ...large, kernels: tuned })).toEqual(tuned)
    expect((await both.gpu.memory()).buffers).toBe(0)
    // Layers too small to be timed: the rule's. What a session chooses once is timed all the same.
    const { steps: _, reductions: __, ...rule } = await kernelsOf(plan)
    expect(await kernelsOf({ ...plan, kernels: 'tune' })).toMatchObject(rule)
  })

  it('is what fit reports, and what a resumed run goes on with', async () => {
    const samples = { x: noise(90 * 3), y: noise(90 * 4) }
    const network = { width: [3, 8, 4] }
    const options = { engine: both.gpu, optimizer: 'adam', steps: 20 } as const
    const whole = new KAN(network)
    const { kernels } = await whole.fit(samples, { ...options, kernels: TILES_4 })
    expect(kernels).toMatchObject(TILES_4)
    const first = new KAN(network)
    const { checkpoint } = await first.fit(samples, { ...options, kernels: TILES_4, steps: 7 })
    const { kan, checkpoint: resume } = loadCheckpoint(saveCheckpoint(first, checkpoint))
    const report = await kan.fit(samples, { ...options, resume })
    expect(report.kernels).toEqual(kernels)
    expect(kan.parameters).toEqual(whole.parameters)
    // Other kernels give other bits.
    const plain = new KAN(network)
    await plain.fit(samples, { ...options, kernels: NO_TILES })
    expect(plain.parameters).not.toEqual(whole.parameters)
    await expect(plain.fit(samples, { ...options, kernels: { forward: 'fast' } })).rejects.toThrow(/'fast'/)
    // The CPU has others, and the checkpoint's mean nothing there.
    const { kernels: others } = await kan.fit(samples, {
      optimizer: 'adam',
      steps: 21,
      resume: report.checkpoint,
    })
    expect(others).not.toHaveProperty('forward')
  })

  it('allocates what sorting needs only where rows are sorted', async () => {
    const bytesOf = async (kernels: KernelChoice): Promise<number> => {
      const session = await both.gpu.open({ ...plan, kernels })
      const { bytes } = await both.gpu.memory()
      await session.close()
      return bytes
    }
    const columns = await bytesOf({ backward_coef: 'columns' })
    // 40 rows are two slices of (8 + 1) * 32 sums, or two segments of 8 + 4 + 2 slots in all; 40 rows in order for 8 inputs; 5 +
    // 1 starts.
    const sorted = 4 * ((14 - 2 * 9) * 32 + 8 * 40 + 8 * 6)
    expect((await bytesOf({ backward_coef: 'sorted' })) - columns).toBe(sorted)
  })
})
