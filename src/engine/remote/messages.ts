import * as errors from '../../errors.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import type {
  EngineDescription,
  Gradients,
  KernelChoice,
  MemoryUse,
  Plan,
  Progress,
  TrainingState,
  Upload,
} from '../engine.ts'

/** A call of an engine or of one of its sessions, which are numbered in the order they were opened. */
export type EngineCall =
  | { readonly method: 'describe' | 'memory' | 'destroy' }
  | { readonly method: 'open'; readonly plan: Plan }
  | { readonly method: 'upload'; readonly session: number; readonly contents: Upload }
  | { readonly method: 'run'; readonly session: number; readonly steps: number }
  | { readonly method: 'gradients' | 'read' | 'close'; readonly session: number }
  | { readonly method: 'predict' | 'statistics'; readonly session: number; readonly x: Float64Array }

/** What each call answers. */
export interface EngineAnswers {
  describe: EngineDescription
  memory: MemoryUse
  destroy: void
  /** The new session's number, and its kernels. */
  open: { readonly session: number; readonly kernels: KernelChoice }
  upload: void
  run: Progress
  gradients: Gradients
  predict: Float64Array
  statistics: LayerStatistics[][]
  read: TrainingState
  close: void
}

/** An error as it crosses: its class by name. */
export interface ErrorRecord {
  readonly name: string
  readonly message: string
}

/** One message between the two sides; an answer carries the id of its call. Plain data and Float64Arrays. */
export type EngineMessage =
  | { readonly id: number; readonly call: EngineCall }
  | { readonly id: number; readonly answer: EngineAnswers[keyof EngineAnswers] }
  | { readonly id: number; readonly error: ErrorRecord }

/** Name and message of whatever was thrown. */
export function recordError(error: unknown): ErrorRecord {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) }
}

/** An error of the class that was thrown on the other side; one that is not webkan's own is an Error of that name. */
export function reviveError({ name, message }: ErrorRecord): Error {
  for (const Class of Object.values(errors)) {
    const error = new Class(message)
    if (error.name === name) return error
  }
  const error = new Error(message)
  error.name = name
  return error
}

/** The buffers of all arrays in an answer, each once, to be handed over instead of copied. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (value instanceof Float64Array) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer)
  } else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) buffersOf(part, found)
  return found
}
