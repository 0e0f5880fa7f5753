import type { Plan, Rows } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import type { Network } from '../model/model.ts'
import { hasSymbolic } from '../model/shape.ts'
import { arityOf, widthOf } from '../model/width.ts'
import type { FitSettings } from './defaults.ts'
import type { Task } from './task.ts'

/**
 * A 64-bit digest of numbers, bit for bit: two lanes of FNV-1a's multiply and xor over 32-bit words (Fowler, Noll, Vo). It
 * tells an accident (other rows, another order) from the same samples; it is no protection against intent.
 */
function digest(...lists: readonly Float64Array[]): string {
  let a = 0x811c9dc5
  let b = 0x01000193
  for (const list of lists) {
    const words = new Uint32Array(list.buffer, list.byteOffset, 2 * list.length)
    for (let p = 0; p < words.length; p++) {
      a = Math.imul(a ^ words[p]!, 0x01000193)
      a ^= a >>> 15
      b = Math.imul(b + words[p]!, 0x85ebca6b)
      b ^= b >>> 13
    }
  }
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')
}

function describeRows(rows: Rows): string {
  return `${rows.weights.length} rows, ${digest(rows.x, rows.y, rows.weights)}`
}

/**
 * What must agree for a resumed run to equal an uninterrupted one, as readable JSON: the plan, the learning rate, lambda, the grid
 * updates, the network's knots and mask, the samples. The number of steps is left out, as going on for longer is what a
 * checkpoint is for; so are restarts and refine, which say what comes before and after a stage.
 */
export function createFingerprint(
  { config, knots, mask }: Network,
  { plan, training, validation }: Task,
  { learningRate, lambda, gridUpdate }: FitSettings,
): string {
  const { layers, trainable: groups, ...rest } = { ...plan, layers: config.layers, models: 1 }
  const { affine, ...trainable } = groups
  const facts = {
    width: widthOf(layers),
    ...(layers.some(({ products }) => products) ? { arity: arityOf(layers) } : {}),
    intervals: layers.map(layer => layer.intervals),
    degree: layers.map(layer => layer.degree),
    base: layers.map(layer => layer.base),
    // Only where they matter: older checkpoints know nothing of symbolic edges.
    trainable: hasSymbolic(layers) ? { ...trainable, affine } : trainable,
    ...(hasSymbolic(layers)
      ? {
          symbolic: layers.map(({ symbolic = [] }) =>
            symbolic.map(({ edge, name, formula }) => ({ edge, name, formula })),
          ),
        }
      : {}),
    ...rest,
    learningRate,
    ...(lambda > 0 ? { lambda } : {}),
    ...(gridUpdate ? { gridUpdate } : {}),
    grid: digest(knots, mask),
    training: describeRows(training),
    ...(validation ? { validation: describeRows(validation) } : {}),
  } satisfies Record<string, unknown> & Partial<Record<keyof Plan, unknown>>
  return JSON.stringify(facts)
}

function parseFacts(text: string): Map<string, string> {
  try {
    const facts: unknown = JSON.parse(text)
    if (typeof facts === 'object' && facts !== null)
      return new Map(Object.entries(facts).map(([key, value]) => [key, JSON.stringify(value)]))
  } catch {
    // Reported below, as a fingerprint that says nothing.
  }
  throw new ConfigError(
    `The checkpoint's fingerprint is not readable; use a checkpoint as fit or loadCheckpoint gave it.`,
  )
}

/** Throws ConfigError naming every fact in which a checkpoint's fingerprint differs from this run's. */
export function checkFingerprint(checkpoint: string, run: string): void {
  if (checkpoint === run) return
  const before = parseFacts(checkpoint)
  const now = parseFacts(run)
  const differences = [...new Set([...before.keys(), ...now.keys()])]
    .filter(key => before.get(key) !== now.get(key))
    .map(key => `${key} is ${now.get(key) ?? 'absent'}, and was ${before.get(key) ?? 'absent'}`)
  throw new ConfigError(
    `The checkpoint is of another run: ${differences.join('; ')}. Resume with the same model shape, samples and options, or leave resume out.`,
  )
}
