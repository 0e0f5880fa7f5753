/** webkan: Kolmogorov-Arnold networks on WebGPU. The public face, nothing else. */
export { KAN, loadCheckpoint, saveCheckpoint } from './kan.ts'
export { Population } from './population.ts'
export type { PopulationOptions } from './population.ts'
export { Model } from './model/model.ts'
export type { LayerView, ModelParts } from './model/model.ts'
export { edgeCurve } from './model/curve.ts'
export type { Attribution, AttributionMetric, AttributionOptions } from './interpret/scores/attribution.ts'
export type { Importance } from './interpret/scores/importance.ts'
export { discover } from './interpret/discover/discover.ts'
export type { Discovering } from './interpret/discover/discover.ts'
export type {
  DiscoveredFormula,
  Discovery,
  DiscoveryErrors,
  DiscoverOptions,
  DiscoverProgress,
  DiscoverStage,
} from './interpret/discover/options.ts'
export type { PruneOptions } from './interpret/pruning/prune.ts'
export type { Parts } from './interpret/pruning/remove.ts'
export { candidateCurve } from './interpret/curves/candidate.ts'
export type { AffineNumbers, Candidate } from './interpret/curves/candidate.ts'
export { fitCurve } from './interpret/curves/fitcurve.ts'
export type { FitCurveOptions } from './interpret/curves/fitcurve.ts'
export type { FormulaOptions } from './interpret/formula.ts'
export { standardLibrary } from './interpret/curves/library.ts'
export type { Domain, LibraryChoice, LibraryFunction, SymbolicFunction } from './interpret/curves/library.ts'
export type { LogErrors, RowErrors } from './interpret/errors/rowerrors.ts'
export type { Suggestion } from './interpret/curves/suggest.ts'
export type {
  SymbolicFormula,
  Symbolified,
  SymbolifyOptions,
  SymbolifyProgress,
  SymbolifyStage,
} from './interpret/symbolify/options.ts'
export type { Symbolifying } from './interpret/symbolify/symbolify.ts'
export type { GridUpdateOptions } from './model/gridupdate.ts'
export type { Config, KANOptions } from './model/config.ts'
export type {
  ColumnChoice,
  LogChoice,
  LogColumns,
  ScalingChoice,
  ScalingOptions,
} from './model/scalingchoice.ts'
export type { ArityEntry, WidthEntry } from './model/width.ts'
export type { Affine } from './model/fix.ts'
export type { Base, LayerLayout, LayerShape, Layout, SymbolicEdge, Trainable } from './model/shape.ts'
export type { ColumnScaling, Scaling } from './model/scaling.ts'
export type { LayerStatistics, Statistics } from './model/statistics.ts'

export type { Run } from './train/run.ts'
export type { PopulationRun } from './train/population/fit.ts'
export type {
  MemberReport,
  MemberStop,
  PopulationFitOptions,
  PopulationProgress,
  PopulationReport,
} from './train/population/options.ts'
export type { PopulationPrediction, PopulationPredictOptions } from './train/population/predict.ts'
export type { Spread } from './train/population/spread.ts'
export type { EvaluateOptions } from './train/evaluate.ts'
export type {
  AdamOptions,
  Checkpoint,
  EvaluatedStep,
  Evaluation,
  FitOptions,
  FitProgress,
  FitReport,
  FitStage,
  FitStop,
  GridSchedule,
  LogEvaluation,
  PenaltyOptions,
  RowValues,
  Samples,
  ScheduleName,
} from './train/options.ts'

export { requestEngine } from './engine/request.ts'
export type { EngineRequest } from './engine/request.ts'
export { createCpuEngine } from './engine/cpu/engine.ts'
export { createWebGpuEngine } from './engine/webgpu/engine.ts'
export { connectEngine, messagePort, serveEngine, workerPort } from './engine/remote/index.ts'
export type { EngineMessage, EnginePort } from './engine/remote/index.ts'
export { HUBER_DELTA, STOPPED } from './engine/engine.ts'
export type {
  AdamPlan,
  LbfgsPlan,
  LevenbergPlan,
  OptimizerName,
  OptimizerPlan,
  PenaltyPlan,
  SchedulePlan,
  BestState,
  Engine,
  EngineDescription,
  Gradients,
  KernelChoice,
  Loss,
  MemoryUse,
  Plan,
  Progress,
  Rows,
  Session,
  TrainingState,
  Upload,
} from './engine/engine.ts'

export {
  ConfigError,
  DataError,
  DeviceLostError,
  FormatError,
  NonFiniteError,
  OutOfMemoryError,
  ShapeError,
  StoppedError,
  UnsupportedError,
  WebkanError,
} from './errors.ts'
