/** The autotuner on sessions whose steps take a known time. Only types and the clock are made up; the search is the shipped one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KernelChoice, Plan, Session } from '../../src/engine/engine.ts'
import { Tuner } from '../../src/engine/webgpu/tuning.ts'
import { chooseVariants } from '../../src/engine/webgpu/variants.ts'
import { OutOfMemoryError } from '../../src/errors.ts'
import { createLayout } from '../../src/model/shape.ts'
import { resolveConfig } from '../../src/model/config.ts'
import { planFor } from './flat.ts'

const traits = { subgroups: true, software: false }
const layout = createLayout(resolveConfig({ width: [64, 64], grid: 5 }).layers)
const plan: Plan = { ...planFor(layout, 4096, {}), kernels: 'tune' }
const rule = chooseVariants({ ...plan, kernels: {} }, layout, traits).choice

let clock = 0
let trials: KernelChoice[] = []

beforeEach(() => {
  clock = 0
  trials = []
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** A tuner on a device where a step with these kernels takes so many milliseconds. */
function tunerFor(milliseconds: (kernels: KernelChoice) => number): Tuner {
  const open = async (trial: Plan): Promise<Session> => {
    const { choice } = chooseVariants(trial, createLayout(trial.layers), traits)
    const each = milliseconds(choice)
    trials.push(choice)
    const session: Partial<Session> = {
      upload: async () => {},
      run: async steps => {
        clock += steps * each
        return {} as never
      },
      close: async () => {},
    }
    return session as Session
  }
  return new Tuner(open, traits)
}

describe('the autotuner', () => {
  it('finds the fastest variant of each kernel, whatever the rule says', async () => {
    const cost = (kernels: KernelChoice): number =>
      1 +
      (kernels['forward'] === 'tile1' ? 0 : 1) +
      (kernels['backward_coef'] === 'columns' ? 0 : 1) +
      (kernels['backward_input'] === 'gather' ? 0 : 1) +
      (kernels['basis'] === 'single' ? 0 : 1) +
      (kernels['reductions'] === 'subgroups' ? 0 : 1)
    const found = await tunerFor(cost).choose(plan)
    expect(found).toMatchObject({
      forward: 'tile1',
      backward_coef: 'columns',
      backward_input: 'gather',
      basis: 'single',
      reductions: 'subgroups',
    })
  })

  it('stays with the rule where nothing is faster by more than noise', async () => {
    const cost = (kernels: KernelChoice): number => (kernels['forward'] === rule['forward'] ? 1 : 0.98)
    expect(await tunerFor(cost).choose(plan)).toEqual(rule)
    expect(trials.length).toBeGreaterThan(5)
  })

  it('passes over a variant that has no room', async () => {
    const cost = (kernels: KernelChoice): number => {
      if (kernels['backward_coef'] !== rule['backward_coef']) throw new OutOfMemoryError('full')
      return 1
    }
    expect(await tunerFor(cost).choose(plan)).toEqual(rule)
  })

  it('begins no trial after its time', async () => {
    // The first one alone takes ten seconds.
    await tunerFor(() => 2000).choose(plan)
    expect(trials.length).toBe(1)
  })

  it('asks once for a shape, and again for another optimizer', async () => {
    const tuner = tunerFor(() => 1)
    await tuner.choose(plan)
    const once = trials.length
    await tuner.choose(plan)
    expect(trials.length).toBe(once)
    await tuner.choose({ ...plan, optimizer: { kind: 'lbfgs' } })
    expect(trials.length).toBeGreaterThan(once)
  })

  it('keeps no failure', async () => {
    let broken = true
    const tuner = tunerFor(() => {
      if (broken) throw new Error('lost')
      return 1
    })
    await expect(tuner.choose(plan)).rejects.toThrow('lost')
    broken = false
    expect(await tuner.choose(plan)).toEqual(rule)
  })
})
