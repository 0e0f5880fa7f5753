import type { Engine } from './engine/engine.ts'
import { ConfigError, ShapeError } from './errors.ts'
import type { Expression } from './formula/index.ts'
import { fileSize, loadModel, saveModel } from './model/file.ts'
import { attribute } from './interpret/scores/attribution.ts'
import type { Attribution, AttributionOptions } from './interpret/scores/attribution.ts'
import { importance } from './interpret/scores/importance.ts'
import type { Importance } from './interpret/scores/importance.ts'
import { prune } from './interpret/pruning/prune.ts'
import type { PruneOptions } from './interpret/pruning/prune.ts'
import { removeParts } from './interpret/pruning/remove.ts'
import type { Parts } from './interpret/pruning/remove.ts'
import { fix, unfix } from './interpret/curves/fix.ts'
import type { FitCurveOptions } from './interpret/curves/fitcurve.ts'
import { formula } from './interpret/formula.ts'
import type { FormulaOptions } from './interpret/formula.ts'
import type { LibraryFunction } from './interpret/curves/library.ts'
import { suggest } from './interpret/curves/suggest.ts'
import type { SymbolifyOptions } from './interpret/symbolify/options.ts'
import { symbolify } from './interpret/symbolify/symbolify.ts'
import type { Symbolifying } from './interpret/symbolify/symbolify.ts'
import type { Suggestion } from './interpret/curves/suggest.ts'
import type { Affine } from './model/fix.ts'
import type { GridUpdateOptions } from './model/gridupdate.ts'
import { networkBytes, withinMemory } from './model/memory.ts'
import { Model } from './model/model.ts'
import { checkOptionNames } from './model/optionnames.ts'
import { memberOptions, Population } from './population.ts'
import type { PopulationOptions } from './population.ts'
import { decodeCheckpoint, encodeCheckpoint, isCheckpoint } from './train/checkpoint.ts'
import { calibrate, evaluate, predict } from './train/evaluate.ts'
import type { EvaluateOptions } from './train/evaluate.ts'
import { fit } from './train/fit.ts'
import { refineOn, updateGridOn } from './train/grids.ts'
import type { Checkpoint, Evaluation, FitOptions, RowValues, Samples } from './train/options.ts'
import type { Run } from './train/run.ts'

/**
 * A Kolmogorov-Arnold network (KAN paper, arXiv 2404.19756) with everything one does with it. The model itself is plain data
 * (see Model for the formula); each method is a thin door to the function of the same name.
 *
 *     const kan = new KAN({ width: [2, 5, 1], grid: 5, degree: 3, seed: 0 })
 *     const report = await kan.fit({ x, y }, { engine, steps: 1000 })
 *     const outputs = await kan.predict(x, { engine })
 *
 * Nodes sum, or multiply (KAN 2.0, arXiv 2408.10205, section 2.1): [2, [3, 1], 1] has a layer of three sums and one product, of two
 * factors unless `arity` says more, each a sum of curves itself: (phi_1(x1) + phi_2(x2)) (psi_1(x1) + psi_2(x2)).
 *
 * Where no engine is given, a CPU engine is made for the call and destroyed after it. An option or an engine that is none
 * is a ConfigError.
 */
export class KAN extends Model {
  /**
   * Trains this model on x [rows][inputs] and y [rows][outputs] (class indices [rows] for cross-entropy), in the table's own
   * units; for the options see FitOptions. Starts at once: await the run for its FitReport, iterate over it, or both. With the
   * option refine the model ends on a finer grid: its config, layout and arrays are then new ones.
   *
   * The run rejects with ConfigError, ShapeError or DataError for what cannot be trained (a model that another run is
   * training too), and with NonFiniteError, OutOfMemoryError or DeviceLostError for what ends it: see train/fit.ts.
   */
  fit(samples: Samples, options?: FitOptions): Run {
    return fit(this, samples, options)
  }

  /**
   * The outputs for x [rows][inputs], both in the table's own units, as one flat array [rows][outputs]: output j of row r is
   * at r * outputs + j. For a classification they are logits z: the largest one's index is the class, and
   * exp(z_j) / sum_c exp(z_c) its probability. Rejects with ShapeError and DataError for x, and with what the engine throws.
   */
  predict(x: RowValues, options?: { readonly engine?: Engine }): Promise<Float64Array> {
    return predict(this, x, options)
  }

