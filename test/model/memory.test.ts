import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { OutOfMemoryError } from '../../src/errors.ts'
import { KAN, loadCheckpoint, saveCheckpoint } from '../../src/kan.ts'
import { explainAllocation, isAllocationFailure } from '../../src/model/memory.ts'

afterEach(() => vi.unstubAllGlobals())

function thrown(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

/** From now on arrays of that kind with more than `most` values find no memory. */
function exhaust(name: 'Float64Array' | 'Uint8Array', most: number): void {
  const refusing = new Proxy(globalThis[name], {
    construct(target, args) {
      if (Number(args[0]) > most) throw new RangeError('Array buffer allocation failed')
      return Reflect.construct(target, args) as object
    },
  })
  vi.stubGlobal(name, refusing)
}

/** [40, 40, 1] with 10 numbers an edge: 1640 * 10 + 41 * 2 parameters, 80 * 12 knots, 1640 edges, in float64. */
const options = { width: [40, 40, 1] }
const BYTES = 8 * (16_482 + 960 + 1640)

describe('isAllocationFailure', () => {
  it('knows the errors of V8, those that crossed from a worker or a page too', () => {
    expect(isAllocationFailure(thrown(() => new Float64Array(2 ** 52)))).toBe(true)
    expect(isAllocationFailure(thrown(() => new ArrayBuffer(2 ** 53 - 1)))).toBe(true)
    const crossed = Object.assign(new Error('Array buffer allocation failed'), { name: 'RangeError' })
    expect(isAllocationFailure(crossed)).toBe(true)
  })

  it('takes no other RangeError for one', () => {
    const recurse = (): number => recurse() + 1
    for (const bug of [recurse, () => (1).toFixed(-1), () => 'a'.repeat(2 ** 30)])
      expect(isAllocationFailure(thrown(bug))).toBe(false)
    const error = new TypeError('out of memory')
    expect(explainAllocation(error, 'Training', 1)).toBe(error)
  })
})

describe('a network that the process has no room for', () => {
  it('is refused when it is made, copied, saved or loaded', () => {
    const kan = new KAN(options)
    const bytes = kan.save()
    exhaust('Float64Array', 10_000)
    const refused = thrown(() => new KAN(options))
    expect(refused).toBeInstanceOf(OutOfMemoryError)
    expect(refused).toHaveProperty('message', expect.stringContaining(`${BYTES} bytes a copy`))
    expect(refused).toHaveProperty('message', expect.stringContaining('Use fewer nodes'))
    vi.unstubAllGlobals()
    exhaust('Uint8Array', 100_000)
    expect(() => kan.save()).toThrow(OutOfMemoryError)
    vi.unstubAllGlobals()
    vi.spyOn(Uint8Array.prototype, 'slice').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed')
    })
    expect(() => KAN.load(bytes)).toThrow(OutOfMemoryError)
    vi.restoreAllMocks()
  })

  it('is refused when a checkpoint is saved', async () => {
    const kan = new KAN(options)
    const x = new Float64Array(80).map((_, i) => (i % 7) / 7)
    const { checkpoint } = await kan.fit({ x, y: [0, 1] }, { steps: 1 })
    exhaust('Uint8Array', 100_000)
    expect(() => saveCheckpoint(kan, checkpoint)).toThrow(OutOfMemoryError)
    vi.unstubAllGlobals()
    expect(loadCheckpoint(saveCheckpoint(kan, checkpoint)).checkpoint).toEqual(checkpoint)
  })

  it.each(['upload', 'predict', 'statistics'] as const)('is refused when %s fails', async method => {
    const engine: Engine = createCpuEngine()
    const open = engine.open.bind(engine)
    engine.open = async plan => {
      const session = await open(plan)
      const fail = (): Promise<never> => Promise.reject(new RangeError('Array buffer allocation failed'))
      return Object.assign(session, { [method]: fail })
    }
    const kan = new KAN(options)
    const before = kan.parameters.slice()
    const x = new Float64Array(80).map((_, i) => (i % 7) / 7)
    const calls = {
      upload: [() => kan.fit({ x, y: [0, 1] }, { engine, steps: 1 }), () => kan.predict(x, { engine })],
      predict: [() => kan.predict(x, { engine }), () => kan.evaluate({ x, y: [0, 1] }, { engine })],
      statistics: [() => kan.calibrate(x, { engine })],
    }[method]
    for (const call of calls) {
      const called = Promise.resolve(call())
      await expect(called).rejects.toThrow(OutOfMemoryError)
      await expect(called).rejects.toThrow(`${BYTES} bytes a copy`)
    }
    expect(kan.parameters).toEqual(before)
    // Nothing stays open.
    expect((await engine.memory()).bytes).toBe(0)
  })
})
