import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { edgeCurve } from '../../src/model/curve.ts'
import { fixEdge, unfixEdge } from '../../src/model/fix.ts'
import type { SymbolicCurve } from '../../src/model/fix.ts'
import { forwardNodes } from '../../src/model/forward.ts'
import { updateGrid } from '../../src/model/gridupdate.ts'
import { refineModel } from '../../src/model/refine.ts'
import { subnetwork } from '../../src/model/subnetwork.ts'
import { relativeError } from '../engine/flat.ts'
import { oracleActivations } from '../oracle/kan.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import { withSymbolicEdges } from '../oracle/symbolic.ts'
import { modelFromOracle } from './flatmodel.ts'

const SINE: SymbolicCurve = { name: 'sin', formula: 'sin(u)', affine: [2, 0.5, -1.5, 0.25] }
const SQUARE: SymbolicCurve = { name: 'x^2', formula: 'u^2', affine: [1, -1, 0.5, 0] }

/** [2, 3, 2] with random numbers in every group, and without scaling. */
function plainModel(): KAN {
  const layers = [4, 6].map(intervals => ({ intervals, degree: 3, base: 'silu' as const }))
  const kan = new KAN(modelFromOracle(randomModel(seeded(3), [2, 3, 2], layers)))
  kan.mask.fill(1)
  return kan
}

const rows = Float64Array.from({ length: 80 }, (_, p) => Math.sin(p))

