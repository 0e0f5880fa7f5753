import { describe, expect, it } from 'vitest'
import { randomNetwork, randomRows } from '../../src/engine/parity/cases.ts'
import { relativeError } from '../../src/engine/parity/ledger.ts'
import { EPSILON, tolerances } from '../../src/engine/parity/tolerances.ts'
import { createLayout, parameterGroups } from '../../src/model/shape.ts'
import { Random } from '../../src/random.ts'
import { planFor } from '../engine/flat.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: EPSILON } as const

describe('the gradient on the GPU', () => {
  const both = bothEngines()

  it.each([3, 4, 5])('agrees with finite differences of the float64 loss: degree %i', async degree => {
    const test = { ...PLAIN, width: [2, 3, 1], degree, uniform: false, rows: 50, batch: 50 }
    const shapes = [
      { inputs: 2, outputs: 3, intervals: 5, degree, base: 'silu' as const },
      { inputs: 3, outputs: 1, intervals: 5, degree, base: 'silu' as const },
    ]
    const layout = createLayout(shapes)
    const random = new Random(degree)
    // All of it exact in float32: both engines start from the same numbers.
    const network = randomNetwork(random, layout, test)
    const training = randomRows(random, test, test.rows)
    const [onGpu, onCpu] = await Promise.all(
      [both.gpu, both.cpu].map(async engine => {
        const session = await engine.open(planFor(layout, test.rows))
        await session.upload({ ...network, training })
        return session
      }),
    )
    const { parameters: gradient } = await onGpu!.gradients()
    const allowed = tolerances(test)
    for (let trial = 0; trial < 3; trial++) {
      const direction = Float64Array.from(gradient, () => 2 * random.uniform() - 1)
      const lossAt = async (step: number): Promise<number> => {
        await onCpu!.upload({ parameters: network.parameters.map((p, i) => p + step * direction[i]!) })
        return (await onCpu!.gradients()).loss[0]!
      }
      // Central differences at h and h / 2, extrapolated: what is left is about h^4 = 1e-16 of the fifth derivative, and rounding,
      // 2^-53 / h = 1e-12 of the loss.
      const h = 1e-4
      const wide = ((await lossAt(h)) - (await lossAt(-h))) / (2 * h)
      const narrow = ((await lossAt(h / 2)) - (await lossAt(-h / 2))) / h
      const difference = (4 * narrow - wide) / 3
      let derivative = 0
      // Every gradient may err by its tolerance of the largest one in its group and layer, and errors add up at random.
      let variance = 0
      for (const { name, start, size } of layout.layers.flatMap(parameterGroups)) {
        const own = gradient.subarray(start, start + size)
        const result =
          name === 'nodeScale' || name === 'nodeBias' ? 'nodes' : name === 'scaleBase' ? name : 'scaleSpline'
        const error = allowed[result] * Math.max(...own.map(Math.abs))
        own.forEach((g, p) => {
          derivative += g * direction[start + p]!
          variance += (error * direction[start + p]!) ** 2
        })
      }
      const tolerance = 4 * Math.sqrt(variance) + 1e-9
      expect(Math.abs(derivative - difference)).toBeLessThan(tolerance)
      // The tolerance is worth something.
      expect(tolerance).toBeLessThan(1e-3 * Math.abs(difference))
    }
    await onGpu!.close()
    await onCpu!.close()
  })

  it('and the step are right where a dispatch is folded: over 65535 workgroups of 64', async () => {
    const shape = { inputs: 700, outputs: 800, intervals: 6, degree: 1, base: 'silu' as const }
    const test = { ...PLAIN, width: [700, 800], intervals: 6, degree: 1, rows: 1, batch: 1 }
    const layout = createLayout([shape])
    expect(layout.parameters).toBeGreaterThan(65535 * 64)
    const random = new Random(1)
    const network = randomNetwork(random, layout, test)
    const training = randomRows(random, test, 1)
    const [actual, expected] = await Promise.all(
      [both.gpu, both.cpu].map(async engine => {
        const session = await engine.open(planFor(layout, 1, { optimizer: ADAM }))
        await session.upload({ ...network, training, learningRate: Float64Array.of(0.01) })
        const { parameters: gradient } = await session.gradients()
        await session.run(1)
        const { parameters } = await session.read()
        await session.close()
        return { gradient, moved: parameters.map((p, i) => p - network.parameters[i]!) }
      }),
    )
    const allowed = tolerances(test)
    expect(relativeError(actual!.gradient, expected!.gradient)).toBeLessThan(allowed.scaleSpline)
    expect(relativeError(actual!.moved, expected!.moved)).toBeLessThan(allowed.moves)
  })
})
