import { forwardNodes } from '../model/forward.ts'
import { updateGrid } from '../model/gridupdate.ts'
import type { GridUpdateOptions } from '../model/gridupdate.ts'
import type { Model } from '../model/model.ts'
import { refineModel } from '../model/refine.ts'
import { toNetworkInputs } from './evaluate.ts'
import type { RowValues } from './options.ts'
import { toRows } from './rows.ts'

/** Rows as the network sees them. */
function networkRows(model: Model, x: RowValues): Float64Array {
  return toNetworkInputs(model, toRows(x, { name: 'x', columns: model.layout.inputs }))
}

/** refineModel on rows in the table's own units: the samples tell where curves matter. */
export function refineOn(model: Model, intervals: number | readonly number[], x: RowValues): Model {
  return refineModel(model, intervals, forwardNodes(model, networkRows(model, x)))
}

/** updateGrid on rows in the table's own units. */
export function updateGridOn(model: Model, x: RowValues, options?: GridUpdateOptions): Model {
  return updateGrid(model, networkRows(model, x), options)
}
