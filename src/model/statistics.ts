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
