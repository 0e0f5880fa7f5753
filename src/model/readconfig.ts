import { ConfigError, FormatError } from '../errors.ts'
import { resolveConfig } from './config.ts'
import type { Config } from './config.ts'
import { isJsonObject } from './json.ts'
import type { ScalingOptions } from './scalingchoice.ts'
import { nodeCount } from './shape.ts'
import type { LayerShape, SymbolicEdge } from './shape.ts'
import { checkSymbolicEdges } from './symbolic.ts'
import { arityOf, widthOf } from './width.ts'

function refuse(what: string): never {
  throw new FormatError(
    `The model's configuration is not valid: ${what}. The file was altered; export it again.`,
  )
}

type Fields = Readonly<Record<string, unknown>>

/** @param optional fields that files may lack */
function readFields(
  value: unknown,
  name: string,
  keys: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (!isJsonObject(value)) return refuse(`${name} is not an object`)
  const unknown = Object.keys(value).find(key => !keys.includes(key) && !optional.includes(key))
  if (unknown !== undefined) return refuse(`${name} has the unknown field ${JSON.stringify(unknown)}`)
  const missing = keys.find(key => !Object.hasOwn(value, key))
  return missing === undefined ? value : refuse(`${name} has no ${missing}`)
}

function readNumber(fields: Fields, key: string, name: string): number {
  const value = fields[key]
  return typeof value === 'number' ? value : refuse(`${name}.${key} is not a number`)
}

function readText(fields: Fields, key: string, name: string): string {
  const value = fields[key]
  return typeof value === 'string' ? value : refuse(`${name}.${key} is not a text`)
}

function readBoolean(fields: Fields, key: string, name: string): boolean {
  const value = fields[key]
  return typeof value === 'boolean' ? value : refuse(`${name}.${key} is neither true nor false`)
}

function readChoice<T extends string>(fields: Fields, key: string, name: string, choices: readonly T[]): T {
  return (
    choices.find(choice => choice === fields[key]) ??
    refuse(`${name}.${key} is not one of ${choices.join(', ')}`)
  )
}

/** The numbers of factors of a layer's products, which fit into its outputs; none where the field is left out. */
function readProducts(fields: Fields, name: string): readonly number[] {
  const value = fields['products']
  if (value === undefined) return []
  const factors: unknown[] = Array.isArray(value) ? value : []
  if (factors.length === 0) return refuse(`${name}.products is not a list of at least one number`)
  return factors.map(factor =>
    typeof factor === 'number' ? factor : refuse(`${name}.products holds what is not a number`),
  )
}

/** The symbolic edges of a layer, their formulas checked; none where the field is left out. */
function readSymbolic(fields: Fields, name: string): readonly SymbolicEdge[] {
  const value = fields['symbolic']
  if (value === undefined) return []
  const edges: unknown[] = Array.isArray(value) ? value : []
  if (edges.length === 0) return refuse(`${name}.symbolic is not a list of at least one edge`)
  return edges.map((raw, e) => {
    const own = `${name}.symbolic[${e}]`
    const edge = readFields(raw, own, ['edge', 'name', 'formula'], ['fixedAt'])
    return {
      edge: readNumber(edge, 'edge', own),
      name: readText(edge, 'name', own),
      formula: readText(edge, 'formula', own),
      ...(edge['fixedAt'] === undefined ? {} : { fixedAt: readAffine(edge['fixedAt'], `${own}.fixedAt`) }),
    }
  })
}

function readAffine(value: unknown, name: string): number[] {
  const numbers: unknown[] = Array.isArray(value) ? value : []
  const finite = numbers.filter(number => typeof number === 'number' && Number.isFinite(number))
  return numbers.length === 4 && finite.length === 4
    ? finite.map(Number)
    : refuse(`${name} is not a list of four finite numbers`)
}

/** Columns on a logarithmic scale, as new KAN takes them. */
function readLog(value: unknown): NonNullable<ScalingOptions['log']> {
  const log = readFields(value, 'scaling.log', ['inputs', 'outputs'])
  return { inputs: readPlaces(log, 'inputs'), output: readPlaces(log, 'outputs') }
}

