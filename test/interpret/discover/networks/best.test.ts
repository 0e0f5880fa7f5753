import { describe, expect, it } from 'vitest'
import { createCpuEngine, KAN } from '../../../../src/index.ts'
import type { Grown } from '../../../../src/interpret/discover/networks/grow.ts'
import { Judge } from '../../../../src/interpret/discover/judging/judge.ts'
import { resolveLogScales } from '../../../../src/interpret/discover/logscale.ts'
import { BestNetworks } from '../../../../src/interpret/discover/networks/best.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'
import type { TargetName } from '../../../../src/interpret/discover/structures/targets.ts'
import { fit } from '../../../../src/train/fit.ts'

describe('the network beside a formula', () => {
  const x = Float64Array.from({ length: 40 }, (_, r) => r / 40)
  const y = x.map(value => 1 + value)
  const all = { names: ['a'], x, y, rows: 40 }

  /** A network that says a line in the place of a transform of the target, at 0 and at 1. */
  async function grown(
    name: TargetName,
    error: number,
    [low, high]: readonly [number, number],
  ): Promise<Grown> {
    const model = new KAN({ width: [1, 1], seed: 1 })
    await fit(model, { x, y: x.map(value => low + (high - low) * value) }, { optimizer: 'lm', steps: 10 })
    const target = targetTransforms.find(one => one.name === name)!
    return { rung: { structure: { inputs: 1, layers: [], starts: 1 }, target }, model, error }
  }

  async function shown(heldOut: boolean, ...networks: readonly Grown[]): Promise<Grown> {
    const engine = createCpuEngine()
    const judge = new Judge(all)
    const ground = { training: all, validation: all, all, heldOut, judge, engine, seed: 0 }
    const best = new BestNetworks(ground)
    for (const one of networks) best.keep(one)
    const { signal } = new AbortController()
    const one = await best.shown({ ...ground, signal, log: resolveLogScales({}, 1) }, networks[0]!)
    await engine.destroy()
    return one
  }

  it('is one of the target itself, but where another is far better', async () => {
    const own = await grown('y', 0.1, [1, 2])
    const near = await grown('1/y', 0.06, [1, 0.5])
    const better = await grown('1/y', 0.04, [1, 0.5])
    expect(await shown(true, near, own)).toBe(own)
    expect(await shown(true, own, better)).toBe(better)
    // Of rows that it was fitted to its error says nothing of its pole.
    expect(await shown(false, better, own)).toBe(own)
  })

  it('has a value on every row', async () => {
    const own = await grown('y', 0.1, [1, 2])
    // 1 / sqrt(u) has none where u is below 0.
    const wild = await grown('1/y^2', 0.01, [1, -0.5])
    expect(await shown(true, wild, own)).toBe(own)
  })
})
