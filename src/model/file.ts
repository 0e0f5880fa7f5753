/**
 * Model files: safetensors (see safetensors.ts) with
 *
 *   metadata  format 'webkan', version '1' or '2', config and, where there are any, encoder, statistics and training as JSON texts,
 *             formulas (those that symbolify chose, a list of texts), loss as it is, and sha256 over these texts and all tensors
 *   tensors   parameters, knots, mask (flat, as model/shape.ts lays them out); scaling.input.shift, scaling.input.scale,
 *             scaling.output.shift, scaling.output.scale, and scaling.input.log, scaling.output.log (0 or 1 a column) where
 *             columns are on a logarithmic scale; statistics.<layer>.<name>; training.* (train/checkpoint.ts)
 */
import { readEncoder } from '../data/encoder.ts'
import type { TableEncoder } from '../data/encoder.ts'
import { ConfigError, FormatError, NonFiniteError } from '../errors.ts'
import { checkKnots } from '../spline/knots.ts'
import { checkFormulas } from './formulas.ts'
import { isJsonObject, parseStrictJson } from './json.ts'
import type { Loss, ModelParts } from './model.ts'
import { readConfig } from './readconfig.ts'
import { decodeSafetensors, digestTensors, encodeSafetensors } from './safetensors.ts'
import type { Tensor, Tensors } from './safetensors.ts'
import type { Scaling } from './scaling.ts'
import { createLayout } from './shape.ts'
import type { LayerLayout, Layout } from './shape.ts'
import type { LayerStatistics, Statistics } from './statistics.ts'

const FORMAT = 'webkan'
/** Version 1, whose readers know no logarithmic scales, products and symbolic edges, is written where there are none. */
const VERSION = 2
/** config: { layers: [ { symbolic: [ { fixedAt: [ ; encoder: { inputs: [ { ; training: { evaluations: [ */
const JSON_DEPTH = 6

/** What a file may hold beside the model: a JSON text and tensors whose names begin with 'training.'. */
export interface TrainingPart {
  readonly text: string
  readonly tensors: Tensors
}

function refuse(what: string): never {
  throw new FormatError(
    `Not a usable model file: ${what}. It is truncated, altered or of another kind; export it again.`,
  )
}

/** A flat array as a tensor of rank 1. */
export function vector(values: Float64Array): Tensor {
  return { shape: [values.length], values }
}

/** The tensor of that name, which must be float64 of that length. Throws FormatError; `finite: false` allows all values. */
export function readVector(tensors: Tensors, name: string, length: number, finite = true): Float64Array {
  const values = tensors[name]?.values
  if (!(values instanceof Float64Array)) return refuse(`the tensor ${name} is missing or not float64`)
  if (values.length !== length)
    return refuse(`the tensor ${name} has ${values.length} values, and ${length} are needed`)
  const bad = finite ? values.findIndex(value => !Number.isFinite(value)) : -1
  return bad < 0 ? values : refuse(`the tensor ${name} holds ${values[bad]} at ${bad}`)
}

const statisticSizes = {
  inputMin: layer => layer.inputs,
  inputMax: layer => layer.inputs,
  histogram: layer => layer.inputs * (layer.knotsPerInput + 1),
  inputDeviation: layer => layer.inputs,
  edgeL1: layer => layer.inputs * layer.outputs,
  edgeMean: layer => layer.inputs * layer.outputs,
  edgeDeviation: layer => layer.inputs * layer.outputs,
  nodeDeviation: layer => layer.outputs,
} as const satisfies Record<keyof LayerStatistics, (layer: LayerLayout) => number>

const statisticNames = [
  'inputMin',
  'inputMax',
  'inputDeviation',
  'histogram',
  'edgeL1',
  'edgeMean',
  'edgeDeviation',
  'nodeDeviation',
] as const

