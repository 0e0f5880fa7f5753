import { FEWEST_TO_SPLIT } from '../../data/split.ts'
import { ConfigError } from '../../errors.ts'
import { checkSeed } from '../../model/config.ts'
import { Model } from '../../model/model.ts'
import { checkOptionNames } from '../../model/optionnames.ts'
import { Random } from '../../random.ts'
import type { Samples } from '../../train/options.ts'
import { checkSamples, holdOut } from '../../train/samples.ts'
import { resolveLibrary } from '../curves/library.ts'
import type { WeightedRows } from '../errors/rowerrors.ts'
import type { SymbolifyOptions } from './options.ts'

/** Defaults of symbolify. */
export const SYMBOLIFY_DEFAULTS = { simplicity: 0.5, validation: 0.2, tries: 3, seconds: 60 } as const

/** Rows on which functions are tried. */
export const TRIAL_ROWS = 500

/** The stream of the generator that chooses them: 'tria' in ASCII. */
const TRIAL_STREAM = 0x74726961

const OPTION_NAMES = Object.keys({
  library: true,
  simplicity: true,
  validation: true,
  tries: true,
  snap: true,
  seconds: true,
  seed: true,
  engine: true,
  signal: true,
} satisfies Record<keyof SymbolifyOptions, true>)

/** Checked options. */
export interface Settings {
  readonly simplicity: number
  readonly tries: number
  readonly seconds: number
  readonly seed: number
}

/** Checks options, for a model. Throws ConfigError. */
export function resolveSettings(model: Model, options: SymbolifyOptions): Settings {
  checkOptionNames('symbolify', options, OPTION_NAMES, 'symbolify({ x, y }, { seconds: 30 })')
  const { simplicity, tries, seconds } = { ...SYMBOLIFY_DEFAULTS, ...options }
  if (!(simplicity >= 0 && simplicity <= 1))
    throw new ConfigError(`simplicity is ${simplicity}; it is a weight from 0 (fit alone) to 1.`)
  if (!(Number.isInteger(tries) && tries > 0))
    throw new ConfigError(`tries is ${tries}; give how many functions to try for an edge, at least 1.`)
  if (!(seconds >= 0)) throw new ConfigError(`seconds is ${seconds}; give a number of at least 0.`)
  resolveLibrary(options.library)
  if (model.loss === 'cross-entropy')
    throw new ConfigError(
      'symbolify takes regressions, and this network was trained as a classification; fix its edges by name and fit it, or train a network on each logit.',
    )
  return { simplicity, tries, seconds, seed: checkSeed(options.seed ?? model.config.seed) }
}

/** The rows to fit to, and those held out to judge by. Throws ShapeError and DataError. */
export function splitSamples(
  { layout: { inputs, outputs } }: Model,
  samples: Samples,
  options: SymbolifyOptions,
  seed: number,
): { readonly training: WeightedRows; readonly heldOut: WeightedRows | undefined } {
  const shape = { inputs, outputs, loss: 'mse' } as const
  const all = checkSamples(samples, shape)
  const usual = all.weights.length < FEWEST_TO_SPLIT ? 0 : SYMBOLIFY_DEFAULTS.validation
  const { validation = usual } = options
  if (typeof validation === 'object')
    return { training: all, heldOut: checkSamples(validation, shape, 'validation.') }
  if (validation === 0) return { training: all, heldOut: undefined }
  const split = holdOut(all, shape, validation, seed)
  return { training: split.training, heldOut: split.validation }
}

/** So many of the rows, at random by the seed: tables are often sorted. */
export function someRows({ x, y, weights }: WeightedRows, most: number, seed: number): WeightedRows {
  const rows = weights.length
  if (rows <= most) return { x, y, weights }
  const chosen = new Random(seed, TRIAL_STREAM).shuffle(Uint32Array.from({ length: rows }, (_, r) => r))
  const take = (values: Float64Array): Float64Array => {
    const columns = values.length / rows
    return Float64Array.from({ length: most * columns }, (_, p) => {
      const row = chosen[Math.floor(p / columns)]!
      return values[row * columns + (p % columns)]!
    })
  }
  return { x: take(x), y: take(y), weights: take(weights) }
}

/** A copy with a scaling, so that refitting does not choose one. */
export function withScaling(model: Model): Model {
  const { inputs, outputs } = model.layout
  const identity = (columns: number): { shift: Float64Array; scale: Float64Array } => ({
    shift: new Float64Array(columns),
    scale: new Float64Array(columns).fill(1),
  })
  const copy = new Model(model)
  copy.formulas = undefined
  copy.scaling ??= { input: identity(inputs), output: identity(outputs) }
  return copy
}
