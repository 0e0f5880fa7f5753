import { describe, expect, it } from 'vitest'
import { edgeCurve } from '../../src/model/curve.ts'
import { fixEdge } from '../../src/model/fix.ts'
import { column, forwardNodes } from '../../src/model/forward.ts'
import { Model } from '../../src/model/model.ts'
import { muteDeadEnds, muteEdge } from '../../src/model/mute.ts'
import { nodeOutputs } from '../../src/model/products.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import { modelFromOracle } from './flatmodel.ts'

const rows = Float64Array.from({ length: 80 }, (_, p) => Math.sin(p))

/** Two inputs; a sum and a product of two factors; one output. Numbers are random in every group. */
function network(): Model {
  const layer = { intervals: 4, degree: 3, base: 'silu' as const }
  const model = modelFromOracle(randomModel(seeded(3), [2, 2, 1], [{ ...layer, products: [2] }, layer]))
  model.mask.fill(1)
  return model
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0)
}

describe('muteEdge', () => {
  it('leaves the mean of its output as it was', () => {
    const model = network()
    const muted = new Model(model)
    // From input 1 to the sum, which is output 0 of three.
    muteEdge(muted.layer(0), 3, mean(edgeCurve(model, 0, 1, 0, column(rows, 2, 1))))
    expect([...muted.mask]).toEqual([1, 1, 1, 0, 1, 1, 1, 1])
    const [before, after] = [model, muted].map(own => column(forwardNodes(own, rows)[1]!, 2, 0))
    expect(after).not.toEqual(before)
    // Means of 40 values below 10, each right to some units in the last place: 1e-13 is tenfold.
    expect(Math.abs(mean(after!) - mean(before!))).toBeLessThan(1e-13)
  })
})

describe('muteDeadEnds', () => {
  it('masks the splines to a node that no edge leaves, to all factors of a product; nothing else', () => {
    const model = network()
    model.layer(1).values.mask[1] = 0
    const pruned = new Model(model)
    muteDeadEnds(pruned)
    expect([...pruned.mask]).toEqual([1, 0, 0, 1, 0, 0, 1, 0])
    expect(pruned.parameters).toEqual(model.parameters)
    expect(forwardNodes(pruned, rows)[2]).toEqual(forwardNodes(model, rows)[2])
  })

  it('takes a known function for an edge that leads on', () => {
    const model = fixEdge(network(), 1, 1, 0, { name: 'sin', formula: 'sin(u)' })
    model.layer(1).values.mask[0] = 0
    muteDeadEnds(model)
    expect([...model.mask]).toEqual([0, 1, 1, 0, 1, 1, 0, 0])
  })
})

describe('nodeOutputs', () => {
  it('names one output for a sum and all factors for a product', () => {
    expect(nodeOutputs({ outputs: 2 })).toEqual([[0], [1]])
    expect(nodeOutputs({ outputs: 7, products: [2, 3] })).toEqual([[0], [1], [2, 3], [4, 5, 6]])
  })
})
