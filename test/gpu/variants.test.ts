import { describe, expect, it } from 'vitest'
import type { Engine, KernelChoice } from '../../src/engine/engine.ts'
import { trainableGroups } from '../../src/engine/parity/cases.ts'
import type { ParityCase } from '../../src/engine/parity/cases.ts'
import { compareEngines } from '../../src/engine/parity/compare.ts'
import { PLAIN } from './plain.ts'
import { bothEngines } from './require.ts'

/** The engine, with kernels pinned wherever a plan leaves them to it. */
function pinned(engine: Engine, kernels: KernelChoice): Engine {
  return {
    description: engine.description,
    open: plan => engine.open({ kernels, ...plan }),
    memory: () => engine.memory(),
    destroy: () => engine.destroy(),
    [Symbol.asyncDispose]: () => engine.destroy(),
  }
}

const SORTED: KernelChoice = { backward_coef: 'sorted' }

/** Tiles of four outputs and of one (layers whose outputs are multiples of 4 or not), ragged rows, several models, wide grids. */
const CASES: readonly ParityCase[] = [
  { ...PLAIN, width: [3, 8, 4], degree: 1, rows: 90, batch: 90, uniform: false },
]

describe('every variant against the float64 CPU engine', () => {
  const both = bothEngines()

  const choices: readonly KernelChoice[] = [
    SORTED,
    { forward: 'tile1', backward_input: 'tile1' },
    { forward: 'tile2', backward_input: 'tile2' },
    { forward: 'tile4', backward_input: 'tile4' },
  ]
  const runs = choices.flatMap(kernels =>
    CASES.map(test => ({
      test,
      kernels,
      name: `${JSON.stringify(kernels)}: [${test.width.join(', ')}] G ${test.intervals} k ${test.degree}`,
    })),
  )

  it.each(runs)('$name', async ({ test, kernels }) => {
    const lines = await compareEngines(pinned(both.gpu, kernels), both.cpu, test)
    expect(lines.filter(line => !line.passed)).toEqual([])
  })
})
