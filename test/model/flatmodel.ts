import { resolveConfig } from '../../src/model/config.ts'
import { Model } from '../../src/model/model.ts'
import { arityOf, widthOf } from '../../src/model/width.ts'
import { flatten } from '../engine/flat.ts'
import type { OracleModel } from '../oracle/kan.ts'

/** The oracle's nested model as a Model without scaling. */
export function modelFromOracle(oracle: OracleModel): Model {
  const { layout, ...flat } = flatten(oracle)
  const config = resolveConfig({
    width: widthOf(layout.layers),
    arity: arityOf(layout.layers),
    grid: layout.layers.map(layer => layer.intervals),
    degree: layout.layers.map(layer => layer.degree),
    base: layout.layers.map(layer => layer.base),
    scaling: { input: 'none', output: 'none' },
  })
  const layers = config.layers.map((layer, l) => {
    const { symbolic = [] } = layout.layers[l]!
    return symbolic.length > 0 ? { ...layer, symbolic } : layer
  })
  return new Model({ config: { ...config, layers }, ...flat })
}
