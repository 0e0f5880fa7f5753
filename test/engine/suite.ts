import { afterAll, beforeAll, describe } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { boundarySuite } from './suite/boundaries.ts'
import { lbfgsSuite } from './suite/lbfgs.ts'
import { lbfgsStateSuite } from './suite/lbfgsstates.ts'
import { lifetimeSuite } from './suite/lifetime.ts'
import { ownRowsSuite } from './suite/ownrows.ts'
import { paritySuite } from './suite/parity.ts'
import { statisticsSuite } from './suite/statistics.ts'
import { trainableSuite } from './suite/trainable.ts'
import { trainingSuite } from './suite/training.ts'
import { weightSuite } from './suite/weights.ts'

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
 * What every engine must do, judged by the oracle: run for the CPU engine in Node and for the WebGPU engine in a browser. Tests
 * of values share an engine that `makeEngine` made, as a device and its shaders take half a second on a software adapter; the
 * others make and destroy their own.
 */
export function engineSuite(name: string, makeEngine: () => Promise<Engine>, tolerances: Tolerances): void {
  describe(`${name}: values`, () => {
    let shared: Engine | undefined
    beforeAll(async () => {
      shared = await makeEngine()
    })
    afterAll(() => shared?.destroy())
    const engineOf = (): Engine => {
      if (shared === undefined) throw new Error('the engine is made before the first test')
      return shared
    }
    describe('and gradients', () => {
      paritySuite(engineOf, tolerances)
    })
    describe('at the edges of what is possible', () => {
      boundarySuite(engineOf, tolerances)
    })
    describe('of trainable groups', () => {
      trainableSuite(engineOf, tolerances)
    })
    describe('of weighted rows', () => {
      weightSuite(engineOf, tolerances)
    })
    describe('of models with rows of their own', () => {
      ownRowsSuite(engineOf, tolerances)
    })
    describe('of statistics', () => {
      statisticsSuite(engineOf, tolerances)
    })
  })
  describe(`${name}: training`, () => {
    trainingSuite(makeEngine, tolerances)
  })
  describe(`${name}: L-BFGS`, () => {
    lbfgsSuite(makeEngine, tolerances.forward)
    lbfgsStateSuite(makeEngine, tolerances.forward)
  })
  describe(`${name}: lifetime and errors`, () => {
    lifetimeSuite(makeEngine)
  })
}
