import { describe, expect, it } from 'vitest'
import { ConfigError, UnsupportedError } from '../../src/errors.ts'
import { compile, derive } from '../../src/formula/index.ts'
import { findFunction, standardLibrary } from '../../src/interpret/curves/library.ts'
import { KAN } from '../../src/kan.ts'
import { fixEdge } from '../../src/model/fix.ts'
import type { Affine } from '../../src/model/fix.ts'
import { parseSymbolic } from '../../src/model/symbolic.ts'
import { concatenate, flatten, planFor, relativeError, roundModel } from '../engine/flat.ts'
import { caseInputs, caseModel, NETWORKS } from '../engine/samples.ts'
import type { NetworkCase } from '../engine/samples.ts'
import { oracleEdge, oracleForward, oracleActivations } from '../oracle/kan.ts'
import type { OracleModel } from '../oracle/kan.ts'
import { seeded } from '../oracle/random.ts'
import { withSymbolicEdges } from '../oracle/symbolic.ts'
import { bothEngines } from './require.ts'

const engines = bothEngines()

/** Half of the distance between 1 and the next float32. */
const EPSILON = 2 ** -24
/**
 * Roundings that formulas of the tests are good to, in their last places: their own functions' few, and those of what they
 * call.
 */
const ULPS = 16
/** What the library promises: each output within this share of the largest. */
const PROMISED = 1e-4

const SMALL = { ...NETWORKS[0]!, degree: 3, width: [3, 4, 2] }
const CASES: readonly (NetworkCase & { share: number })[] = [
  { ...SMALL, name: 'half of the edges', share: 0.5 },
  { ...SMALL, name: 'every edge', share: 1 },
  { ...SMALL, name: 'degree 5', degree: 5, share: 0.3 },
  { ...SMALL, name: 'wide enough for four outputs a thread', width: [4, 8, 4], share: 0.2 },
  { ...SMALL, name: 'three layers', width: [2, 3, 3, 2], share: 0.3 },
  { ...NETWORKS.find(({ name }) => name.startsWith('products of'))!, name: 'products', share: 0.4 },
]

function symbolicModel({ share, ...network }: NetworkCase & { share: number }, seed = 1): OracleModel {
  return roundModel(withSymbolicEdges(caseModel(network, seed), seeded(seed + 100), share))
}

/** Inputs in [-1, 1], where the squares and exponentials of three layers stay small; exact in float32. */
function inputsOf(network: NetworkCase, rows = network.rows): number[][] {
  return caseInputs(network, rows).map(row => row.map(value => Math.round((value / 3) * 1024) / 1024))
}

/**
 * First-order bound of what float32 does to the outputs: from layer to layer, at each row, the inputs' error times the slopes,
 * and the roundings of each edge (u = a x + b and its slope's share; f; c f + d; or the k + 1 terms of a spline, each after k
 * of Horner's steps) and of each sum. A product's factors pass on their errors times the others. Second-order terms are 2^-24
 * of it.
 */
function errorBound(model: OracleModel, x: number[][]): number {
  const levels = oracleActivations(model, x)
  let bound = 0
  x.forEach((_, b) => {
    let errors = levels[0]![b]!.map(() => 0)
    model.layers.forEach((layer, l) => {
      const nodes = levels[l]![b]!
      const outputs: { value: number; error: number }[] = layer.nodeBias.map((bias, j) => {
        let error = 0
        let size = Math.abs(bias)
        let value = 0
        nodes.forEach((node, i) => {
          const phi = oracleEdge(layer, i, j, node)
          const h = 1e-5
          const slope = (oracleEdge(layer, i, j, node + h) - oracleEdge(layer, i, j, node - h)) / (2 * h)
          const symbolic = layer.symbolic?.find(own => own.i === i && own.j === j)
          let local = (10 * (layer.degree + 1) + 20) * (Math.abs(phi) + 4)
          if (symbolic) {
            const [a = 0, shift = 0, c = 0, d = 0] = symbolic.affine
            const u = a * node + shift
            const own = Math.abs(c * symbolic.f(u))
            local =
              Math.abs(c * symbolic.slope(u)) * (2 * Math.abs(a * node) + Math.abs(u)) +
              ULPS * own +
              2 * (own + Math.abs(d))
          }
          value += phi
          size += Math.abs(phi)
          error += Math.abs(slope) * errors[i]! + local * EPSILON
        })
        const scale = Math.abs(layer.nodeScale[j]!)
        return {
          value: layer.nodeScale[j]! * value + bias,
          error: scale * error + (nodes.length + 3) * EPSILON * (scale * size + Math.abs(bias)),
        }
      })
      const products = layer.products ?? []
      let at = outputs.length - products.reduce((sum, factors) => sum + factors, 0)
      errors = outputs.slice(0, at).map(({ error }) => error)
      for (const factors of products) {
        const own = outputs.slice(at, at + factors)
        const product = own.reduce((p, { value }) => p * Math.abs(value), 1)
        const others = (f: number): number =>
          own.reduce((p, { value }, g) => (g === f ? p : p * Math.abs(value)), 1)
        errors.push(own.reduce((sum, { error }, f) => sum + error * others(f), factors * EPSILON * product))
        at += factors
      }
    })
    bound = Math.max(bound, ...errors)
  })
  return bound
}

