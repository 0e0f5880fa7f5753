import { describe, expect, it } from 'vitest'
import { ConfigError, KAN, NonFiniteError } from '../../../src/index.ts'
import type { AttributionMetric } from '../../../src/index.ts'
import { nodeOfOutput } from '../../../src/model/products.ts'
import { relativeError } from '../../engine/flat.ts'
import { modelFromOracle } from '../../model/flatmodel.ts'
import { oracleLayerFromPykan } from '../../oracle/frompykan.ts'
import { seeded } from '../../oracle/random.ts'
import { readReference } from '../../reference/read.ts'
import type { ModelParams, ReferenceModel } from '../../reference/read.ts'

/**
 * The references have 15 digits. A deviation over 50 rows of values a few times as large errs by some 50 roundings of 1.1e-16, and
 * a score is a product of at most three ratios of them: 300 roundings, 3.3e-14, and the same again for the reference's own.
 */
const TOLERANCE = 1e-13

/** A pykan model, calibrated on rows in the network's own coordinates. */
async function calibratedFrom(params: ModelParams, x: number[][]): Promise<KAN> {
  const layers = params.layers.map((layer, l) =>
    oracleLayerFromPykan(layer, params.k, params.width[l + 1]![1]),
  )
  const kan = new KAN(modelFromOracle({ layers }))
  await kan.calibrate(x)
  return kan
}

/** pykan's [out][in] as ours [in][out]. */
function transposed(table: readonly (readonly number[])[]): number[] {
  return table[0]!.flatMap((_, i) => table.map(row => row[i]!))
}

const rowsOf = (values: ArrayLike<number>[]): number[] => values.flatMap(own => Array.from(own))

interface ScoredCase {
  name: string
  params: ModelParams
  x: number[][]
  attribution: {
    node_scores: number[][]
    edge_scores: number[][][]
    acts_scale: number[][][]
    edge_actscale: number[][][]
    subnode_actscale: number[][]
  }
}

describe("pykan's scores", () => {
  const { cases } = readReference<{ cases: ScoredCase[] }>('reg_attr.json')

  it.each(cases)(
    'backward, with the 1e-4 it adds to deviations: $name',
    async ({ params, x, attribution }) => {
      const kan = await calibratedFrom(params, x)
      const unbiased = Math.sqrt(x.length / (x.length - 1))
      const { edges, nodes } = kan.attribute()
      let score = attribution.node_scores.at(-1)!
      expect(score).toEqual([1])
      for (let l = edges.length - 1; l >= 0; l--) {
        const layer = kan.layer(l)
        const node = nodeOfOutput(layer)
        const { nodeDeviation } = kan.statistics!.layers[l]!
        // Our share of the node's score, and the factor that the added 1e-4 makes of it.
        const converted = edges[l]!.map((own, edge) => {
          const j = edge % layer.outputs
          const spread = (unbiased * nodeDeviation[j]!) / Math.abs(layer.values.nodeScale[j]!)
          return ((own / nodes[l + 1]![node[j]!]!) * score[node[j]!]! * spread) / (spread + 1e-4)
        })
        expect(relativeError(converted, transposed(attribution.edge_scores[l]!))).toBeLessThan(TOLERANCE)
        score = Array.from({ length: layer.inputs }, (_, i) =>
          converted
            .subarray(i * layer.outputs, (i + 1) * layer.outputs)
            .reduce((sum, share) => sum + share, 0),
        )
        expect(relativeError(score, attribution.node_scores[l]!)).toBeLessThan(TOLERANCE)
      }
    },
  )

  it.each(cases)('forward, with the 0.1 it adds to deviations: $name', async ({ params, x, attribution }) => {
    const kan = await calibratedFrom(params, x)
    const unbiased = Math.sqrt(x.length / (x.length - 1))
    const { edges } = kan.attribute({ metric: 'forward' })
    edges.forEach((own, l) => {
      const { outputs } = kan.layer(l)
      const { inputDeviation, edgeDeviation, nodeDeviation } = kan.statistics!.layers[l]!
      const { acts_scale, edge_actscale, subnode_actscale } = attribution
      const converted = own.map((score, edge) => {
        const spread = unbiased * inputDeviation![(edge - (edge % outputs)) / outputs]!
        return (score * spread) / (spread + 0.1)
      })
      const plain = (values: Float64Array): Float64Array => values.map(value => unbiased * value)
      expect(relativeError(converted, transposed(acts_scale[l]!))).toBeLessThan(TOLERANCE)
      expect(relativeError(plain(edgeDeviation), transposed(edge_actscale[l]!))).toBeLessThan(TOLERANCE)
      expect(relativeError(plain(nodeDeviation), subnode_actscale[l]!)).toBeLessThan(TOLERANCE)
    })
  })
})

