import { expect, it } from 'vitest'
import type { Engine } from '../../../src/engine/engine.ts'
import type { LayerStatistics } from '../../../src/model/statistics.ts'
import { oracleActivations, oracleEdge, oracleOutputs } from '../../oracle/kan.ts'
import type { OracleModel } from '../../oracle/kan.ts'
import { concatenate, flatten, planFor, relativeError } from '../flat.ts'
import { caseInputs, caseModel, NETWORKS } from '../samples.ts'
import type { Tolerances } from '../suite.ts'

/** The statistics of one layer by their definitions, over the rows of its inputs [rows][inputs]. */
function naiveStatistics(
  layer: OracleModel['layers'][number],
  rows: number[][],
  outputs: number[][],
): Required<LayerStatistics> {
  const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
  const deviation = (values: number[]): number => Math.sqrt(mean(values.map(v => (v - mean(values)) ** 2)))
  const columns = layer.knots.map((_, i) => rows.map(row => row[i]!))
  const edges = columns.flatMap((column, i) =>
    Array.from({ length: layer.outputs }, (_, j) => column.map(x => oracleEdge(layer, i, j, x))),
  )
  const histogram = columns.flatMap((column, i) => {
    const counts = Array<number>(layer.knots[i]!.length + 1).fill(0)
    // Knots at or below x: 0 below the first, all of them at or above the last.
    for (const x of column) counts[layer.knots[i]!.filter(knot => knot <= x).length]! += 1
    return counts
  })
  return {
    inputMin: Float64Array.from(columns, column => Math.min(...column)),
    inputMax: Float64Array.from(columns, column => Math.max(...column)),
    inputDeviation: Float64Array.from(columns, deviation),
    histogram: Float64Array.from(histogram),
    edgeL1: Float64Array.from(edges, phi => mean(phi.map(Math.abs))),
    edgeMean: Float64Array.from(edges, mean),
    edgeDeviation: Float64Array.from(edges, deviation),
    nodeDeviation: Float64Array.from({ length: layer.outputs }, (_, j) =>
      deviation(outputs.map(row => row[j]!)),
    ),
  }
}

/** Input ranges, histograms and edge statistics. */
export function statisticsSuite(engineOf: () => Engine, tolerances: Tolerances): void {
  const products = NETWORKS.find(({ name }) => name.startsWith('products'))!
  it.each([
    { ...NETWORKS[5]!, degree: 2, name: 'degree 2' },
    { ...NETWORKS[5]!, degree: 3, name: 'degree 3' },
    products,
  ])('are those of the definition, for two models: $name', async shape => {
    const network = { ...shape, rows: 300 }
    const models = [caseModel(network, 7), caseModel(network, 8)]
    const flat = models.map(flatten)
    const x = caseInputs(network)
    const session = await engineOf().open(planFor(flat[0]!.layout, 0, { models: 2 }))
    await session.upload({
      parameters: concatenate(flat.map(m => m.parameters)),
      knots: concatenate(flat.map(m => m.knots)),
      mask: concatenate(flat.map(m => m.mask)),
    })
    const found = await session.statistics(Float64Array.from(x.flat()))
    expect(found.length).toBe(2)
    models.forEach((model, m) => {
      const levels = oracleActivations(model, x)
      model.layers.forEach((layer, l) => {
        const outputs = levels[l]!.map(row => oracleOutputs(layer, row))
        const expected = naiveStatistics(layer, levels[l]!, outputs)
        const actual = found[m]![l]!
        // Counts are whole: no row lies within rounding of a knot (the inputs are exact, hidden nodes have another seed if so).
        expect([...actual.histogram]).toEqual([...expected.histogram])
        for (const name of [
          'inputMin',
          'inputMax',
          'inputDeviation',
          'edgeL1',
          'edgeMean',
          'edgeDeviation',
          'nodeDeviation',
        ] as const)
          expect(relativeError(actual[name]!, expected[name])).toBeLessThan(tolerances.statistics)
      })
    })
  })
}
