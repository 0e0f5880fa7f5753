import { describe, expect, it } from 'vitest'
import { discoverRuns, summariseDiscover } from '../../bench/studies/discover.ts'
import type { DiscoverResult } from '../../bench/studies/discover.ts'
import { feynmanRuns, summariseFeynman } from '../../bench/studies/feynman.ts'
import type { FeynmanResult } from '../../bench/studies/feynman.ts'
import type { StudyFile } from '../../bench/resumable.ts'

/** A file as it is read again, with the same result for every run. */
function stored<Result>(runs: readonly { readonly key: string }[], result: Result): StudyFile<Result> {
  const file: StudyFile<Result> = {
    study: 'any',
    date: '2026-01-01',
    machine: { processor: 'any', cores: 1, system: 'any', node: 'any' },
    results: Object.fromEntries(runs.map(({ key }) => [key, result])),
  }
  return JSON.parse(JSON.stringify(file)) as StudyFile<Result>
}

describe('summaries of studies', () => {
  it('do not take an error that is not finite for an exact formula', () => {
    const ended = { complexity: 1, starts: 1, stop: 'done', seconds: 1 } as const
    const discovered = (worst: number): string =>
      summariseDiscover(
        stored<DiscoverResult>(discoverRuns, { ...ended, formula: 'x', worst, rmse: 0, network: 1 }),
      )
    expect(discovered(1e-12)).toContain('50 of 50')
    expect(discovered(Infinity)).toContain('| 0 of 50')
    const feynman = (relative: number): string =>
      summariseFeynman(
        stored<FeynmanResult>(feynmanRuns, { ...ended, found: 'x', relative, network: 1, structure: '+' }),
      )
    expect(feynman(1e-12)).toContain('30, 30, 30 of 30')
    expect(feynman(Infinity)).toContain('0, 0, 0 of 30')
  })
})
