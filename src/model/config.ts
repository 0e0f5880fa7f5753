import { ConfigError } from '../errors.ts'
import { checkOptionNames } from './optionnames.ts'
import { checkChoice, checkInteger, perLayer } from './optionvalues.ts'
import { resolveScaling } from './scalingchoice.ts'
import type { ScalingChoice, ScalingOptions } from './scalingchoice.ts'
import { affineSize, nodeCount } from './shape.ts'
import type { Base, LayerShape, Trainable } from './shape.ts'
import { formatWidth, resolveWidth } from './width.ts'
import type { ArityEntry, WidthEntry } from './width.ts'

/** What a user may say about a network. Values per layer may be given as one number for all. */
export interface KANOptions {
  /** Nodes of each layer, inputs first: [n0, n1, ..., nL]; behind the inputs a number of sums, or [sums, products]. */
  readonly width: readonly WidthEntry[]
  /**
   * Factors of the product nodes (default 2; pykan's mult_arity): one number for all, or one entry a layer, each a number or one
   * number a product.
   */
  readonly arity?: ArityEntry | readonly ArityEntry[]
  /** G, grid intervals (default 5). */
  readonly grid?: number | readonly number[]
  /** k, spline degree, 1 to 5 (default 3). */
  readonly degree?: number | readonly number[]
  /** The base function beside the spline (default 'silu'). */
  readonly base?: Base | readonly Base[]
  /** The range of the grid before extension (default [-1, 1]). */
  readonly range?: readonly [number, number]
  /** Seed of the initial parameters: a whole number of at least 0 (default 0). */
  readonly seed?: number
  /** Initial spline noise: coefficients are uniform in +-noise / (2 G) (default 0.3, as pykan's noise_scale). */
  readonly noise?: number
  /** Initial scaleSpline: 'one', or 'sqrt' for 1 / sqrt(inputs) as pykan has it (default 'one'). */
  readonly scaleSplineInit?: 'one' | 'sqrt'
  /** Parameter groups that optimizers may change (default coef and scaleBase). */
  readonly trainable?: Partial<Trainable>
  /** How tables are brought into the network's coordinates (default input 'minmax', output 'standard'). */
  readonly scaling?: ScalingOptions
}

/** A checked, complete description of a network: plain data, saved with it. */
export interface Config {
  readonly layers: readonly LayerShape[]
  readonly range: readonly [number, number]
  readonly seed: number
  readonly noise: number
  readonly scaleSplineInit: 'one' | 'sqrt'
  readonly trainable: Trainable
  readonly scaling: ScalingChoice
}

/** Sizes beyond these are taken for mistakes: a typed array could not hold the parameters anyway. */
const LARGEST_GRID = 4096
export const MOST_PARAMETERS = 2 ** 29

const EXAMPLE = 'new KAN({ width: [2, 5, 1] })'

const DEFAULT_TRAINABLE: Trainable = {
  coef: true,
  scaleBase: true,
  scaleSpline: false,
  nodeScale: false,
  nodeBias: false,
  affine: true,
}

/** What new KAN takes. */
export const OPTION_NAMES = Object.keys({
  width: true,
  arity: true,
  grid: true,
  degree: true,
  base: true,
  range: true,
  seed: true,
  noise: true,
  scaleSplineInit: true,
  trainable: true,
  scaling: true,
} satisfies Record<keyof KANOptions, true>)

/** A seed: a whole number from 0 to 2^53 - 1, as the command takes it. Throws ConfigError, which calls it `name`. */
export function checkSeed(seed: number, name = 'seed'): number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new ConfigError(`${name} is ${String(seed)}; give a whole number of at least 0, up to 2^53 - 1.`)
  return seed
}

