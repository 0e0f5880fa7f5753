import { afterAll, beforeAll, describe } from 'vitest'
import { withFusedSteps } from '../../src/engine/parity/pinned.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { ownRowsSuite } from '../engine/suite/ownrows.ts'
import { trainableSuite } from '../engine/suite/trainable.ts'
import { trainingSuite } from '../engine/suite/training.ts'
import { weightSuite } from '../engine/suite/weights.ts'
import { requireGpuEngine } from './require.ts'
import { SUITE_TOLERANCES } from './suitetolerances.ts'

/** What every engine must do in steps, where they are fused. One engine for all: its largest shader compiles for seconds. */
describe('WebGPU engine, fused steps', () => {
  let gpu: Engine | undefined
  beforeAll(async () => {
    gpu = withFusedSteps(await requireGpuEngine())
  })
  afterAll(() => gpu?.destroy())
  const engineOf = (): Engine => {
    if (gpu === undefined) throw new Error('the engine is made before the first test')
    return gpu
  }
  /** An engine that tests may give back. */
  const lend = async (): Promise<Engine> => ({
    description: engineOf().description,
    open: plan => engineOf().open(plan),
    memory: () => engineOf().memory(),
    destroy: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
  describe('training', () => {
    trainingSuite(lend, SUITE_TOLERANCES)
  })
  describe('of trainable groups', () => {
    trainableSuite(engineOf, SUITE_TOLERANCES)
  })
  describe('of weighted rows', () => {
    weightSuite(engineOf, SUITE_TOLERANCES)
  })
  describe('of own rows', () => {
    ownRowsSuite(engineOf, SUITE_TOLERANCES)
  })
})
