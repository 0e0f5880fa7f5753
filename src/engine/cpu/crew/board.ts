import type { Allocator } from '../memory.ts'

/** What a crew is asked to do: the sums of slices of a batch for one model, or whole steps of models. */
export const JOBS = { slices: 0, models: 1 } as const

/** A job of a crew; a task of it is a slice or a model. */
export interface Job {
  kind: number
  model: number
  /** Rows of the batch. */
  rows: number
  step: number
  /** 1 / sum of the batch's weights. */
  share: number
}

/** Where threads of a crew find their tasks: memory that all of them see. */
export interface Board {
  readonly control: Int32Array
  readonly share: Float64Array
}

/**
 * Places in `control`. TASKS counts down: whoever takes one gets the count before; 0 or less, nothing is left. BEATS counts up while
 * threads other than the session's compute. From NOTE on: the characters of what went wrong, and 0.
 */
const [NEWS, TASKS, OPEN, ENDED, FAILED, KIND, MODEL, ROWS, STEP] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const
const BEATS = 9
const NOTE = 16
const NOTE_LENGTH = 200
/** Looks at the board before a thread falls asleep: about 20 us, less than waking it takes. */
const PATIENCE = 500
/**
 * A thread that died with a task in hand tells nobody, so silence has to: its `exit` reaches an event loop that stands still while the
 * session's thread waits for that very task. Seconds in a row without a beat are counted where they pass awake: a machine that
 * slept for hours lost one of them.
 */
const SECOND = 1000

/** The memory in which a session's threads meet; its arrays come zeroed, as a board without a job. */
export function createBoard(allocator: Allocator): Board {
  return {
    control: allocator.int32('tasks', NOTE + NOTE_LENGTH + 1),
    share: allocator.float64('tasks', 1),
  }
}

/** Puts up a job of `tasks` tasks. Precondition: all tasks of the last one are done. */
export function putUp(
  { control, share: shared }: Board,
  kind: number,
  model: number,
  rows: number,
  step: number,
  share: number,
  tasks: number,
): void {
  control[KIND] = kind
  control[MODEL] = model
  control[ROWS] = rows
  control[STEP] = step
  shared[0] = share
  Atomics.store(control, OPEN, tasks)
  // Only now can tasks be taken; what was written before is seen by whoever takes one.
  Atomics.store(control, TASKS, tasks)
  Atomics.add(control, NEWS, 1)
  Atomics.notify(control, NEWS)
}

/** The number of a task that now is the caller's, or -1. */
export function takeTask({ control }: Board): number {
  return Atomics.load(control, TASKS) > 0 ? Math.max(-1, Atomics.sub(control, TASKS, 1) - 1) : -1
}

/** Writes the job that tasks belong to into `job`. */
export function readJob({ control, share }: Board, job: Job): void {
  job.kind = control[KIND]!
  job.model = control[MODEL]!
  job.rows = control[ROWS]!
  job.step = control[STEP]!
  job.share = share[0]!
}

/** Says that a task is done, or could not be, and why; the first reason is kept. */
export function finishTask({ control }: Board, failure?: string): void {
  if (failure !== undefined && Atomics.compareExchange(control, FAILED, 0, 1) === 0)
    for (let c = 0; c < Math.min(failure.length, NOTE_LENGTH); c++) control[NOTE + c] = failure.charCodeAt(c)
  if (Atomics.sub(control, OPEN, 1) === 1) Atomics.notify(control, OPEN)
}

/** Says that a thread other than the session's is alive and at work. */
export function beat({ control }: Board): void {
  Atomics.add(control, BEATS, 1)
}

/** How often threads other than the session's have said so: more than before, and they have computed something since. */
export function countBeats({ control }: Board): number {
  return Atomics.load(control, BEATS)
}

/**
 * Waits until all tasks of the job are done; undefined if all went well, or else what went wrong. A page's own thread may not sleep,
 * and looks until then: the others are at their last task. A thread that takes a task and dies is given up after `mostSilent` seconds.
 */
export function waitForAll(board: Board, maySleep: boolean, mostSilent: number): string | undefined {
  const { control } = board
  let beats = countBeats(board)
  let silent = 0
  let next = 0
  for (let looks = 0; ; looks++) {
    const open = Atomics.load(control, OPEN)
    if (open === 0) return Atomics.load(control, FAILED) === 0 ? undefined : readNote(control)
    if (looks <= PATIENCE) continue
    if (maySleep) Atomics.wait(control, OPEN, open, SECOND)
    const now = performance.now()
    if (next === 0) next = now + SECOND
    if (now < next) continue
    next = now + SECOND
    silent = countBeats(board) === beats ? silent + 1 : 0
    beats = countBeats(board)
    if (silent >= mostSilent) return `it took a task and has been silent for ${silent} s`
  }
}

function readNote(control: Int32Array): string {
  return String.fromCharCode(...control.subarray(NOTE, control.indexOf(0, NOTE)))
}

/** Waits for a job that is newer than `news`, the last one's number; the new number, or -1 at the end. */
export function waitForNews({ control }: Board, news: number): number {
  for (let looks = 0; ; looks++) {
    if (Atomics.load(control, ENDED) !== 0) return -1
    const now = Atomics.load(control, NEWS)
    if (now !== news) return now
    if (looks > PATIENCE) Atomics.wait(control, NEWS, news)
  }
}

/** Sends the threads home. */
export function endBoard({ control }: Board): void {
  Atomics.store(control, ENDED, 1)
  // Also wakes a thread that has just looked at ENDED and has not fallen asleep yet.
  Atomics.add(control, NEWS, 1)
  Atomics.notify(control, NEWS)
}
