import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import type { KANOptions } from '../../src/model/config.ts'
import { Model } from '../../src/model/model.ts'
import { createLayout, parameterGroups } from '../../src/model/shape.ts'

describe('layout', () => {
  test('groups, knots and edges follow each other without holes', () => {
    const { layout } = new Model({ width: [3, 4, 2], grid: [5, 7], degree: [3, 2] })
    const groups = layout.layers.flatMap(parameterGroups)
    let end = 0
    for (const group of groups) {
      expect(group.start).toBe(end)
      end += group.size
    }
    expect(end).toBe(layout.parameters)
    expect(layout.parameters).toBe(12 * (8 + 2) + 2 * 4 + 8 * (9 + 2) + 2 * 2)
    expect(layout.knots).toBe(3 * 12 + 4 * 12)
    expect(layout.edges).toBe(12 + 8)
    expect(() => createLayout([])).toThrow(/at least one layer/)
  })
})

describe('initial parameters', () => {
  const model = new Model({ width: [2, 5, 1] })

  test('the golden numbers of seed 0, the same on every machine', () => {
    // Checked against Philox written anew in Python, with unlimited integers.
    const { coef, scaleBase } = model.layer(0).values
    expect(Array.from(coef.subarray(0, 3))).toEqual([
      0.0010007500378749112, -0.02646079904637786, 0.01745815732361387,
    ])
    expect(Array.from(scaleBase.subarray(0, 3))).toEqual([
      -0.8796579956118961, -0.6500268470961444, -0.05732529071437224,
    ])
    const last = model.layer(1).values
    expect(Array.from(last.coef.subarray(0, 2))).toEqual([-0.0036798936270507785, -0.022580487056842475])
    expect(last.scaleBase[0]).toBe(-0.28604116662800183)
  })

  test('noise, Xavier bounds, ones and zeros', () => {
    const { coef, scaleBase, scaleSpline, nodeScale, nodeBias, mask } = model.layer(0).values
    const largest = (values: Float64Array): number => Math.max(...values.map(Math.abs))
    // 80 and 10 uniform numbers: the largest is below the bound, and above half of it but once in 2^80 and 2^10 draws.
    expect(largest(coef)).toBeLessThanOrEqual(0.3 / 5 / 2)
    expect(largest(coef)).toBeGreaterThan(0.3 / 5 / 4)
    expect(largest(scaleBase)).toBeLessThanOrEqual(Math.sqrt(6 / 7))
    expect(largest(scaleBase)).toBeGreaterThan(Math.sqrt(6 / 7) / 2)
    for (const ones of [scaleSpline, nodeScale, mask]) expect(ones.every(value => value === 1)).toBe(true)
    expect(nodeBias.every(value => value === 0)).toBe(true)
    const sqrt = new Model({ width: [4, 1], scaleSplineInit: 'sqrt' }).layer(0).values.scaleSpline
    expect([...sqrt]).toEqual([0.5, 0.5, 0.5, 0.5])
  })

  test('a finer grid does not shift the base functions of the same seed', () => {
    const finer = new Model({ width: [2, 5, 1], grid: 20 })
    expect(finer.layer(1).values.scaleBase).toEqual(model.layer(1).values.scaleBase)
    expect(new Model({ width: [2, 5, 1], seed: 1 }).layer(1).values.scaleBase).not.toEqual(
      model.layer(1).values.scaleBase,
    )
  })
})

describe('Model', () => {
  test('without options it says how to call it', () => {
    const create = (options?: unknown): KAN => new KAN(options as KANOptions)
    expect(() => create()).toThrow(ConfigError)
    expect(() => create()).toThrow(/are undefined; .* new KAN\(\{ width: \[2, 5, 1\] \}\)/)
  })

  test('layer views write through; copies are independent', () => {
    const kan = new KAN({ width: [2, 3, 1] })
    kan.layer(-1).values.nodeBias[0] = 7
    expect(kan.parameters.at(-1)).toBe(7)
    const copy = kan.copy()
    expect(copy).toEqual(kan)
    expect(copy).toBeInstanceOf(KAN)
    copy.parameters[0] = 99
    copy.mask[0] = 0
    copy.knots[0] = -50
    expect([kan.parameters[0], kan.mask[0], kan.knots[0]]).not.toEqual([99, 0, -50])
    expect(kan.mask[0]).toBe(1)
  })

  test('width and the number of trainable parameters', () => {
    const trainable = { scaleSpline: true, nodeScale: true, nodeBias: true }
    expect(new Model({ width: [2, 5, 1] }).width).toEqual([2, 5, 1])
    expect(new Model({ width: [2, 5, 1] }).trainableParameters).toBe(15 * 9)
    expect(new Model({ width: [2, 5, 1], trainable }).trainableParameters).toBe(15 * 10 + 12)
  })
})
