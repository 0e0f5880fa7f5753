/** What a visitor can set, how it is checked, and how it travels in the address. Knows nothing of the page. */
import type { OptimizerName, WidthEntry } from 'webkan'
import { toyFunctions } from 'webkan/data'
import { chosenOptimizer, usualSteps } from './optimizers.ts'

export type Device = 'auto' | 'webgpu' | 'cpu'

/** One experiment: with the same settings and device the same network is trained. */
export interface Settings {
  /** Name of a toy function. */
  readonly function: string
  /** Nodes of each hidden layer, or its [sums, products]; none connects inputs and output directly. */
  readonly hidden: readonly WidthEntry[]
  readonly grid: number
  readonly degree: number
  readonly seed: number
  readonly optimizer: 'auto' | OptimizerName
  /** Learning rate of Adam. */
  readonly rate: number
  /** What the sparsity penalty is multiplied by. */
  readonly lambda: number
  /** Scores below which pruning removes edges and nodes. */
  readonly pruneEdges: number
  readonly pruneNodes: number
  /** Steps that one press of "Train" takes. */
  readonly steps: number
  readonly device: Device
}

export type Field = keyof Settings

export const defaults: Settings = {
  function: 'exp-sin',
  hidden: [5],
  grid: 5,
  degree: 3,
  seed: 0,
  optimizer: 'auto',
  rate: 0.02,
  lambda: 0,
  pruneEdges: 0.03,
  pruneNodes: 0.01,
  steps: usualSteps.lm,
  device: 'auto',
}

export const fields: readonly Field[] = [
  'function',
  'hidden',
  'grid',
  'degree',
  'seed',
  'optimizer',
  'rate',
  'lambda',
  'pruneEdges',
  'pruneNodes',
  'steps',
  'device',
]

/** More would be trained, but not drawn so that a curve can be read. */
const mostHiddenLayers = 3
const mostHiddenNodes = 10

/** A text that is not acceptable, with what would be. */
export class SettingError extends Error {}

/** What the fields are called when speaking to a person. */
export const names: Record<Field, string> = {
  function: 'function',
  hidden: 'hidden layers',
  grid: 'grid',
  degree: 'degree',
  seed: 'seed',
  optimizer: 'optimizer',
  rate: 'learning rate',
  lambda: 'sparsity weight',
  pruneEdges: 'threshold of edges',
  pruneNodes: 'threshold of nodes',
  steps: 'number of steps',
  device: 'device',
}

const parsers: { readonly [F in Field]: (text: string) => Settings[F] } = {
  function: text =>
    choice(
      'function',
      text,
      toyFunctions.map(f => f.name),
    ),
  hidden: parseHidden,
  grid: text => whole('grid', text, 1, 50),
  degree: text => whole('degree', text, 1, 5),
  seed: text => whole('seed', text, 0, 999_999_999),
  optimizer: text => choice<Settings['optimizer']>('optimizer', text, ['auto', 'adam', 'lbfgs', 'lm']),
  rate: text => decimal('rate', text, 1e-6, 1, 'from 0.000001 to 1, such as 0.02'),
  lambda: text => decimal('lambda', text, 0, 1, 'from 0 to 1, such as 0.001'),
  pruneEdges: text => decimal('pruneEdges', text, 0, 1, 'from 0 to 1, such as 0.03'),
  pruneNodes: text => decimal('pruneNodes', text, 0, 1, 'from 0 to 1, such as 0.01'),
  steps: text => whole('steps', text, 1, 100_000),
  device: text => choice<Device>('device', text, ['auto', 'webgpu', 'cpu']),
}

/**
 * The settings with one field read from a person's text. A number of steps that was the usual one becomes that of the optimizer
 * that the settings now mean. Throws SettingError.
 */
export function withField(settings: Settings, field: Field, text: string): Settings {
  const changed = read(settings, field, text)
  const wasUsual = settings.steps === usualSteps[chosenOptimizer(settings)]
  return field !== 'steps' && wasUsual ? withUsualSteps(changed) : changed
}

function read(settings: Settings, field: Field, text: string): Settings {
  const changed = { ...settings, [field]: parsers[field](text.trim()) }
  if (changed.optimizer === 'lm' && changed.device === 'webgpu')
    throw new SettingError(
      `Levenberg–Marquardt needs float64, which WebGPU lacks; choose ${field === 'device' ? 'another optimizer first' : 'another device first'}.`,
    )
  return changed
}

function withUsualSteps(settings: Settings): Settings {
  return { ...settings, steps: usualSteps[chosenOptimizer(settings)] }
}