describe('fixEdge and unfixEdge', () => {
  it('put a function in the place of one spline, and leave everything else', () => {
    const model = plainModel()
    const fixed = fixEdge(model, 1, 2, 0, SINE)
    expect(fixed).not.toBe(model)
    expect(model.config.layers[1]!.symbolic).toBeUndefined()
    expect(fixed.config.layers[1]!.symbolic).toEqual([
      { edge: 4, name: 'sin', formula: 'sin(u)', fixedAt: [2, 0.5, -1.5, 0.25] },
    ])
    expect([...edgeCurve(fixed, 1, 2, 0, [0.3])]).toEqual([-1.5 * Math.sin(2 * 0.3 + 0.5) + 0.25])
    for (const [i, j] of [
      [2, 1],
      [1, 0],
      [0, 0],
    ] as const)
      expect(edgeCurve(fixed, 1, i, j, rows)).toEqual(edgeCurve(model, 1, i, j, rows))
    const { affine, mask: _, ...others } = fixed.layer(1).values
    const { affine: none, mask: __, ...before } = model.layer(1).values
    expect(others).toEqual(before)
    expect([affine.length, none.length]).toEqual([4, 0])
    // Four numbers train in the place of a scale and 6 + 3 coefficients.
    expect(fixed.trainableParameters).toBe(model.trainableParameters + 4 - 10)
    expect(fixed.layer(0).values).toEqual(model.layer(0).values)
  })

  it('keep the numbers of edges fixed before, in any order, and give the spline back', () => {
    const model = plainModel()
    const first = fixEdge(fixEdge(model, 0, 1, 2, SINE), 0, 0, 1, SQUARE)
    expect(first.config.layers[0]!.symbolic!.map(({ edge }) => edge)).toEqual([1, 5])
    expect([...first.layer(0).values.affine]).toEqual([...SQUARE.affine!, ...SINE.affine!])
    const again = fixEdge(first, 0, 1, 2, { name: 'sin', formula: 'sin(u)' })
    expect([...again.layer(0).values.affine]).toEqual([...SQUARE.affine!, 1, 0, 1, 0])
    const third = fixEdge(again, 1, 0, 0, SINE)
    expect([...third.layer(0).values.affine]).toEqual([...again.layer(0).values.affine])
    const half = unfixEdge(unfixEdge(third, 0, 0, 1), 1, 0, 0)
    expect([...half.layer(0).values.affine]).toEqual([1, 0, 1, 0])
    const whole = unfixEdge(half, 0, 1, 2)
    const { config, parameters, knots, mask } = model
    expect(whole).toMatchObject({ config, parameters, knots, mask })
  })

  it('give a spline that follows the function where that has been trained since', () => {
    const model = plainModel()
    const fixed = fixEdge(model, 1, 2, 0, SINE)
    const place = fixed.layer(1).symbolic!.findIndex(({ edge }) => edge === 4)
    fixed.layer(1).values.affine[4 * place] = 2.5
    const { degree, intervals, knotsPerInput, values } = fixed.layer(1)
    const knots = values.knots.subarray(2 * knotsPerInput, 3 * knotsPerInput)
    const [low, high] = [knots[degree]!, knots[degree + intervals]!]
    const inside = Float64Array.from({ length: 50 }, (_, p) => low + ((high - low) * p) / 49)
    const back = unfixEdge(fixed, 1, 2, 0)
    const expected = edgeCurve(fixed, 1, 2, 0, inside)
    const widest = Math.max(
      ...Array.from({ length: intervals }, (_, s) => knots[degree + s + 1]! - knots[degree + s]!),
    )
    // Cubic splines come within h^4 / 384 max |f''''| (de Boor); least squares, within a few times that: 8 is allowed. The base,
    // which the spline makes up for, has fourth derivatives below 1 beside the sine's 1.5 2.5^4 = 59.
    const bound = (8 * 60 * widest ** 4) / 384
    edgeCurve(back, 1, 2, 0, inside).forEach((value, p) =>
      expect(Math.abs(value - expected[p]!)).toBeLessThan(bound),
    )
    expect(bound).toBeLessThan(1.5) // the sine itself
    for (const [i, j] of [
      [2, 1],
      [0, 0],
    ] as const)
      expect(edgeCurve(back, 1, i, j, rows)).toEqual(edgeCurve(model, 1, i, j, rows))
  })

  it('follow a function where it has values', () => {
    const fixed = fixEdge(plainModel(), 0, 0, 0, { name: 'log', formula: 'log(u)' })
    fixed.layer(0).values.affine[1] = 0.01
    expect(unfixEdge(fixed, 0, 0, 0).parameters.every(Number.isFinite)).toBe(true)
  })

  it('keep scaling, encoder and loss; statistics are of another network', async () => {
    const kan = new KAN({ width: [2, 1] })
    await kan.fit({ x: [1, 2, 3, 4, 5, 7], y: [1, 2, 4] }, { steps: 2 })
    const fixed = fixEdge(kan, 0, 0, 0, SINE)
    expect(fixed.scaling).toEqual(kan.scaling)
    expect(fixed.loss).toBe('mse')
    expect(kan.statistics).toBeDefined()
    expect(fixed.statistics).toBeUndefined()
    expect(unfixEdge(fixed, 0, 0, 0).statistics).toBeUndefined()
  })

  it.each<[string, RegExp, () => unknown]>([
    [
      'an edge that is not there',
      /no edge from input 2 to output 0 of layer 0/,
      () => fixEdge(plainModel(), 0, 2, 0, SINE),
    ],
    ['half an edge', /no edge from input 0.5/, () => fixEdge(plainModel(), 0, 0.5, 0, SINE)],
    [
      'a layer that is not there',
      /of layer 2; this network is \[2, 3, 2\]/,
      () => fixEdge(plainModel(), 2, 0, 0, SINE),
    ],
    [
      'another variable',
      /variable|'x'|x/,
      () => fixEdge(plainModel(), 0, 0, 0, { name: 'f', formula: 'sin(x)' }),
    ],
    ['no formula', /empty/, () => fixEdge(plainModel(), 0, 0, 0, { name: 'f', formula: '' })],
    [
      'a formula that is too long',
      /1001 characters; the limit is 1000/,
      () => fixEdge(plainModel(), 0, 0, 0, { name: 'f', formula: 'u'.padEnd(1001) }),
    ],
    [
      'no name',
      /name of an edge's function is ""/,
      () => fixEdge(plainModel(), 0, 0, 0, { ...SINE, name: '' }),
    ],
    ['a name of two lines', /printable/, () => fixEdge(plainModel(), 0, 0, 0, { ...SINE, name: 'a\nb' })],
    [
      'NaN',
      /affine is \[1, NaN, 1, 0\]/,
      () => fixEdge(plainModel(), 0, 0, 0, { ...SINE, affine: [1, NaN, 1, 0] }),
    ],
    ['a spline to unfix', /is not symbolic/, () => unfixEdge(plainModel(), 0, 0, 0)],
  ])('refuse %s', (_, message, call) => {
    expect(call).toThrow(ConfigError)
    expect(call).toThrow(message)
  })
})

