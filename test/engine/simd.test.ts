import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Gradients } from '../../src/engine/engine.ts'
import { ConfigError } from '../../src/errors.ts'
import { flatRows, flatten, planFor, relativeError, worstGroupError } from './flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from './samples.ts'
import type { NetworkCase } from './samples.ts'
import { engineSuite } from './suite.ts'

// As in cpu.test.ts, where the kernels in WebAssembly are tested.
const TOLERANCE = 1e-12
engineSuite('CPU engine in plain TypeScript', () => Promise.resolve(createCpuEngine({ simd: false })), {
  forward: TOLERANCE,
  gradient: TOLERANCE,
  trajectory: TOLERANCE,
  statistics: TOLERANCE,
})

async function gradientsOf(
  network: NetworkCase,
  layers: 'simd' | 'plain',
): Promise<Gradients & { outputs: Float64Array }> {
  await using engine = createCpuEngine()
  const flat = flatten(caseModel(network))
  const session = await engine.open(planFor(flat.layout, network.rows, { kernels: { layers } }))
  expect(session.kernels).toEqual({ layers })
  const training = flatRows(caseInputs(network), caseLoss(network, 'mse', network.rows > 1))
  await session.upload({ ...flat, training })
  return { ...(await session.gradients()), outputs: await session.predict(training.x) }
}

describe('the kernels in WebAssembly and in TypeScript', () => {
  // Every class of outputs modulo 8, and of rows modulo 2: the kernels have a tail for each.
  const tails = Array.from({ length: 9 }, (_, n): NetworkCase => {
    const name = `width [3, ${n + 1}, 2]`
    return { ...NETWORKS[0]!, name, width: [3, n + 1, 2], degree: 3, rows: 36 + n, seed: 40 + n }
  })
  // Blocks of 256 rows, the last one shorter, and inputs in more than one chunk.
  const large = { ...NETWORKS[0]!, name: 'width [60, 12, 3]', width: [60, 12, 3], degree: 3, rows: 601 }
  // Knot steps that alternate by 9 defeat the first guess of an interval, so that the search bisects.
  const uneven = { ...NETWORKS[0]!, name: 'ratio 9', degree: 3, ratio: 9, intervals: 40, rows: 200 }

  it.each([...NETWORKS, ...tails, large, uneven])('agree: $name', async network => {
    const [simd, plain] = [await gradientsOf(network, 'simd'), await gradientsOf(network, 'plain')]
    const { layout } = flatten(caseModel(network))
    // Both sum at most 601 rows * 60 inputs * 5 terms, in another order: 2 sqrt(1.8e5) roundings of 1.1e-16 each, 1e-13 of the
    // largest term; sums cancel to a tenth of it (measured: 1.0e-14).
    expect(relativeError(simd.outputs, plain.outputs)).toBeLessThan(1e-12)
    expect(relativeError(simd.loss, plain.loss)).toBeLessThan(1e-12)
    expect(relativeError(simd.inputs, plain.inputs)).toBeLessThan(1e-12)
    expect(worstGroupError(layout, simd.parameters, plain.parameters)).toBeLessThan(1e-12)
  })

  it('silu and its slope far from 0, where e^x overflows or is lost', async () => {
    const shape = { ...NETWORKS[0]!, name: 'silu', width: [1, 1], degree: 3, rows: 1 }
    const model = caseModel(shape)
    const [layer] = model.layers
    Object.assign(layer!, { scaleBase: [[1]], mask: [[1]], nodeScale: [1], nodeBias: [0] })
    const flat = flatten(model)
    const values = [
      0, -0, 1e-300, 1e-9, -36, 36, 700, -700, -708.5, -709.7, -710, -745, -1e4, 1e4, -1e300, 1e300,
    ]
    const x = Float64Array.from([...values, NaN, Infinity])
    const outputs = async (simd: boolean): Promise<Float64Array> => {
      await using engine = createCpuEngine({ simd })
      const session = await engine.open({ ...planFor(flat.layout, 0), rows: 0, batch: 0 })
      await session.upload(flat)
      return await session.predict(x)
    }
    const [simd, plain] = [await outputs(true), await outputs(false)]
    // e^x: 14 roundings of its series, about 2 ulp in all; below e^-708, 3e-308, nothing of silu is left that counts.
    const close = (a: number, b: number): boolean =>
      Object.is(a, b) || Math.abs(a - b) <= 1e-15 * Math.abs(b) + 1e-300
    expect([...simd].filter((value, r) => !close(value, plain[r]!))).toEqual([])
    expect(simd).toHaveLength(values.length + 2)
  })

  it('can be pinned, and nothing else', async () => {
    await using engine = createCpuEngine({ simd: false })
    const { layout } = flatten(caseModel(NETWORKS[0]!))
    const open = (kernels: Record<string, string>): Promise<unknown> =>
      engine.open(planFor(layout, 4, { kernels }))
    await expect(open({ layers: 'plain' })).resolves.toMatchObject({ kernels: { layers: 'plain' } })
    await expect(open({ layers: 'simd' })).rejects.toThrow(ConfigError)
    await expect(open({ forward: 'tiled' })).rejects.toThrow(ConfigError)
    await expect(open(JSON.parse('{"layers": null}') as Record<string, string>)).rejects.toThrow(
      /kernels\.layers is null; give the name of a variant/,
    )
  })
})