/** A field as the text that `withField` reads. */
export function fieldText(settings: Settings, field: Field): string {
  if (field !== 'hidden') return String(settings[field])
  return settings.hidden.map(entry => (typeof entry === 'number' ? entry : entry.join('+'))).join()
}

/** A field's text for a sentence. */
export function shownText(settings: Settings, field: Field): string {
  return fieldText(settings, field) || 'no hidden layer'
}

/**
 * Settings from an address's hash. A bad value falls back to its default, with a sentence about it. An address from before there
 * were other optimizers than Adam names its learning rate and no optimizer: it still means Adam. A plus sign is one, no space.
 * Never throws.
 */
export function readHash(hash: string): { settings: Settings; notices: string[] } {
  const notices: string[] = []
  let settings = defaults
  const seen = new Set<string>()
  for (const [name, text] of new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B'))) {
    const field = fields.find(candidate => candidate === name)
    if (field === undefined)
      notices.push(`The address has a setting “${shorten(name)}” that does not exist here.`)
    else if (seen.has(field)) notices.push(`The address sets “${name}” more than once; the first one counts.`)
    else {
      seen.add(field)
      try {
        settings = read(settings, field, text)
      } catch (error) {
        if (!(error instanceof SettingError)) throw error
        notices.push(
          `${error.message} The address asked for something else, so ${shownText(defaults, field)} is used.`,
        )
      }
    }
  }
  if (seen.has('rate') && !seen.has('optimizer')) settings = { ...settings, optimizer: 'adam' }
  if (!seen.has('steps')) settings = withUsualSteps(settings)
  return { settings, notices }
}

/** The hash of settings, every field spelled out: what is shared stays the same when a default changes. */
export function writeHash(settings: Settings): string {
  return `#${fields.map(field => `${field}=${fieldText(settings, field)}`).join('&')}`
}

/** Whether the network must be made anew, or training can go on with what it has learned. */
export function needsNewNetwork(before: Settings, after: Settings): boolean {
  return renewing(before, after).length > 0
}

/** What undoing says of a network that was made anew for other settings. */
export function renewal(before: Settings, after: Settings): string {
  const [field, another] = renewing(before, after)
  return `the new ${field === undefined || another !== undefined ? 'settings' : names[field]}`
}

/** Fields that differ, and that a network cannot follow. */
function renewing(before: Settings, after: Settings): Field[] {
  const kept = new Set<Field>(['optimizer', 'rate', 'lambda', 'pruneEdges', 'pruneNodes', 'steps', 'device'])
  return fields.filter(field => !kept.has(field) && fieldText(before, field) !== fieldText(after, field))
}

function shorten(text: string): string {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text
}

function choice<T extends string>(field: Field, text: string, allowed: readonly T[]): T {
  const found = allowed.find(candidate => candidate === text)
  if (found === undefined)
    throw new SettingError(`The ${names[field]} cannot be “${shorten(text)}”; choose ${allowed.join(', ')}.`)
  return found
}

function whole(field: Field, text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  if (!(value >= low && value <= high))
    throw new SettingError(
      `The ${names[field]} cannot be “${shorten(text)}”; give a whole number from ${low} to ${high}.`,
    )
  return value
}

function decimal(field: Field, text: string, low: number, high: number, wanted: string): number {
  const value = /^[\d.]+(e-?\d+)?$/i.test(text) ? Number(text) : NaN
  if (!(value >= low && value <= high))
    throw new SettingError(`The ${names[field]} cannot be “${shorten(text)}”; give a number ${wanted}.`)
  return value
}

/** 5,3+1: a layer of five sums, then one of three sums and a product, as the command has it. */
function parseHidden(text: string): WidthEntry[] {
  if (text === '' || text === 'none') return []
  const layers = text.split(/\s*,\s*|\s+/).map(parseLayer)
  const nodes = layers.map(entry => (typeof entry === 'number' ? entry : entry[0] + entry[1]))
  if (layers.length > mostHiddenLayers || !nodes.every(count => count >= 1 && count <= mostHiddenNodes))
    throw new SettingError(
      `The ${names.hidden} cannot be “${shorten(text)}”; give up to ${mostHiddenLayers} numbers from 1 to ${mostHiddenNodes}, such as 5 or 5,3, with products as 3+1, or nothing.`,
    )
  return layers
}

/** NaN where it is none. */
function parseLayer(text: string): WidthEntry {
  const [, sums, products] = /^(\d+)(?:\+(\d+))?$/.exec(text) ?? []
  if (sums === undefined) return NaN
  return products === undefined ? Number(sums) : [Number(sums), Number(products)]
}
