import { expect, it } from 'vitest'
import { ratiosOf } from '../../bench/ratios.ts'
import { benchFile, figure } from './fixture.ts'

it('divides a peer by ours on the side that it stands beside', () => {
  expect(ratiosOf(benchFile())).toEqual([
    { group: 'step', name: 'A', peer: 'dense cpu', ours: 'webkan CPU', ratio: 7.5 },
    { group: 'step', name: 'A', peer: 'dense gpu', ours: 'webkan GPU', ratio: 2 },
  ])
})

it('has none where ours is missing, where the unit is no time, or where nobody is a peer', () => {
  const figures = [
    figure('step', 'B', 'dense cpu', 3),
    figure('step', 'B', 'webkan GPU', 3),
    figure('bytes', 'A', 'dense gpu', 3, 'MB'),
    figure('bytes', 'A', 'webkan GPU', 3, 'MB'),
  ]
  expect(ratiosOf(benchFile({ figures }))).toEqual([])
})
