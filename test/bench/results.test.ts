import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Ledger } from '../../bench/ledger.ts'
import { freshPath, readBenches, writeBench } from '../../bench/results.ts'
import { renderTable } from '../../bench/table.ts'
import { benchFile, figure } from './fixture.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webkan-bench-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('never writes over a run of the same day', () => {
  const names = [1, 2, 3].map(() => {
    const path = freshPath(folder, '2030-05-04')
    writeBench(path, benchFile())
    return basename(path)
  })
  expect(names).toEqual(['2030-05-04-bench.json', '2030-05-04-bench-2.json', '2030-05-04-bench-3.json'])
})

it('reads benchmarks only, oldest first', () => {
  writeBench(join(folder, '2030-05-04-bench-10.json'), benchFile({ began: '2030-05-04T20:00:00.000Z' }))
  writeBench(join(folder, '2030-05-04-bench-2.json'), benchFile({ began: '2030-05-04T10:00:00.000Z' }))
  writeFileSync(join(folder, '2030-05-04-starts.json'), '{}')
  expect(readBenches(folder).map(({ name }) => name)).toEqual(['2030-05-04-bench-2', '2030-05-04-bench-10'])
  expect(readBenches(join(folder, 'none'))).toEqual([])
})

it('records what fails and what there was no time for, and goes on', async () => {
  const reasons: string[] = []
  const lines: string[] = []
  const ledger = new Ledger(
    line => lines.push(line),
    () => reasons[0],
  )
  const key = { group: 'step', name: 'A', side: 'webkan CPU' }
  await ledger.attempt(key, () => Promise.reject(new Error('It broke.')))
  await ledger.attempt(key, async () => ledger.add(figure('step', 'A', 'webkan CPU', 4)))
  reasons.push('Not run: late.')
  await ledger.attempt(key, async () => ledger.add(figure('step', 'A', 'webkan CPU', 5)))
  expect(ledger.figures.map(({ spread }) => spread.median)).toEqual([4])
  expect(ledger.failures.map(({ error }) => error)).toEqual(['It broke.', 'Not run: late.'])
  expect(lines).toHaveLength(3)
})

it('prints a line a figure, with ratios beside peers, and what failed', () => {
  const lines = renderTable(benchFile()).split('\n')
  expect(lines[1]).toMatch(/^step +A +dense cpu +15 +30 +60 +ms +7\.50$/)
  expect(lines[2]).toMatch(/^step +A +webkan CPU +2 +4 +8 +ms$/)
  expect(lines.at(-1)).toBe('step: E, dense gpu: Not run: a | step would take long.')
})
