import { expect, it } from 'vitest'
import { pinnedFor } from '../../bench/pinned.ts'

it('gives each engine the variants that it knows', () => {
  expect(pinnedFor({ forward: 'tile4', layers: 'plain' })).toEqual({
    gpu: { forward: 'tile4' },
    cpu: { layers: 'plain' },
  })
  expect(pinnedFor({ 'forward.0': 'gather' })).toEqual({ gpu: { 'forward.0': 'gather' }, cpu: undefined })
})

it('lets only the GPU choose by itself', () => {
  expect(pinnedFor('tune')).toEqual({ gpu: 'tune', cpu: undefined })
  expect(pinnedFor(undefined)).toEqual({ gpu: undefined, cpu: undefined })
})