/** Everything the hash covers besides the tensors, as one unambiguous text. */
function hashedText(metadata: Readonly<Record<string, string>>): string {
  const covered = Object.entries(metadata).filter(([key]) => key !== 'sha256')
  return JSON.stringify(covered.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The first version of the format that knows all that the model has. */
function versionOf({ config, scaling, formulas }: ModelParts): number {
  const logs = config.scaling.log ?? scaling?.input.log ?? scaling?.output.log
  return logs || formulas || config.layers.some(({ products, symbolic }) => products ?? symbolic) ? 2 : 1
}

/** Writes a model, and with it the state of a training run if given. Equal models give equal bytes. */
export function encodeModelFile(model: ModelParts, training?: TrainingPart): Uint8Array {
  const { scaling, statistics, encoder, loss, formulas } = model
  const tensors: Record<string, Tensor> = {
    parameters: vector(model.parameters),
    knots: vector(model.knots),
    mask: vector(model.mask),
  }
  if (scaling)
    for (const side of ['input', 'output'] as const) {
      tensors[`scaling.${side}.shift`] = vector(scaling[side].shift)
      tensors[`scaling.${side}.scale`] = vector(scaling[side].scale)
      const { log } = scaling[side]
      if (log) tensors[`scaling.${side}.log`] = vector(Float64Array.from(log, Number))
    }
  statistics?.layers.forEach((layer, l) => {
    for (const name of statisticNames) {
      const values = layer[name]
      if (values) tensors[`statistics.${l}.${name}`] = vector(values)
    }
  })
  const metadata: Record<string, string> = {
    format: FORMAT,
    version: String(versionOf(model)),
    config: JSON.stringify(model.config),
    ...(encoder ? { encoder: JSON.stringify(encoder) } : {}),
    ...(statistics ? { statistics: JSON.stringify({ rows: statistics.rows }) } : {}),
    ...(formulas ? { formulas: JSON.stringify(formulas) } : {}),
    ...(loss ? { loss } : {}),
    ...(training ? { training: training.text } : {}),
  }
  const all = { ...tensors, ...training?.tensors }
  return encodeSafetensors(all, { ...metadata, sha256: digestTensors(hashedText(metadata), all) })
}

function checkOrigin(metadata: Readonly<Record<string, string>>, tensors: Tensors): void {
  if (metadata['format'] !== FORMAT) refuse(`its metadata does not say that webkan wrote it`)
  const version = metadata['version'] ?? ''
  if (!/^[1-9]\d{0,8}$/.test(version)) refuse('its version is not a number')
  if (Number(version) > VERSION)
    throw new FormatError(
      `The model file has version ${version}, and this webkan reads up to version ${VERSION}. Update webkan to read it.`,
    )
  if (metadata['sha256'] !== digestTensors(hashedText(metadata), tensors))
    refuse('its content does not match its SHA-256')
}

function parse(metadata: Readonly<Record<string, string>>, key: string): unknown {
  const text = metadata[key]
  return text === undefined
    ? undefined
    : parseStrictJson(text, { what: `The model's ${key}`, depth: JSON_DEPTH })
}

function readKnots(tensors: Tensors, layout: Layout): Float64Array {
  const knots = readVector(tensors, 'knots', layout.knots)
  for (const layer of layout.layers)
    for (let i = 0; i < layer.inputs; i++) {
      const start = layer.knots + i * layer.knotsPerInput
      try {
        checkKnots(knots.subarray(start, start + layer.knotsPerInput), layer.intervals, layer.degree)
      } catch (error) {
        if (error instanceof ConfigError) refuse(error.message)
        throw error
      }
    }
  return knots
}

function readScaling(tensors: Tensors, layout: Layout): Scaling | undefined {
  if (!Object.keys(tensors).some(name => name.startsWith('scaling.'))) return undefined
  const side = (name: 'input' | 'output', columns: number): Scaling['input'] => {
    const shift = readVector(tensors, `scaling.${name}.shift`, columns)
    const scale = readVector(tensors, `scaling.${name}.scale`, columns)
    if (scale.some(value => value <= 0)) refuse(`scaling.${name}.scale is not positive everywhere`)
    const flags = tensors[`scaling.${name}.log`] && readVector(tensors, `scaling.${name}.log`, columns)
    if (flags?.some(flag => flag !== 0 && flag !== 1) === true)
      refuse(`scaling.${name}.log holds values other than 0 and 1`)
    return { shift, scale, ...(flags ? { log: Array.from(flags, flag => flag === 1) } : {}) }
  }
  return { input: side('input', layout.inputs), output: side('output', layout.outputs) }
}

function readStatistics(value: unknown, tensors: Tensors, layout: Layout): Statistics | undefined {
  if (value === undefined) return undefined
  const rows = isJsonObject(value) ? value['rows'] : undefined
  if (typeof rows !== 'number' || !Number.isSafeInteger(rows) || rows < 1)
    return refuse('statistics have no rows')
  const layers = layout.layers.map((layer, l) => {
    const read = (name: keyof LayerStatistics): Float64Array =>
      readVector(tensors, `statistics.${l}.${name}`, statisticSizes[name](layer))
    return {
      inputMin: read('inputMin'),
      inputMax: read('inputMax'),
      ...(Object.hasOwn(tensors, `statistics.${l}.inputDeviation`)
        ? { inputDeviation: read('inputDeviation') }
        : {}),
      histogram: read('histogram'),
      edgeL1: read('edgeL1'),
      edgeMean: read('edgeMean'),
      edgeDeviation: read('edgeDeviation'),
      nodeDeviation: read('nodeDeviation'),
    }
  })
  return { rows, layers }
}

function checkEncoderFits(encoder: TableEncoder, layout: Layout): void {
  if (encoder.inputs.length !== layout.inputs)
    refuse(`its table encoder has ${encoder.inputs.length} inputs and its network ${layout.inputs}`)
  const outputs = encoder.target.labels?.length ?? 1
  if (outputs !== layout.outputs)
    refuse(`its table encoder needs ${outputs} outputs and its network has ${layout.outputs}`)
}

function readLoss(text: string | undefined, layout: Layout): Loss | undefined {
  if (text === undefined || text === 'mse' || text === 'mae' || text === 'huber') return text
  if (text !== 'cross-entropy') return refuse('its loss is none of mse, mae, huber and cross-entropy')
  return layout.outputs > 1 ? text : refuse('its loss is cross-entropy and its network has 1 output')
}

function readFormulas(
  value: unknown,
  network: Parameters<typeof checkFormulas>[1],
): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return refuse('its formulas are no list')
  const texts: string[] = []
  for (const text of value) texts.push(typeof text === 'string' ? text : refuse('a formula is no text'))
  try {
    checkFormulas(texts, network)
  } catch (error) {
    if (error instanceof ConfigError) return refuse(error.message)
    throw error
  }
  return texts
}

/**
 * Reads a model file of any origin. Nothing is used before it is checked: the container, the hash, every field of the
 * configuration, every array's length against it, finite values, increasing knots. Throws FormatError.
 */
export function decodeModelFile(bytes: Uint8Array): {
  model: ModelParts
  training: TrainingPart | undefined
} {
  const { tensors, metadata } = decodeSafetensors(bytes)
  checkOrigin(metadata, tensors)
  const config = readConfig(parse(metadata, 'config'))
  const layout = createLayout(config.layers)
  const mask = readVector(tensors, 'mask', layout.edges)
  if (mask.some(value => value !== 0 && value !== 1))
    refuse('the tensor mask holds values other than 0 and 1')
  for (const { symbolic = [], edges } of layout.layers)
    if (symbolic.some(({ edge }) => mask[edges + edge] !== 0))
      refuse('the tensor mask leaves a spline in place of a symbolic edge')
  const encoder = metadata['encoder'] === undefined ? undefined : readEncoder(parse(metadata, 'encoder'))
  if (encoder) checkEncoderFits(encoder, layout)
  const model = {
    config,
    parameters: readVector(tensors, 'parameters', layout.parameters),
    knots: readKnots(tensors, layout),
    mask,
    scaling: readScaling(tensors, layout),
    statistics: readStatistics(parse(metadata, 'statistics'), tensors, layout),
    encoder,
    loss: readLoss(metadata['loss'], layout),
    formulas: readFormulas(parse(metadata, 'formulas'), { encoder, layout }),
  }
  const text = metadata['training']
  return { model, training: text === undefined ? undefined : { text, tensors } }
}

/**
 * A model as a file's bytes: bit-equal after loadModel, statistics, scaling, encoder and loss included. Throws NonFiniteError for
 * parameters that loadModel would refuse.
 */
export function saveModel(model: ModelParts): Uint8Array {
  const bad = model.parameters.findIndex(value => !Number.isFinite(value))
  if (bad >= 0)
    throw new NonFiniteError(
      `Parameter ${bad} is ${model.parameters[bad]!}; a file holds finite ones. Train the model anew.`,
    )
  return encodeModelFile(model)
}

/** The size of a file in bytes. Throws FormatError for a file that is given as anything but its bytes. */
export function fileSize(bytes: Uint8Array): number {
  if (!ArrayBuffer.isView(bytes))
    throw new FormatError(
      'A model file is read from its bytes, a Uint8Array; for a fetched file: new Uint8Array(await response.arrayBuffer()).',
    )
  return bytes.length
}

/** The model in a file's bytes (a checkpoint's too). Throws FormatError for whatever saveModel did not write. */
export function loadModel(bytes: Uint8Array): ModelParts {
  return decodeModelFile(bytes).model
}
