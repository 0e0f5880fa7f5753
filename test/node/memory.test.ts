import { totalmem } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { OutOfMemoryError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { requestNodeEngine } from '../../src/node/engine.ts'
import { sessionMemory } from '../../src/node/memory.ts'

afterEach(() => vi.restoreAllMocks())

function grant(bytes: number): void {
  vi.spyOn(process, 'constrainedMemory').mockReturnValue(bytes)
}

describe('sessionMemory', () => {
  it("is half of the machine's memory where nothing is granted, or everything", () => {
    for (const granted of [0, 2 ** 64, totalmem()]) {
      grant(granted)
      expect(sessionMemory()).toBe(Math.floor(totalmem() / 2))
    }
  })

  it("is half of a container's memory", () => {
    grant(2 ** 28)
    expect(sessionMemory()).toBe(2 ** 27)
  })
})

describe('the CPU engine of a Node program', () => {
  it('refuses what exceeds that, with bytes, limit and remedy, and allocates nothing', async () => {
    grant(2 ** 24)
    await using engine = await requestNodeEngine({ device: 'cpu' })
    // 1.6e5 edges of 10 parameters: 13 MB a copy.
    const fit = new KAN({ width: [1, 400, 400, 1] }).fit({ x: [0, 1], y: [0, 1] }, { engine, steps: 1 })
    await expect(fit).rejects.toThrow(OutOfMemoryError)
    await expect(fit).rejects.toThrow(/needs \d{8,} bytes .*; the limit is 8388608 bytes, .*Lower the rows/)
    expect(await engine.memory()).toEqual({ bytes: 0, peak: 0, buffers: 0 })
  })
})
