import type { Parts } from '../engine/parts.ts'

/** A call may have so many times the steps of the one before. */
const GROWTH = 16
/** Calls take a little longer than asked for, so that an uneven machine does not make them more frequent. */
const SLACK = 1.1

/**
 * How many steps to ask of a session at once: one at first, at most GROWTH times as many each time, so that a call takes at
 * least `target` milliseconds, and hardly more. Only speed depends on it: what a run computes does not.
 */
export class Pace {
  readonly #target: number
  #steps = 1

  constructor(target: number) {
    this.#target = target
  }

  get steps(): number {
    return this.#steps
  }

  /** Learns from a call that took `steps` steps and that many milliseconds. */
  took(steps: number, milliseconds: number): void {
    // A coarse clock may say 0: then the growth decides.
    const fitting = milliseconds > 0 ? Math.ceil((steps * SLACK * this.#target) / milliseconds) : Infinity
    const most = GROWTH * Math.max(steps, this.#steps) // a call may be short for other reasons: the last steps, patience
    this.#steps = this.#target === 0 ? 1 : Math.max(1, Math.min(fitting, most))
  }
}

/**
 * Lets the host handle one round of input, timers and painting. A message rather than setTimeout, which waits 4 ms when
 * nested and a second or more in a background tab; the same code in pages, workers and Node.
 */
export function nextMacrotask(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close() // an open port would keep Node alive
      resolve()
    }
    port2.postMessage(undefined)
  })
}

/** Milliseconds of computing after which a page would be felt to stand still, and Ctrl-C not to be heard. */
const BREATH = 50

/** A function for long loops: it lets the host have a macrotask where BREATH milliseconds have passed since the last one. */
export function createBreather(): () => Promise<void> {
  let last = performance.now()
  return async () => {
    if (performance.now() - last < BREATH) return
    await nextMacrotask()
    last = performance.now()
  }
}

/** All parts of some work, the host breathing between them. */
export async function inBreaths<T>(parts: Parts<T>, breathe: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = parts.next()
    if (done) return value
    await breathe()
  }
}