  /**
   * Errors on samples, in the table's own units: see Evaluation. The loss is the one the model was fitted with, unless `loss`
   * names another. Rejects as predict does, and with ConfigError for a loss that does not fit the model.
   */
  evaluate(samples: Samples, options?: EvaluateOptions): Promise<Evaluation> {
    return evaluate(this, samples, options)
  }

  /**
   * Sets `statistics` to what every edge does on x [rows][inputs], in the table's own units; fit ends with it. Rejects as
   * predict does.
   */
  calibrate(x: RowValues, options?: { readonly engine?: Engine }): Promise<void> {
    return calibrate(this, x, options)
  }

  /**
   * Grid extension (KAN paper, section 2.4): a new network on `intervals` grid intervals (one number for all layers, or one a
   * layer) that computes the same function as nearly as its splines can; exactly where the new grid contains the old one. Train
   * it on: a finer grid is a better fit only after that.
   *
   * @param x rows [rows][inputs] in the table's own units: where the curves matter (usually the training rows). A model that was
   * never fitted has no scaling yet, and takes them as the network's own coordinates.
   * @throws ConfigError for intervals out of range, ShapeError and DataError for x
   */
  refine(intervals: number | readonly number[], rows: { readonly x: RowValues }): KAN {
    checkOptionNames('refine', rows, ['x'], 'kan.refine(10, { x })')
    return new KAN(refineOn(this, intervals, rows.x))
  }

  /**
   * Grid update (KAN paper, section 2.4): a new network whose knots follow x [rows][inputs], in the table's own units, between
   * evenly spaced (eps 1) and quantiles (eps 0); the curves are refitted to the old ones. As in refine, a model that was never
   * fitted takes them as the network's own coordinates.
   *
   * @throws ConfigError for options out of range, ShapeError and DataError for x
   */
  updateGrid(x: RowValues, options?: GridUpdateOptions): KAN {
    return new KAN(updateGridOn(this, x, options))
  }

  /**
   * A new, smaller network without the edges and hidden nodes that matter little: see interpret/pruning/prune.ts for the scores, which
   * no unit of a column changes. Fit it on to get back what was lost. With the option inputs, unused inputs go too.
   *
   * @throws ConfigError for thresholds that would leave a layer without an edge, and for a model that was never fitted or
   * calibrated
   */
  prune(options?: PruneOptions): KAN {
    return new KAN(prune(this, options))
  }

  /**
   * A new, smaller network without these edges, hidden nodes and inputs, each replaced by its mean over the rows of the last fit or
   * calibration: see interpret/pruning/remove.ts. Parts that go together go in one call, as the new network may have no statistics yet.
   *
   *     kan.remove({ edges: [[0, 1, 2], [1, 2, 0]], inputs: ['age'] })
   *
   * @throws ConfigError for parts that are not there, where no path would be left, and for a model without statistics
   */
  remove(parts: Parts): KAN {
    return new KAN(removeParts(this, parts))
  }

  /** Without the edge from input i to output j of layer l: see remove. */
  removeEdge(l: number, i: number, j: number): KAN {
    return this.remove({ edges: [[l, i, j]] })
  }

  /** Without hidden node i in front of layer l (from 1): see remove. */
  removeNode(l: number, i: number): KAN {
    return this.remove({ nodes: [[l, i]] })
  }

  /** Without an input, by its place or its column: see remove. The new network takes rows without it. */
  removeInput(input: number | string): KAN {
    return this.remove({ inputs: [input] })
  }

  /**
   * How much of the outputs passes through each edge and node, over the rows of the last fit or calibration: see
   * interpret/scores/attribution.ts, also for other metrics. `nodes[0]` are the inputs' scores. Throws ConfigError for a model without
   * statistics.
   */
  attribute(options?: AttributionOptions): Attribution {
    return attribute(this, options)
  }

  /**
   * How much of the outputs' variation comes from each column of the table: see interpret/scores/importance.ts. Throws
   * ConfigError for a model without statistics.
   */
  importance(): Importance[] {
    return importance(this)
  }

  /**
   * Known functions for the edge from input i to output j of layer l, best first: see interpret/curves/suggest.ts. Throws ConfigError
   * for an edge that is not there and for a model that was never fitted or calibrated.
   */
  suggest(l: number, i: number, j: number, options?: FitCurveOptions): Suggestion[] {
    return suggest(this, l, i, j, options)
  }