describe("the paper's norms", () => {
  interface PaperCase {
    name: string
    edge_l1: number[][][]
    node_incoming: number[][]
    node_outgoing: number[][]
  }
  const { cases } = readReference<{ cases: PaperCase[] }>('paper_penalties.json')
  const { models } = readReference<{ models: ReferenceModel[] }>('models.json')

  it.each(cases)('$name', async ({ name, edge_l1, node_incoming, node_outgoing }) => {
    const { params, x } = models.find(model => model.name === name)!
    const kan = await calibratedFrom(params, x)
    const { edges, nodes, incoming, outgoing } = kan.attribute({ metric: 'paper' })
    expect(relativeError(rowsOf([...edges]), edge_l1.flat(2))).toBeLessThan(TOLERANCE)
    expect(relativeError(rowsOf([...incoming]), node_incoming.flat())).toBeLessThan(TOLERANCE)
    expect(relativeError(rowsOf([...outgoing]), node_outgoing.flat())).toBeLessThan(TOLERANCE)
    nodes.forEach((own, l) => {
      const both = [incoming[l - 1], outgoing[l]].flatMap(scores => scores ?? [])
      own.forEach((score, i) => expect(score).toBe(Math.min(...both.map(scores => scores[i]!))))
    })
    // In deviations of what the edge leads to.
    const relative = kan.attribute({ metric: 'paper_n' })
    relative.edges.forEach((own, l) => {
      const { outputs, values } = kan.layer(l)
      const { nodeDeviation } = kan.statistics!.layers[l]!
      own.forEach((score, edge) => {
        const j = edge % outputs
        expect(score * nodeDeviation[j]!).toBeCloseTo(Math.abs(values.nodeScale[j]!) * edges[l]![edge]!, 14)
      })
    })
  })
})

const random = seeded(3)
const x = Array.from({ length: 300 }, () => [2 * random() - 1, 2 * random() - 1, 2 * random() - 1])