describe('a model with symbolic edges', () => {
  const random = seeded(8)
  const shapes = [
    { intervals: 4, degree: 3, base: 'silu' as const },
    { intervals: 5, degree: 2, base: 'identity' as const },
  ]
  const oracle = withSymbolicEdges(randomModel(random, [3, 4, 2], shapes), random, 0.5)
  const model = modelFromOracle(oracle)
  const x = Array.from({ length: 50 }, () => [2 * random() - 1, 2 * random() - 1, 2 * random() - 1])
  const flat = Float64Array.from(x.flat())

  it('has the values of the oracle at all nodes', () => {
    const expected = oracleActivations(oracle, x)
    forwardNodes(model, flat).forEach((level, l) =>
      // As in forward.test.ts.
      expect(relativeError(level, expected[l]!.flat())).toBeLessThan(1e-13),
    )
  })

  it('keeps them when its grids are refined and moved', () => {
    const refined = refineModel(model, [8, 10], forwardNodes(model, flat))
    // Grids of multiples are exact inside; hidden nodes may lie where the last pieces go on. The functions are what they were.
    expect([...refined.layer(0).values.affine]).toEqual([...model.layer(0).values.affine])
    expect(refined.layout.layers[0]!.symbolic).toEqual(model.layout.layers[0]!.symbolic)
    const [l, e] = [1, 0]
    const { edge } = model.layout.layers[l]!.symbolic![e]!
    const [i, j] = [Math.floor(edge / 2), edge % 2]
    for (const other of [refined, updateGrid(model, flat), new KAN(model)])
      expect(edgeCurve(other, l, i, j, flat)).toEqual(edgeCurve(model, l, i, j, flat))
  })

  it('is a smaller one without some of its edges, whose means go to the biases', async () => {
    const whole = new KAN(model)
    await whole.calibrate(x)
    const [first, second] = whole.config.layers.map(({ symbolic }) => symbolic!.map(({ edge }) => edge))
    // Away go hidden node 1, and a symbolic edge and a spline of others.
    const gone = first!.find(edge => edge % 4 !== 1)!
    const spline = Array.from({ length: 12 }, (_, edge) => edge).find(
      edge => !first!.includes(edge) && edge % 4 !== 1,
    )!
    const kept = {
      nodes: [
        [true, true, true],
        [true, false, true, true],
        [true, true],
      ],
      edges: [
        Array.from({ length: 12 }, (_, edge) => edge % 4 !== 1 && edge !== gone && edge !== spline),
        Array.from({ length: 8 }, (_, edge) => Math.floor(edge / 2) !== 1),
      ],
    }
    const smaller = subnetwork(whole, kept)
    const places = [0, 2, 3]
    expect(
      smaller.config.layers[0]!.symbolic!.map(({ edge }) => Math.floor(edge / 3) * 4 + places[edge % 3]!),
    ).toEqual(first!.filter(edge => edge % 4 !== 1 && edge !== gone))
    expect(
      smaller.config.layers[1]!.symbolic!.map(({ edge }) => places[Math.floor(edge / 2)]! * 2 + (edge % 2)),
    ).toEqual(second!.filter(edge => Math.floor(edge / 2) !== 1))
    const nodes = forwardNodes(whole, flat)
    const { edgeMean } = whole.statistics!.layers[0]!
    const { nodeScale } = whole.layer(0).values
    forwardNodes(smaller, flat)[1]!.forEach((value, p) => {
      const [row, j] = [Math.floor(p / 3), places[p % 3]!]
      const removed = [gone, spline].filter(edge => edge % 4 === j)
      const change = removed.reduce((sum, edge) => {
        const curve = edgeCurve(whole, 0, Math.floor(edge / 4), j, [x[row]![Math.floor(edge / 4)]!])
        return sum + nodeScale[j]! * (edgeMean[edge]! - curve[0]!)
      }, 0)
      // Sums of some ten terms of order 1.
      expect(value).toBeCloseTo(nodes[1]![row * 4 + j]! + change, 12)
    })
  })
})