function readPlaces(fields: Fields, key: string): number[] {
  const list = fields[key]
  const entries: unknown[] = Array.isArray(list) ? list : refuse(`scaling.log.${key} is not a list`)
  return entries.map(entry =>
    typeof entry === 'number' ? entry : refuse(`scaling.log.${key} holds what is no number`),
  )
}

/**
 * A Config from parsed JSON of unknown origin: every field is there and of its type, no others are, layers fit together, and
 * all limits of resolveConfig hold. Throws FormatError.
 */
export function readConfig(value: unknown): Config {
  const fields = readFields(value, 'config', [
    'layers',
    'range',
    'seed',
    'noise',
    'scaleSplineInit',
    'trainable',
    'scaling',
  ])
  const rawLayers: unknown = fields['layers']
  if (!Array.isArray(rawLayers) || rawLayers.length === 0)
    return refuse('layers is not a list of at least one layer')
  const layers = rawLayers.map((raw: unknown, l) => {
    const name = `layers[${l}]`
    const layer = readFields(
      raw,
      name,
      ['inputs', 'outputs', 'intervals', 'degree', 'base'],
      ['products', 'symbolic'],
    )
    return {
      products: readProducts(layer, name),
      symbolic: readSymbolic(layer, name),
      inputs: readNumber(layer, 'inputs', name),
      outputs: readNumber(layer, 'outputs', name),
      intervals: readNumber(layer, 'intervals', name),
      degree: readNumber(layer, 'degree', name),
      base: readChoice(layer, 'base', name, ['silu', 'identity', 'zero']),
    }
  })
  layers.forEach((layer, l) => {
    const before = layers[l - 1]
    if (before !== undefined && nodeCount(before) !== layer.inputs)
      refuse(`layers[${l}] has ${layer.inputs} inputs after a layer of ${nodeCount(before)} nodes`)
  })
  const rawRange: unknown = fields['range']
  const range: unknown[] = Array.isArray(rawRange) && rawRange.length === 2 ? rawRange : []
  const [low, high] = range
  if (typeof low !== 'number' || typeof high !== 'number') return refuse('range is not a list of two numbers')
  const groups = ['coef', 'scaleBase', 'scaleSpline', 'nodeScale', 'nodeBias'] as const
  // Files from before there were symbolic edges do not say whether their parameters train.
  const trainable = { affine: true, ...readFields(fields['trainable'], 'trainable', groups, ['affine']) }
  const scaling = readFields(fields['scaling'], 'scaling', ['input', 'output'], ['log'])
  try {
    const config = resolveConfig({
      width: widthOf(layers),
      arity: arityOf(layers),
      grid: layers.map(layer => layer.intervals),
      degree: layers.map(layer => layer.degree),
      base: layers.map(layer => layer.base),
      range: [low, high],
      seed: readNumber(fields, 'seed', 'config'),
      noise: readNumber(fields, 'noise', 'config'),
      scaleSplineInit: readChoice(fields, 'scaleSplineInit', 'config', ['one', 'sqrt']),
      trainable: {
        coef: readBoolean(trainable, 'coef', 'trainable'),
        scaleBase: readBoolean(trainable, 'scaleBase', 'trainable'),
        scaleSpline: readBoolean(trainable, 'scaleSpline', 'trainable'),
        nodeScale: readBoolean(trainable, 'nodeScale', 'trainable'),
        nodeBias: readBoolean(trainable, 'nodeBias', 'trainable'),
        affine: readBoolean(trainable, 'affine', 'trainable'),
      },
      scaling: {
        input: readChoice(scaling, 'input', 'scaling', ['minmax', 'none']),
        output: readChoice(scaling, 'output', 'scaling', ['standard', 'none']),
        ...(scaling['log'] === undefined ? {} : { log: readLog(scaling['log']) }),
      },
    })
    return { ...config, layers: config.layers.map((layer, l) => addSymbolic(layer, layers[l]!.symbolic, l)) }
  } catch (error) {
    if (error instanceof ConfigError) return refuse(error.message.replace(/\.$/, ''))
    throw error
  }
}

function addSymbolic(layer: LayerShape, symbolic: readonly SymbolicEdge[], l: number): LayerShape {
  if (symbolic.length === 0) return layer
  checkSymbolicEdges({ ...layer, symbolic }, `layers[${l}]`)
  return { ...layer, symbolic }
}
