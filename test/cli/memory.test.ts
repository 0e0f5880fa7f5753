import { describe, expect, it } from 'vitest'
import { checkMemory, trainingBytes } from '../../src/cli/memory.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { OutOfMemoryError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'

describe('trainingBytes', () => {
  it.each([
    ['many parameters', [50, 300, 300, 1], 20, 'adam', 1],
    ['many rows', [20, 2, 1], 20_000, 'adam', 1],
    ['the curvature of some parameters', [9, 6, 1], 20, 'lm', 1],
    ['starts side by side', [50, 300, 1], 20, 'adam', 4],
  ] as const)(
    'covers what the engine takes and the host adds: %s',
    async (_, width, rows, optimizer, starts) => {
      await using engine = createCpuEngine()
      const kan = new KAN({ width })
      const x = Float64Array.from({ length: rows * width[0] }, (_, i) => (i * 7919) % 101)
      const y = Float64Array.from({ length: rows }, (_, i) => i % 17)
      await kan.fit({ x, y }, { engine, steps: 1, optimizer, restarts: starts })
      const { peak } = await engine.memory()
      const estimate = trainingBytes(kan.layout, rows, optimizer, starts)
      expect(estimate).toBeGreaterThan(1.2 * peak)
      // Of many rows the engine holds one copy of the five counted; of many parameters, half.
      expect(estimate).toBeLessThan(5 * peak)
    },
  )
})

describe('checkMemory', () => {
  const machine = { free: 4e9, total: 8e9 }

  it('is silent, warns, or refuses', () => {
    expect(checkMemory(3e9, machine)).toEqual([])
    expect(checkMemory(5e9, machine)).toEqual([
      'training needs about 5.0 GB of memory, and 4.0 GB are free. Fewer --hidden nodes or a coarser --grid need less.',
    ])
    expect(() => checkMemory(9e9, machine)).toThrow(OutOfMemoryError)
    expect(() => checkMemory(9e9, machine, '--seeds or a coarser --grid')).toThrow(
      /Use fewer --seeds or a coarser --grid\.$/,
    )
    expect(() => checkMemory(9e9, machine)).toThrow('needs about 9.0 GB of memory; this machine has 8.0 GB')
  })

  it('finds this machine large enough for a small network', () => {
    expect(checkMemory(1e6)).toEqual([])
  })
})
