import { trainableGroups } from '../../src/engine/parity/cases.ts'
import type { ParityCase } from '../../src/engine/parity/cases.ts'

/** A case that tests change in the one way that they are about. */
export const PLAIN: ParityCase = {
  width: [2, 5, 1],
  intervals: 5,
  degree: 3,
  base: 'silu',
  uniform: true,
  loss: 'mse',
  trainable: trainableGroups('cbsno'),
  rows: 100,
  batch: 100,
  models: 1,
  seed: 100,
}
