import { describe, expect, it } from 'vitest'
import { checkPeer } from '../../bench/peers/check.ts'
import { ADAM, denseLayers, initialModel } from '../../bench/peers/network.ts'
import type { DenseLayer } from '../../bench/peers/network.ts'
import type { Peer, PeerTask } from '../../bench/peers/peer.ts'
import { torchPeers } from '../../bench/peers/torch.ts'
import { oracleGradient } from '../oracle/kan.ts'
import type { OracleLayer, OracleModel } from '../oracle/kan.ts'

/** What a peer may do wrong. */
interface Flaws {
  /** Factors of the learning rate and of the gradients that it reports. */
  readonly rate?: number
  readonly gradient?: number
  /** Takes so many steps fewer than it is told to. */
  readonly fewer?: number
  /** Changes the network before it begins. */
  readonly change?: (layers: OracleLayer[]) => void
}

/** A peer that computes with the oracle's dense loops, in float64. */
function oraclePeer(flaws: Flaws = {}, factorRounding = 0): Peer {
  const { rate = 1, gradient = 1, fewer = 0, change } = flaws
  return {
    name: 'oracle',
    beside: 'cpu',
    factorRounding,
    missing: () => Promise.resolve(undefined),
    versions: () => Promise.resolve({}),
    open(task) {
      const model = oracleOf(task)
      change?.(model.layers)
      const slope = () => slopeOf(model, task)
      return Promise.resolve({
        gradients() {
          const { loss, layers } = slope()
          return Promise.resolve({ loss, layers: layers.map(layer => layer.map(each => each * gradient)) })
        },
        run(steps) {
          const memory = model.layers.map(() => ({ first: [] as number[], second: [] as number[] }))
          let loss = Infinity
          for (let step = 1; step <= steps - fewer; step++) {
            const slopes = slope()
            loss = slopes.loss
            slopes.layers.forEach((layer, l) => adamStep(model.layers[l]!, layer, memory[l]!, step, rate))
          }
          return Promise.resolve({ milliseconds: 1, loss })
        },
        close: () => Promise.resolve(),
      })
    },
  }
}

function oracleOf(task: PeerTask): OracleModel {
  return { layers: denseLayers(initialModel(task)).map(oracleLayer) }
}

function oracleLayer({ inputs, outputs, degree, bases, knots, coef, base }: DenseLayer): OracleLayer {
  const rows = (values: Float32Array, count: number): number[][] =>
    Array.from({ length: count }, (_, r) => {
      const size = values.length / count
      return [...values.subarray(r * size, (r + 1) * size)]
    })
  const all = (value: number): number[][] =>
    Array.from({ length: inputs }, () => Array<number>(outputs).fill(value))
  const table = rows(coef, inputs * bases)
  return {
    inputs,
    outputs,
    degree,
    intervals: bases - degree,
    base: 'silu',
    knots: rows(knots, inputs),
    coef: Array.from({ length: inputs }, (_, i) => table.slice(i * bases, (i + 1) * bases)),
    scaleBase: rows(base, inputs),
    scaleSpline: all(1),
    mask: all(1),
    nodeScale: Array<number>(outputs).fill(1),
    nodeBias: Array<number>(outputs).fill(0),
  }
}

/** Loss and gradients, those of a layer flat: coef, then scaleBase. */
function slopeOf(model: OracleModel, { samples, shape }: PeerTask): { loss: number; layers: Float32Array[] } {
  const nested = (values: Float32Array): number[][] => {
    const size = values.length / shape.batch
    return Array.from({ length: shape.batch }, (_, b) => [...values.subarray(b * size, (b + 1) * size)])
  }
  const { loss, layers } = oracleGradient(model, nested(samples.x), {
    kind: 'mse',
    target: nested(samples.y),
  })
  return {
    loss,
    layers: layers.map(({ coef, scaleBase }) => Float32Array.from([...coef.flat(2), ...scaleBase.flat()])),
  }
}

/** Adam, literally (Kingma and Ba, algorithm 1), on the flat order of slopeOf. */
function adamStep(
  layer: OracleLayer,
  gradient: Float32Array,
  { first, second }: { first: number[]; second: number[] },
  step: number,
  factor: number,
): void {
  const { rate, beta1, beta2, epsilon } = ADAM
  const rows = [...layer.coef.flat(1), ...layer.scaleBase]
  gradient.forEach((g, p) => {
    first[p] = beta1 * (first[p] ?? 0) + (1 - beta1) * g
    second[p] = beta2 * (second[p] ?? 0) + (1 - beta2) * g * g
    const mean = first[p] / (1 - beta1 ** step)
    const size = Math.sqrt(second[p] / (1 - beta2 ** step))
    const row = rows[Math.floor(p / layer.outputs)]!
    row[p % layer.outputs] = row[p % layer.outputs]! - (factor * rate * mean) / (size + epsilon)
  })
}

describe('the check of a peer', () => {
  it('agrees with a dense computation of the same network', async () => {
    const { agrees, errors } = await checkPeer(oraclePeer())
    expect(agrees).toBe(true)
    // Float64 on both sides; gradients are handed over as float32.
    expect(errors.loss).toBeLessThan(1e-13)
    expect(errors.gradients).toBeLessThan(2 ** -23)
    expect(errors.descent).toBeLessThan(1e-7)
  })

  it.each<[string, Flaws]>([
    ['gradients a ten-thousandth too long', { gradient: 1 + 1e-4 }],
    ['a learning rate a hundredth too high', { rate: 1.01 }],
    ['a step too few', { fewer: 1 }],
    ['no base function', { change: layers => layers[0]!.scaleBase.forEach(row => row.fill(0)) }],
    [
      'knots a thousandth of a step aside',
      {
        change: layers =>
          layers[1]!.knots.forEach(row =>
            row.forEach((knot, t) => (row[t] = knot + 1e-3 * (row[1]! - row[0]!))),
          ),
      },
    ],
    [
      'a last basis that is never there',
      { change: layers => layers[0]!.coef.forEach(rows => rows.at(-1)!.fill(0)) },
    ],
  ])('finds %s', async (_, flaws) => {
    expect((await checkPeer(oraclePeer(flaws))).agrees).toBe(false)
  })

  it('allows factors of 10 bits what they cost, and no more', async () => {
    const gradient = 1 + 2 ** -10
    expect((await checkPeer(oraclePeer({ gradient }))).agrees).toBe(false)
    expect((await checkPeer(oraclePeer({ gradient }, 2 ** -11))).agrees).toBe(true)
    expect((await checkPeer(oraclePeer({ gradient: 1.02 }, 2 ** -11))).agrees).toBe(false)
  })
})

describe('PyTorch', () => {
  it.each([
    ['is not there', 'no-such-interpreter', /^no-such-interpreter with torch does not run here: .*ENOENT/],
    // Node takes no -u: an interpreter that ends at once, with a reason.
    ['cannot run the peer', process.execPath, /with torch does not run here: .*-u/],
  ])('is missing, with a reason, where its interpreter %s', async (_, python, reason) => {
    const peers = torchPeers(python)
    for (const peer of peers) expect(await peer.missing()).toMatch(reason)
    for (const peer of peers) await peer.destroy!()
  })
})
