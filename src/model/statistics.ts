import { ConfigError, NonFiniteError } from '../errors.ts'

/**
 * What a layer did on the rows of the last calibration. It belongs to the model, so that pruning and symbolification never
 * depend on whichever forward pass came last. Inputs are in the network's (scaled) coordinates.
 */
export interface LayerStatistics {
  /** Smallest and largest value of each input: [inputs]. */
  readonly inputMin: Float64Array
  readonly inputMax: Float64Array
  /** Population standard deviation of each input: [inputs]; files of version 0.4 and before do not have it. */
  readonly inputDeviation?: Float64Array
  /**
   * Rows in each interval of the extended knots, below them and above them: [inputs][G + 2k + 2]; entry 0 counts rows
   * below the first knot, entry s + 1 interval s, the last entry rows at or above the last knot.
   */
  readonly histogram: Float64Array
  /** Mean of |phi| over the rows, the paper's L1 norm of an edge (eq. 2.17): [inputs][outputs]. */
  readonly edgeL1: Float64Array
  /** Mean and population standard deviation of phi over the rows: [inputs][outputs]. */
  readonly edgeMean: Float64Array
  readonly edgeDeviation: Float64Array
  /** Population standard deviation of the layer's outputs, nodeScale sum_i phi + nodeBias, its sums and factors: [outputs]. */
  readonly nodeDeviation: Float64Array
}

/** Statistics of every layer, over `rows` rows. */
export interface Statistics {
  readonly rows: number
  readonly layers: readonly LayerStatistics[]
}

/**
 * The statistics, to make scores and means of. Throws ConfigError where there are none, NonFiniteError where a mean or a deviation is
 * not finite: the network overflows on those rows, or a symbolic edge is outside its domain.
 */
export function checkedStatistics(statistics: Statistics | undefined): Statistics {
  if (statistics === undefined)
    throw new ConfigError(
      'The model has no statistics, which scores and means come from; fit it, or call calibrate(x) with the rows that matter.',
    )
  statistics.layers.forEach((layer, l) => {
    for (const name of ['edgeL1', 'edgeMean', 'edgeDeviation', 'nodeDeviation'] as const) {
      const bad = layer[name].findIndex(value => !Number.isFinite(value))
      if (bad >= 0)
        throw new NonFiniteError(
          `The model's ${name}[${bad}] in layer ${l} is ${layer[name][bad]!}: the network is not finite on all rows of its calibration. Call calibrate(x) with rows on which it is.`,
        )
    }
  })
  return statistics
}
