import { describe } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { lifetimeSuite } from './suite/lifetime.ts'
import { paritySuite } from './suite/parity.ts'
import { statisticsSuite } from './suite/statistics.ts'
import { trainingSuite } from './suite/training.ts'

/** What an engine may differ from the float64 oracle, relative to the largest value of what is compared. */
export interface Tolerances {
  /** Outputs and losses. */
  readonly forward: number
  /** Each group of parameter gradients, and the input gradients. */
  readonly gradient: number
  /** Losses and parameters after 20 steps of Adam. */
  readonly trajectory: number
  /** Edge means, norms and deviations. */
  readonly statistics: number
}

/**
 * What every engine must do, judged by the oracle: run for the CPU engine in Node and for the WebGPU engine in a browser.
 * `makeEngine` is called afresh by every test, which destroys the engine at its end.
 */
export function engineSuite(name: string, makeEngine: () => Promise<Engine>, tolerances: Tolerances): void {
  describe(`${name}: values and gradients`, () => {
    paritySuite(makeEngine, tolerances)
  })
  describe(`${name}: training`, () => {
    trainingSuite(makeEngine, tolerances)
  })
  describe(`${name}: statistics`, () => {
    statisticsSuite(makeEngine, tolerances)
  })
  describe(`${name}: lifetime and errors`, () => {
    lifetimeSuite(makeEngine)
  })
}