describe('symbolic edges on the GPU', () => {
  it.each(CASES)('predict as the oracle does, for two models: $name', async network => {
    const models = [symbolicModel(network, 1), symbolicModel(network, 1)]
    const flat = models.map(flatten)
    // Another mask and the same edges: two models share their functions, not their numbers.
    models[1]!.layers.forEach(layer => {
      layer.nodeScale = layer.nodeScale.map(scale => Math.fround(1.1 * scale))
      layer.symbolic?.forEach(own => (own.affine = own.affine.map(value => Math.fround(0.9 * value))))
    })
    flat[1] = flatten(models[1]!)
    const session = await engines.gpu.open(planFor(flat[0]!.layout, 0, { models: 2 }))
    await session.upload({
      parameters: concatenate(flat.map(model => model.parameters)),
      knots: concatenate(flat.map(model => model.knots)),
      mask: concatenate(flat.map(model => model.mask)),
    })
    const x = inputsOf(network)
    const found = await session.predict(Float64Array.from(x.flat()))
    await session.close()
    models.forEach((model, m) => {
      const own = found.subarray((m * found.length) / 2, ((m + 1) * found.length) / 2)
      const expected = oracleForward(model, x).flat()
      const largest = Math.max(...expected.map(Math.abs))
      expect(relativeError(own, expected)).toBeLessThan(errorBound(model, x) / largest)
      expect(relativeError(own, expected)).toBeLessThan(PROMISED)
    })
  })

  it('predict more rows than go at a time, and have the statistics of the CPU', async () => {
    const network = CASES[0]!
    const flat = flatten(symbolicModel(network))
    const x = Float64Array.from(inputsOf(network, 2500).flat())
    const found = await Promise.all(
      [engines.gpu, engines.cpu].map(async engine => {
        const session = await engine.open(planFor(flat.layout, 0))
        await session.upload(flat)
        const result = { outputs: await session.predict(x), statistics: await session.statistics(x) }
        await session.close()
        return result
      }),
    )
    const [gpu, cpu] = found
    expect(relativeError(gpu!.outputs, cpu!.outputs)).toBeLessThan(PROMISED)
    cpu!.statistics[0]!.forEach((expected, l) => {
      const own = gpu!.statistics[0]![l]!
      for (const name of [
        'inputMin',
        'inputMax',
        'edgeL1',
        'edgeMean',
        'edgeDeviation',
        'nodeDeviation',
      ] as const)
        expect(relativeError(own[name], expected[name]), `${name} of layer ${l}`).toBeLessThan(PROMISED)
    })
  })

  it('predict without a mask, in which no symbolic edge has a spline', async () => {
    const { layout, parameters, knots } = flatten(symbolicModel(CASES[1]!))
    const x = Float64Array.from(inputsOf(SMALL).flat())
    const [gpu, cpu] = await Promise.all(
      [engines.gpu, engines.cpu].map(async engine => {
        const session = await engine.open(planFor(layout, 0))
        await session.upload({ parameters, knots })
        const outputs = await session.predict(x)
        await session.close()
        return outputs
      }),
    )
    expect(relativeError(gpu!, cpu!)).toBeLessThan(PROMISED)
  })

  it('are evaluated and calibrated, and trained elsewhere', async () => {
    const plain = new KAN({ width: [1, 1] })
    const kan = new KAN(fixEdge(plain, 0, 0, 0, { name: 'sin', formula: 'sin(u)', affine: [3, 0, 1, 0] }))
    const x = Float64Array.from({ length: 50 }, (_, p) => p / 25 - 1)
    const y = x.map(point => 2 * Math.sin(3.1 * point))
    await expect(kan.fit({ x, y }, { engine: engines.gpu })).rejects.toThrow(UnsupportedError)
    await kan.fit({ x, y })
    const [gpu, cpu] = await Promise.all(
      [engines.gpu, engines.cpu].map(async engine => {
        const own = kan.copy()
        await own.calibrate(x, { engine })
        return [(await own.evaluate({ x, y }, { engine })).rmse!, own.statistics!.layers[0]!.edgeL1[0]!]
      }),
    )
    // float32 is all that is left of the error: a few units of 2^-24 of a value of 2.
    expect(gpu![0]).toBeLessThan(2 * ULPS * EPSILON)
    expect(cpu![0]).toBeLessThan(1e-12)
    expect(relativeError([gpu![1]!], [cpu![1]!])).toBeLessThan(PROMISED)
  })

  it('know every function of the library', async () => {
    const others = ['sinh', 'arcsinh', 'arccosh', 'cbrt', 'erf', 'sigmoid', 'silu', 'relu', 'j1']
    const functions = [...standardLibrary, ...others.map(name => findFunction(name))]
    // u in [0.2, 0.8], and [1.2, 1.8] for arccosh, exactly: inside every domain, away from its ends.
    const affine = (name: string): Affine => [0.25, name === 'arccosh' ? 1.5 : 0.5, 1, 0]
    const plain = new KAN({ width: [1, functions.length], scaling: { input: 'none', output: 'none' } })
    const kan = functions.reduce<KAN>(
      (model, { name, formula }, j) =>
        new KAN(fixEdge(model, 0, 0, j, { name, formula, affine: affine(name) })),
      plain,
    )
    const x = Float64Array.from({ length: 301 }, (_, p) => (p - 150) / 128)
    const found = await kan.predict(x, { engine: engines.gpu })
    const wrong: string[] = []
    functions.forEach(({ name, formula }, j) => {
      const tree = parseSymbolic(formula)
      const [f, slope] = [compile(tree, ['u']), compile(derive(tree, 'u'), ['u'])]
      const [a, b] = affine(name)
      x.forEach((point, row) => {
        const u = [a * point + b]
        // u is exact; f is good to its last places. Six: those of the functions, and of 1/u^5 and u sqrt(u) around them.
        const bound = EPSILON * (ULPS * Math.abs(f(u)) + Math.abs(slope(u) * u[0]!)) + 2 ** -126
        const error = Math.abs(found[row * functions.length + j]! - f(u))
        if (!(error <= bound)) wrong.push(`${name} at ${u[0]}: ${error / EPSILON} units of 2^-24`)
      })
    })
    expect(wrong.slice(0, 10)).toEqual([])
  })
})

describe('what the GPU does not do', () => {
  const flat = flatten(symbolicModel(CASES[0]!))

  it('training says to use the CPU and lm, and leaves nothing behind', async () => {
    const before = (await engines.gpu.memory()).bytes
    const opened = engines.gpu.open(planFor(flat.layout, 10))
    await expect(opened).rejects.toThrow(UnsupportedError)
    await expect(opened).rejects.toThrow(/CPU engine.*'lm'/s)
    expect((await engines.gpu.memory()).bytes).toBe(before)
  })

  it('constants that float32 does not hold', async () => {
    const [first, ...others] = planFor(flat.layout, 0).layers
    const symbolic = first!.symbolic!.map(own => ({ ...own, formula: 'u + 1e-60' }))
    const opened = engines.gpu.open(planFor(flat.layout, 0, { layers: [{ ...first!, symbolic }, ...others] }))
    await expect(opened).rejects.toThrow(ConfigError)
    await expect(opened).rejects.toThrow(/1e-60/)
  })
})
