import { OutOfMemoryError } from '../errors.ts'
import type { Layout } from './shape.ts'

/**
 * Whether an error says that there is no room for an array. V8: 'Array buffer allocation failed', 'Invalid typed array length',
 * 'Data cannot be cloned, out of memory'; JavaScriptCore: 'Out of memory'; SpiderMonkey: 'allocation size overflow'. By name, not by
 * class: the error may come from a worker or a page (engine/remote).
 */
export function isAllocationFailure(error: unknown): error is Error {
  return (
    error instanceof Error &&
    ['RangeError', 'DataCloneError', 'InternalError'].includes(error.name) &&
    /allocation (failed|size)|invalid (typed )?array (buffer )?length|out of memory/i.test(error.message)
  )
}

/** Bytes of one copy of a network's arrays, in float64. */
export function networkBytes({ parameters, knots, edges }: Layout): number {
  return 8 * (parameters + knots + edges)
}

/**
 * What to throw for an error of `work`, such as 'Training', on a network of so many bytes: an OutOfMemoryError where an array
 * found no room, else the error itself.
 */
export function explainAllocation(error: unknown, work: string, bytes: number): unknown {
  if (!isAllocationFailure(error)) return error
  return new OutOfMemoryError(
    `${work} this network, ${bytes} bytes a copy, takes more memory than this process gets; that is the limit ` +
      `(${error.message}). Use fewer nodes, a coarser grid or fewer rows, or give the process more memory.`,
    { cause: error },
  )
}

/** The outcome of `run`; throws what explainAllocation makes of its errors. */
export function withinMemory<T>(work: string, bytes: number, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw explainAllocation(error, work, bytes)
  }
}