describe('attribution', () => {
  it.each(['backward', 'paper_n'] as const)('%s: does not depend on the units of a column', async metric => {
    const y = x.map(([a, b, c]) => a! + b! ** 2 + 0.1 * c!)
    const scores = await Promise.all(
      [1, 1000].map(async unit => {
        const kan = new KAN({ width: [3, 2, 1], grid: 3 })
        const samples = { x: x.map(([a, b, c]) => [a! * unit, b!, c!]), y: y.map(value => value * unit) }
        await kan.fit(samples, { optimizer: 'lm', steps: 5 })
        return rowsOf([...kan.attribute({ metric }).edges])
      }),
    )
    expect(relativeError(scores[1]!, scores[0]!)).toBeLessThan(1e-6)
  })

  it('gives each factor of a product the score of the product', async () => {
    const kan = new KAN({ width: [3, [1, 1], 1], grid: 3, noise: 1, seed: 2 })
    await kan.calibrate(x)
    const { edges, nodes, incoming } = kan.attribute()
    expect(nodes.map(own => own.length)).toEqual([3, 2, 1])
    const { edgeDeviation, nodeDeviation } = kan.statistics!.layers[0]!
    // Outputs 1 and 2 are the factors of node 1.
    for (const [j, node] of [0, 1, 1].entries())
      for (let i = 0; i < 3; i++)
        expect(edges[0]![3 * i + j]).toBeCloseTo(
          (nodes[1]![node]! * edgeDeviation[3 * i + j]!) / nodeDeviation[j]!,
          14,
        )
    const intoProduct = edges[0]!.filter((_, edge) => edge % 3 > 0)
    expect(incoming[0]![1]).toBe(Math.max(...intoProduct))
  })

  it('of what does not vary is 0', async () => {
    const kan = new KAN({ width: [2, 2, 1], grid: 3, noise: 1 })
    const { scaleBase, scaleSpline } = kan.layer(0).values
    for (const e of [0, 2]) scaleBase[e] = scaleSpline[e] = 0
    await kan.calibrate(x.map(([a]) => [a!, 0.25]))
    for (const metric of ['backward', 'forward', 'paper_n'] as const) {
      const { edges, nodes } = kan.attribute({ metric })
      expect(rowsOf([...edges, ...nodes]).every(Number.isFinite)).toBe(true)
      // Edge (0, 1) is all there is before the outputs: input 1 is constant, and nothing leads to node 0 but constants.
      expect([edges[0]![0], edges[0]![2]]).toEqual([0, 0])
    }
    expect(Math.abs(kan.attribute().edges[0]![3]!)).toBeLessThan(1e-14)
  })

  it('of an output that does not vary but for rounding is 0', async () => {
    const kan = new KAN({ width: [2, 2], grid: 3, noise: 1 })
    // 0.1 has no finite binary expansion: 300 of them do not add up to 30.
    await kan.calibrate(x.map(() => [0.1, -0.7]))
    expect(kan.statistics!.layers[0]!.nodeDeviation.some(deviation => deviation > 0)).toBe(true)
    for (const metric of ['backward', 'forward', 'paper_n'] as const)
      expect(rowsOf([...kan.attribute({ metric }).edges])).toEqual([0, 0, 0, 0])
  })

  it('asks for a calibration, and for a metric that there is', () => {
    const kan = new KAN({ width: [2, 1] })
    expect(() => kan.attribute()).toThrow(ConfigError)
    expect(() => kan.importance()).toThrow('no statistics')
    const metric = JSON.parse('"l1"') as AttributionMetric
    expect(() => kan.attribute({ metric })).toThrow("metric is 'l1'; choose one of 'backward', 'forward'")
  })

  it('and pruning refuse statistics that are not finite, whose means would make the network NaN', async () => {
    const kan = new KAN({ width: [3, 2, 1], base: 'identity' })
    kan.layer(0).values.scaleBase.fill(1e308)
    await kan.calibrate(x.map(row => row.map(value => 4 * value)))
    for (const call of [() => kan.attribute(), () => kan.prune(), () => kan.removeEdge(0, 0, 0)]) {
      expect(call).toThrow(NonFiniteError)
      expect(call).toThrow(/edgeL1\[\d\] in layer 0 is Infinity: the network is not finite on all rows/)
    }
  })

  it('forward asks for a new calibration where the statistics come from an old file', async () => {
    const kan = new KAN({ width: [3, 2, 1] })
    await kan.calibrate(x)
    const { rows, layers } = kan.statistics!
    kan.statistics = { rows, layers: layers.map(({ inputDeviation: _removed, ...rest }) => rest) }
    const old = KAN.load(kan.save())
    expect(old.statistics).toEqual(kan.statistics)
    expect(old.attribute().edges).toEqual(kan.attribute().edges)
    expect(() => old.attribute({ metric: 'forward' })).toThrow('file of version 0.4 or before')
  })
})

describe('importance', () => {
  it("adds the inputs of a table's column up, under its name", async () => {
    const kan = new KAN({ width: [3, 2, 2], grid: 3, noise: 1 })
    await kan.calibrate(x)
    const [scores] = kan.attribute().nodes
    expect(kan.importance()).toEqual(['x1', 'x2', 'x3'].map((column, i) => ({ column, score: scores![i] })))
    kan.encoder = {
      task: 'classification',
      inputs: [
        { column: 'kind', kind: 'one-hot', level: 'a' },
        { column: 'size', kind: 'numeric' },
        { column: 'kind', kind: 'one-hot', level: 'b' },
      ],
      target: { column: 'y', labels: ['0', '1'] },
    }
    expect(kan.importance()).toEqual([
      { column: 'kind', score: scores![0]! + scores![2]! },
      { column: 'size', score: scores![1] },
    ])
  })

  it('finds the columns that matter', async () => {
    const y = x.map(([a, b]) => Math.sin(3 * a!) + 0.3 * b!)
    const kan = new KAN({ width: [3, 1], grid: 3 })
    await kan.fit({ x, y }, { optimizer: 'lm', steps: 20 })
    const [a, b, c] = kan.importance().map(({ score }) => score)
    // A sum's parts: their deviations over the whole's, 0.70 and 0.17 of 0.72.
    expect(a).toBeGreaterThan(0.9)
    expect(b! / a!).toBeCloseTo(0.17 / 0.7, 1)
    expect(c).toBeLessThan(0.02)
  })
})