function resolveTrainable(chosen: Partial<Trainable> = {}): Trainable {
  checkOptionNames(
    'trainable',
    chosen,
    Object.keys(DEFAULT_TRAINABLE),
    'new KAN({ width, trainable: { nodeBias: true } })',
  )
  for (const [name, value] of Object.entries<unknown>(chosen))
    if (value !== undefined && typeof value !== 'boolean')
      throw new ConfigError(`trainable.${name} is ${JSON.stringify(value)}; give true or false.`)
  const { coef, scaleBase, scaleSpline, nodeScale, nodeBias, affine } = DEFAULT_TRAINABLE
  return {
    coef: chosen.coef ?? coef,
    scaleBase: chosen.scaleBase ?? scaleBase,
    scaleSpline: chosen.scaleSpline ?? scaleSpline,
    nodeScale: chosen.nodeScale ?? nodeScale,
    nodeBias: chosen.nodeBias ?? nodeBias,
    affine: chosen.affine ?? affine,
  }
}

/** Parameters of all edges. */
export function countParameters(layers: readonly LayerShape[]): number {
  return layers.reduce(
    (sum, layer) =>
      sum + layer.inputs * layer.outputs * (layer.intervals + layer.degree + 2) + affineSize(layer),
    0,
  )
}

function checkParameters(layers: readonly LayerShape[]): void {
  const parameters = countParameters(layers)
  if (parameters <= MOST_PARAMETERS) return
  throw new ConfigError(
    `width ${formatWidth(layers)} needs ${parameters} parameters; the limit is ${MOST_PARAMETERS} (${8 * parameters} of ${8 * MOST_PARAMETERS} bytes). Use fewer nodes or a coarser grid.`,
  )
}

/**
 * The same network with other numbers of grid intervals, one for all layers or one a layer. Throws ConfigError, which calls
 * them `name`.
 */
export function withIntervals(
  config: Config,
  intervals: number | readonly number[],
  name: string = 'grid',
): Config {
  const grid = perLayer(name, intervals, config.layers.length)
  const layers = config.layers.map((layer, l) => ({
    ...layer,
    intervals: checkInteger(name, grid[l], 1, LARGEST_GRID),
  }))
  checkParameters(layers)
  return { ...config, layers }
}

/**
 * Completes and checks a user's options. Throws ConfigError with the value, the limit and the remedy, for names that are no
 * options too.
 */
export function resolveConfig(options: KANOptions): Config {
  checkOptionNames('new KAN', options, OPTION_NAMES, EXAMPLE)
  const { width, seed = 0, noise = 0.3, range = [-1, 1], scaleSplineInit = 'one' } = options
  const shapes = resolveWidth(width, options.arity ?? 2)
  const count = shapes.length
  const grid = perLayer('grid', options.grid ?? 5, count)
  const degree = perLayer('degree', options.degree ?? 3, count)
  const base = perLayer<Base>('base', options.base ?? 'silu', count)
  const layers = shapes.map((shape, l) => ({
    ...shape,
    intervals: checkInteger('grid', grid[l], 1, LARGEST_GRID),
    degree: checkInteger('degree', degree[l], 1, 5),
    base: checkChoice('base', base[l]!, ['silu', 'identity', 'zero']),
  }))
  checkParameters(layers)
  if (!Array.isArray(range) || range.length !== 2)
    throw new ConfigError(
      `range is ${JSON.stringify(range)}; it must be two finite numbers, the lower first, such as [-1, 1].`,
    )
  const [low, high] = range
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high)
    throw new ConfigError(`range is [${low}, ${high}]; it must be two finite numbers, the lower first.`)
  if (!Number.isFinite(noise) || noise < 0)
    throw new ConfigError(`noise is ${noise}; it must be 0 or a positive number.`)
  return {
    layers,
    range: [low, high],
    seed: checkSeed(seed),
    noise,
    scaleSplineInit: checkChoice('scaleSplineInit', scaleSplineInit, ['one', 'sqrt']),
    trainable: resolveTrainable(options.trainable),
    scaling: resolveScaling(options.scaling, {
      inputs: layers[0]!.inputs,
      outputs: nodeCount(layers.at(-1)!),
    }),
  }
}
