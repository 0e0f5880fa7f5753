import { expect, it } from 'vitest'
import { CHAIN_FLOPS, chainsHere } from '../../bench/figures/chains.ts'

it('multiplies and adds as often as it counts, in every lane', () => {
  const chains = chainsHere()
  // Three times x -> x / 2 + 1 is x / 8 + 7 / 4; 24 lanes start at 0 .. 23.
  chains.run(3)
  const lanes = Array.from({ length: 24 }, (_, n) => n)
  expect(chains.sum()).toBe(lanes.reduce((sum, x) => sum + x / 8 + 7 / 4, 0))
  expect(CHAIN_FLOPS).toBe(2 * 24 * 2 ** 18)
})
