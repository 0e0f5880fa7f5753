import { describe, expect, it } from 'vitest'
import { ShapeError } from '../../src/errors.ts'
import { forwardNodes } from '../../src/model/forward.ts'
import { relativeError } from '../engine/flat.ts'
import { oracleActivations } from '../oracle/kan.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import { modelFromOracle } from './flatmodel.ts'

describe('forwardNodes', () => {
  it.each([
    { name: 'sums', products: [[], [], []] },
    { name: 'sums and products', products: [[2, 3], [3], [2]] },
  ])(
    'has the values of all nodes as the oracle has them, masks, affines and bases included: $name',
    ({ products }) => {
      const random = seeded(5)
      const oracle = randomModel(
        random,
        [3, 4, 2, 2],
        [
          { intervals: 4, degree: 3, base: 'silu', ratio: 3, products: products[0]! },
          { intervals: 3, degree: 2, base: 'identity', products: products[1]! },
          { intervals: 5, degree: 1, base: 'zero', products: products[2]! },
        ],
      )
      const x = Array.from({ length: 50 }, () => [3 * random() - 1.5, 3 * random() - 1.5, 3 * random() - 1.5])
      const nodes = forwardNodes(modelFromOracle(oracle), Float64Array.from(x.flat()))
      const expected = oracleActivations(oracle, x)
      expect(nodes.length).toBe(4)
      // Sums of 4 edges of 5 terms, three layers deep, slopes up to 10: 1e-13 is a hundredfold of what rounding does.
      nodes.forEach((level, l) => expect(relativeError(level, expected[l]!.flat())).toBeLessThan(1e-13))
    },
  )

  it('refuses half a row', () => {
    const model = modelFromOracle(randomModel(seeded(1), [2, 1], [{ intervals: 3, degree: 3, base: 'silu' }]))
    expect(() => forwardNodes(model, new Float64Array(3))).toThrow(ShapeError)
  })
})
