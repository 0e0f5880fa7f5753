import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { encodeMessage, MessageDecoder } from '../../src/engine/remote/codec.ts'
import { connectEngine } from '../../src/engine/remote/connect.ts'
import type { EngineMessage } from '../../src/engine/remote/messages.ts'
import { serveEngine } from '../../src/engine/remote/serve.ts'
import { textPort } from '../../src/engine/remote/textport.ts'
import type { TextPort } from '../../src/engine/remote/textport.ts'
import { OutOfMemoryError } from '../../src/errors.ts'
import { flatten, planFor } from './flat.ts'
import { caseModel, NETWORKS } from './samples.ts'

afterEach(() => vi.unstubAllGlobals())

/** Everything that the decoder gives for these texts; the last of them must complete a message. */
function decode(texts: Iterable<string>, decoder = new MessageDecoder()): EngineMessage {
  let message: EngineMessage | undefined
  for (const text of texts) {
    expect(message).toBeUndefined()
    message = decoder.add(text)
  }
  if (!message) throw new Error('the message is not whole')
  return message
}

function answerOf(message: EngineMessage): unknown {
  if (!('answer' in message)) throw new Error('no answer')
  return message.answer
}

/** Equal in every bit; toEqual takes any NaN for any other. */
function expectSameBits(actual: unknown, expected: Float64Array): void {
  if (!(actual instanceof Float64Array)) throw new Error('no array came back')
  expect(actual.length).toBe(expected.length)
  const bytes = (a: Float64Array): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)
  expect(Buffer.compare(bytes(actual), bytes(expected))).toBe(0)
}

describe('messages as texts', () => {
  const words = [0n, 1n, 0x7ff8000000000000n, 0xfff0000000000001n, 0x8000000000000000n, ~0n >> 1n]
  const special = new Float64Array(BigUint64Array.from(words).buffer)
  const many = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 10 ** ((i % 600) - 300))

  it.each([undefined, 1, 7, 24, 40_000])('carry every bit of a float64, in texts of %s bytes', textBytes => {
    for (const array of [special, many, many.subarray(3, 5), new Float64Array(0)])
      expectSameBits(answerOf(decode(encodeMessage({ id: 1, answer: array }, textBytes))), array)
  })

  it('carry arrays at any depth, empty ones between others', () => {
    const empty = new Float64Array(0)
    const best = { parameters: special, loss: empty, step: many, stale: empty, stopped: special }
    const answer = {
      step: 1,
      kind: 'adam',
      parameters: empty,
      optimizer: { 9: many, 1: special },
      best,
    } as const
    expect(decode(encodeMessage({ id: 1, answer }, 100))).toEqual({ id: 1, answer })
  })

  it('carry numbers that JSON does not have', () => {
    for (const peak of [Number.NaN, Infinity, -Infinity, -0, 1e-300]) {
      const message = { id: 7, answer: { bytes: 1, peak, buffers: 2 } }
      expect(decode(encodeMessage(message))).toEqual(message)
    }
  })

  it('follow one another on one channel', () => {
    const decoder = new MessageDecoder()
    for (const answer of [many, new Float64Array(0), special])
      expectSameBits(answerOf(decode(encodeMessage({ id: 2, answer }, 1000), decoder)), answer)
  })

  it('are those of the moment, whatever becomes of the array', () => {
    const array = special.slice()
    const texts = encodeMessage({ id: 1, answer: array })
    array.fill(5)
    expectSameBits(answerOf(decode(texts)), special)
  })

  it('of 80 MB have none longer than 4 MiB', () => {
    const array = new Float64Array(1e7).map((_, i) => i / 7)
    let longest = 0
    let count = 0
    const measured = function* (): Generator<string> {
      for (const text of encodeMessage({ id: 1, answer: array })) {
        longest = Math.max(longest, text.length)
        count++
        yield text
      }
    }
    expectSameBits(answerOf(decode(measured())), array)
    expect(longest).toBe(2 ** 22)
    // JSON, and 80e6 / (3 * 2^20) = 25.4 texts.
    expect(count).toBe(27)
  })
})

describe('an array that finds no memory at the other end', () => {
  /** From now on there is no room for arrays of that length. */
  function exhaust(length: number): void {
    const refusing = new Proxy(Float64Array, {
      construct(target, args) {
        if (args[0] === length) throw new RangeError('Array buffer allocation failed')
        return Reflect.construct(target, args) as Float64Array
      },
    })
    vi.stubGlobal('Float64Array', refusing)
  }

  it('makes its message an OutOfMemoryError, and the next one whole', () => {
    const decoder = new MessageDecoder()
    const arrays = [new Float64Array(3), new Float64Array(1001), new Float64Array(50)]
    const texts = arrays.map((x, id) =>
      Array.from(encodeMessage({ id, call: { method: 'predict', session: 0, x } }, 64)),
    )
    exhaust(1001)
    expect(decode(texts[0]!, decoder)).toHaveProperty('call')
    const refused = decode(texts[1]!, decoder)
    expect(refused).toMatchObject({ id: 1, error: { name: 'OutOfMemoryError' } })
    expect(refused).toHaveProperty('error.message', expect.stringContaining('8008 bytes'))
    expect(decode(texts[2]!, decoder)).toMatchObject({ id: 2, call: { x: arrays[2] } })
  })

  it('rejects the call that brought it, and no other', async () => {
    const near: TextPort = textPort(async text => far.receive(await Promise.resolve(text)), 64)
    const far: TextPort = textPort(async text => near.receive(await Promise.resolve(text)), 64)
    serveEngine(far, () => Promise.resolve(createCpuEngine()))
    const engine = await connectEngine(near)
    const flat = flatten(caseModel(NETWORKS[0]!))
    const session = await engine.open(planFor(flat.layout, 1))
    await session.upload(flat)
    const { inputs } = flat.layout
    const x = new Float64Array(1000 * inputs)
    exhaust(x.length)
    await expect(session.predict(x)).rejects.toThrow(OutOfMemoryError)
    expect((await session.predict(x.subarray(0, inputs))).length).toBe(flat.layout.outputs)
    await engine.destroy()
  })
})
