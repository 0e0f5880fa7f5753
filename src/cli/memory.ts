import { freemem, totalmem } from 'node:os'
import { OutOfMemoryError } from '../errors.ts'
import type { OptimizerName } from '../engine/engine.ts'
import { LBFGS_HISTORY } from '../engine/memory.ts'
import type { Layout } from '../model/shape.ts'
import { byteSize } from './numbers.ts'

/** Numbers a parameter has at the fullest moment: weights, gradient, two moments and the best on the engine, with folded
 * weights and their gradient; the model, the upload, and the state that is read back on the host. */
const COPIES = 14

/** Numbers a value of the table has: in the table, as samples, in the network's coordinates, and on the engine. */
const ROW_COPIES = 5

/** Rows the CPU engine pushes through the network at once: see BLOCK_ROWS in engine/cpu/network.ts. */
const BLOCK_ROWS = 256

/** Square matrices of the parameters that 'lm' has: the curvature and its factor (engine/cpu/lm). */
const CURVATURE_COPIES = 2

/**
 * Numbers that 'lbfgs' has a parameter: ten steps and ten changes of the gradient, on the engine and in the state
 * (engine/memory.ts).
 */
const HISTORY_COPIES = 2 * 2 * LBFGS_HISTORY

/**
 * About how many bytes training takes, host and engine together, in float64; a GPU takes about half of the engine's part.
 * @param models trained side by side
 */
export function trainingBytes(
  layout: Layout,
  rows: number,
  optimizer: OptimizerName = 'adam',
  models: number = 1,
): number {
  const scratch = layout.layers.reduce(
    (sum, layer) =>
      sum +
      // Basis values and slopes of a block, and the local polynomials of every interval.
      layer.inputs *
        (2 * BLOCK_ROWS * (layer.degree + 3) +
          (layer.intervals + 2 * layer.degree) * (layer.degree + 1) ** 2),
    0,
  )
  const curvature = optimizer === 'lm' ? CURVATURE_COPIES * layout.parameters ** 2 : 0
  const samples = ROW_COPIES * rows * (layout.inputs + layout.outputs)
  const copies = COPIES + (optimizer === 'lbfgs' ? HISTORY_COPIES : 0)
  return 8 * (copies * models * layout.parameters + scratch + curvature + samples)
}

/** What takes less memory. */
const LESS = '--hidden nodes or a coarser --grid'

/**
 * A warning when training would take more memory than is free.
 * @param less of what there should be fewer
 * @throws OutOfMemoryError when it would take more than the machine has
 */
export function checkMemory(
  bytes: number,
  machine: { readonly free: number; readonly total: number } = machineMemory(),
  less = LESS,
): string[] {
  if (bytes > machine.total)
    throw new OutOfMemoryError(
      `Training this network needs about ${byteSize(bytes)} of memory; this machine has ${byteSize(machine.total)}. Use ` +
        `fewer ${less}.`,
    )
  if (bytes <= machine.free) return []
  const free = byteSize(machine.free)
  return [`training needs about ${byteSize(bytes)} of memory, and ${free} are free. Fewer ${less} need less.`]
}

/** The machine's memory, or what a container grants of it. */
function machineMemory(): { free: number; total: number } {
  const granted = process.constrainedMemory() || Infinity
  const total = Math.min(totalmem(), granted)
  return { free: Math.min(freemem(), total), total }
}