  /**
   * A new network with a known function in the place of an edge's spline: c f(a x + b) + d, with the numbers of `affine` or,
   * without them, those that fit the curve best. Fitting the network trains them with the rest: see interpret/curves/fix.ts. Throws
   * ConfigError.
   *
   *     const fixed = kan.fix(0, 0, 0, 'sin').fix(0, 1, 0, { name: 'lorentz', formula: '1/(1 + u^2)' })
   */
  fix(l: number, i: number, j: number, chosen: string | LibraryFunction, affine?: Affine): KAN {
    return new KAN(fix(this, l, i, j, chosen, affine))
  }

  /**
   * A new network in which that edge is a spline again: as it was when it was fixed, or, where its a, b, c or d were trained since,
   * one that follows the function as it stands: see model/fix.ts. Throws ConfigError where it is not symbolic.
   */
  unfix(l: number, i: number, j: number): KAN {
    return new KAN(unfix(this, l, i, j))
  }

  /**
   * Known functions in the place of all curves, and the formulas that they make: see interpret/symbolify/symbolify.ts. Starts
   * at once and leaves this network as it is; await the run, iterate over its progress, or both.
   *
   *     const { texts, kan: symbolic, pareto } = await kan.symbolify({ x, y })
   *
   * The run rejects with ConfigError, ShapeError or DataError for options and samples.
   */
  symbolify(samples: Samples, options: SymbolifyOptions = {}): Symbolifying<KAN> {
    return symbolify(this, samples, options, model => new KAN(model))
  }

  /**
   * What the network computes, one expression an output, in the table's own columns and units: see interpret/formula.ts; print
   * them with toText. Throws ConfigError that names the edges which are splines still.
   */
  formula(options?: FormulaOptions): Expression[] {
    return formula(this, options)
  }

  /**
   * Networks of one shape to train side by side, with seeds of their own: see Population. Options as for new KAN, and `seeds`:
   * how many members, or a list of their seeds. Throws ConfigError.
   */
  static population(options: PopulationOptions): Population<KAN> {
    return new Population(memberOptions(options).map(own => new KAN(own)))
  }

  /** An independent copy. */
  copy(): KAN {
    return new KAN(this)
  }

  /**
   * The model as a safetensors file: see model/file.ts. Throws NonFiniteError for parameters that are not finite,
   * OutOfMemoryError where the process has no room for the file.
   */
  save(): Uint8Array {
    return withinMemory('Saving', networkBytes(this.layout), () => saveModel(this))
  }

  /** The model in a file's bytes (a checkpoint's too), bit-equal to the one saved. Throws FormatError. */
  static load(bytes: Uint8Array): KAN {
    return new KAN(withinMemory('Loading', fileSize(bytes), () => loadModel(bytes)))
  }
}

/**
 * A model and a run's state as a file's bytes, for `fit(samples, { resume })` another day.
 *
 *     const bytes = saveCheckpoint(kan, report.checkpoint)
 *
 * Throws ConfigError for other arguments, ShapeError for a checkpoint of a model of another size.
 */
export function saveCheckpoint(kan: Model, checkpoint: Checkpoint): Uint8Array {
  if (!(kan instanceof Model) || !isCheckpoint(checkpoint))
    throw new ConfigError(
      `saveCheckpoint takes the model and its run's checkpoint: saveCheckpoint(kan, report.checkpoint).`,
    )
  const { parameters } = checkpoint.state
  if (parameters.length !== kan.parameters.length)
    throw new ShapeError(
      `The checkpoint has ${parameters.length} parameters and the model ${kan.parameters.length}; save it with the model it was trained with.`,
    )
  return withinMemory('Saving', networkBytes(kan.layout), () => encodeCheckpoint(kan, checkpoint))
}

/**
 * What saveCheckpoint wrote: the model with its best weights so far, and the run's state. Throws FormatError.
 *
 *     const { kan, checkpoint } = loadCheckpoint(bytes)
 *     await kan.fit(samples, { steps: 2000, resume: checkpoint })
 */
export function loadCheckpoint(bytes: Uint8Array): { kan: KAN; checkpoint: Checkpoint } {
  const { model, checkpoint } = withinMemory('Loading', fileSize(bytes), () => decodeCheckpoint(bytes))
  return { kan: new KAN(model), checkpoint }
}
