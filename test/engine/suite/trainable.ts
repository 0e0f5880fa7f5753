import { expect, it } from 'vitest'
import type { Engine } from '../../../src/engine/engine.ts'
import { parameterGroups } from '../../../src/model/shape.ts'
import type { Trainable } from '../../../src/model/shape.ts'
import { oracleGradient } from '../../oracle/kan.ts'
import { flatRows, flatten, flattenParameters, planFor, relativeError } from '../flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from '../samples.ts'
import type { Tolerances } from '../suite.ts'

const NAMES = ['coef', 'scaleBase', 'scaleSpline', 'nodeScale', 'nodeBias'] as const

/** All 31 sets with at least one group; set s has the groups whose bits are in s. */
const SETS = Array.from({ length: 31 }, (_, s): Trainable => {
  const has = (bit: number): boolean => (((s + 1) >> bit) & 1) === 1
  return {
    coef: has(0),
    scaleBase: has(1),
    scaleSpline: has(2),
    nodeScale: has(3),
    nodeBias: has(4),
    affine: true,
  }
})

const network = { ...NETWORKS[0]!, width: [2, 3, 2], degree: 3, rows: 13 }
const model = caseModel(network)
const flat = flatten(model)
const x = caseInputs(network)
const loss = caseLoss(network, 'mse', true)
const expected = flattenParameters(flat.layout, oracleGradient(model, x, loss).layers)

/** Each set of groups an optimizer may change, on a network whose scales are all different from 1. */
export function trainableSuite(engineOf: () => Engine, tolerances: Tolerances): void {
  it('get their gradients, the others zeros, in all 31 sets', async () => {
    const wrong: string[] = []
    for (const trainable of SETS) {
      const session = await engineOf().open(planFor(flat.layout, x.length, { trainable }))
      await session.upload({ ...flat, training: flatRows(x, loss), learningRate: Float64Array.of(0.1) })
      const { parameters: gradient } = await session.gradients()
      await session.run(1)
      const { parameters } = await session.read()
      await session.close()
      flat.layout.layers.forEach((layer, l) => {
        for (const { name, start, size } of parameterGroups(layer)) {
          const own = gradient.subarray(start, start + size)
          const moved = parameters
            .subarray(start, start + size)
            .some((p, i) => p !== flat.parameters[start + i])
          const right = trainable[name]
            ? relativeError(own, expected.subarray(start, start + size)) < tolerances.gradient && moved
            : own.every(g => g === 0) && !moved
          if (!right) wrong.push(`${name} of layer ${l} with ${NAMES.filter(n => trainable[n]).join(', ')}`)
        }
      })
    }
    expect(wrong).toEqual([])
  })

  it('have no gradient on masked edges', async () => {
    const session = await engineOf().open(planFor(flat.layout, x.length))
    await session.upload({ ...flat, training: flatRows(x, loss) })
    const { parameters } = await session.gradients()
    expect(flat.mask).toContain(0)
    for (const layer of flat.layout.layers)
      for (let e = 0; e < layer.inputs * layer.outputs; e++) {
        const absent = flat.mask[layer.edges + e] === 0
        expect(parameters[layer.scaleBase + e] === 0).toBe(absent)
        expect(parameters[layer.scaleSpline + e] === 0).toBe(absent)
      }
  })
}
