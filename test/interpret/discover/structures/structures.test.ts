import { describe, expect, it } from 'vitest'
import { Model } from '../../../../src/model/model.ts'
import {
  denseStructure,
  isDeep,
  ladder,
  outputInputs,
  partitions,
  structureText,
  widthAndArity,
} from '../../../../src/interpret/discover/structures/structures.ts'

const positive = [1, 2, 3]
const signed = [-1, 2, 3]

describe('the ladder of structures', () => {
  it('divides numbers in all ways: the Bell numbers', () => {
    expect([1, 2, 3, 4].map(n => partitions(Array.from({ length: n }, (_, i) => i)).length)).toEqual([
      1, 2, 5, 15,
    ])
  })

  it.each([1, 2, 3, 4, 6])('has networks of %d inputs, the sums first', inputs => {
    const steps = ladder(inputs, positive)
    expect(steps[0]!.map(({ structure }) => structureText(structure))).toEqual(['+', '+', '+', '+', '+'])
    for (const { structure } of steps.flat()) {
      const model = new Model(widthAndArity(structure))
      expect(model.layout.inputs).toBe(inputs)
      expect(model.layout.outputs).toBe(1)
      // Every output of every layer has its inputs, and they exist.
      structure.layers.forEach((plan, l) => {
        const own = outputInputs(plan)
        expect(own).toHaveLength(model.layout.layers[l]!.outputs)
        const largest = Math.max(...own.map(list => (list === 'all' ? 0 : Math.max(...list))))
        expect(largest).toBeLessThan(model.layout.layers[l]!.inputs)
      })
    }
  })

  it('leaves out transforms that the target has no place for', () => {
    const names = (y: readonly number[]): Set<string> =>
      new Set(ladder(2, y).flatMap(step => step.map(({ target }) => target.name)))
    expect(names(positive)).toContain('log y')
    expect(names(signed)).toEqual(new Set(['y']))
    // No value near 0, and some far from it: signs that change at a pole.
    const pole = Array.from({ length: 40 }, (_, r) => 1 / (r - 19.7))
    expect(names(pole)).toEqual(new Set(['y', '1/y']))
    expect(names([...pole, 0.001])).toEqual(new Set(['y']))
    expect(names([-1.5, 0, 1.5])).toEqual(new Set(['y', 'sin y']))
    // 1 / y^2 would overflow.
    expect(names([1e-200, 1, 2])).not.toContain('1/y^2')
  })

  it('has the deep structures side by side, and others after them', () => {
    const deep = ladder(3, positive).map(step => step.map(({ structure }) => isDeep(structure)))
    const first = deep.findIndex(step => step.includes(true))
    const last = deep.findLastIndex(step => step.includes(true))
    expect(first).toBeGreaterThan(0)
    expect(last).toBeLessThan(deep.length - 1)
    expect(deep.slice(first, last + 1).flat()).not.toContain(false)
  })

  it('writes a structure in a line', () => {
    const structure = {
      inputs: 3,
      layers: [{ sums: ['all'], products: [[[0], [1, 2]]] }],
      starts: 1,
    } as const
    expect(structureText(structure)).toBe('+ *(1|2 3)')
    expect(widthAndArity(denseStructure([2, [1, 2], 1]))).toEqual({
      width: [2, [1, 2], 1],
      arity: [[2, 2], []],
    })
  })
})
