import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { edgeCurve } from '../../src/model/curve.ts'
import type { KANOptions } from '../../src/model/config.ts'
import { Model } from '../../src/model/model.ts'
import { formatWidth } from '../../src/model/width.ts'

const shapes: readonly (readonly [KANOptions, string, number[]])[] = [
  [{ width: [2, 5, 1] }, '[2, 5, 1]', [2, 5, 1]],
  [{ width: [2, [3, 2], 1] }, '[2, [3, 2], 1]', [2, 5, 1]],
  [{ width: [3, [1, 2], [0, 1]], arity: 3 }, '[3, [1, 2], [0, 1]] with arity 3', [3, 3, 1]],
  [
    { width: [3, [1, 2], 4, [0, 1]], arity: [[2, 3], 2, 4] },
    '[3, [1, 2], 4, [0, 1]] with arity [[2, 3], [], [4]]',
    [3, 3, 4, 1],
  ],
]

describe('the width of a model', () => {
  it.each(shapes)('%j is %s', (options, text, nodes) => {
    const model = new Model(options)
    expect(formatWidth(model.layout.layers)).toBe(text)
    expect(model.width).toEqual(options.width)
    expect([model.layout.inputs, ...model.layout.layers.map(layer => layer.nodes)]).toEqual(nodes)
    // What a model says of itself makes another one of the same shape.
    const again = new Model({ width: model.width, arity: model.arity })
    expect(again.config).toEqual(model.config)
  })

  it('is in the message of an edge that there is not: edges go to sums and factors', () => {
    const model = new Model({ width: [2, [1, 1], 1] })
    expect(edgeCurve(model, 0, 1, 2, [0.5])).toHaveLength(1)
    expect(() => edgeCurve(model, 0, 1, 3, [0.5])).toThrow(ConfigError)
    expect(() => edgeCurve(model, 0, 1, 3, [0.5])).toThrow('this network is [2, [1, 1], 1].')
  })
})
