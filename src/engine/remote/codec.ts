import { OutOfMemoryError } from '../../errors.ts'
import { isAllocationFailure } from '../../model/memory.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { recordError } from './messages.ts'
import type { EngineMessage } from './messages.ts'

/**
 * Bytes of an array in one text, 4 MiB of base64: a string holds 512 MiB in V8, Puppeteer's WebSocket 256 MiB, and the arrays of a
 * large network more than either.
 */
const TEXT_BYTES = 3 * 2 ** 20

/**
 * An engine message as texts of bounded length, for channels that carry nothing else (a page driven through the DevTools
 * protocol). The first is JSON, in which {"$float64": length} is a Float64Array and {"$number": text} a number that
 * JSON does not have; the arrays' bytes follow in base64, array after array in the order of the JSON, `textBytes` at most in
 * each text. Every bit of float64 crosses, NaN and -0 included. Both ends must store numbers the same way round (all WebGPU
 * hosts are little-endian).
 *
 * The arrays are copied at once and encoded one text at a time, while the texts are taken.
 */
export function encodeMessage(message: EngineMessage, textBytes = TEXT_BYTES): Iterable<string> {
  const arrays: Uint8Array[] = []
  const first = JSON.stringify(message, (_, value: unknown) => {
    if (value instanceof Float64Array) {
      arrays.push(new Uint8Array(value.slice().buffer))
      return { $float64: value.length }
    }
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return { $number: Object.is(value, -0) ? '-0' : String(value) }
    return value
  })
  return encodeTexts(first, arrays, textBytes)
}

function* encodeTexts(first: string, arrays: Uint8Array[], textBytes: number): Generator<string> {
  yield first
  for (let bytes = arrays.shift(); bytes; bytes = arrays.shift())
    for (let start = 0; start < bytes.length; start += textBytes)
      yield toBase64(bytes.subarray(start, start + textBytes))
}

/** Puts the messages together again whose texts arrive one after another. */
export class MessageDecoder {
  #message: EngineMessage | undefined
  /** The message's arrays that are not empty, and the bytes of all that are still to come. */
  #arrays: Uint8Array[] = []
  #missing = 0
  /** Bytes of the first of them that are there. */
  #filled = 0

  /**
   * Takes the next text; gives the message that it completes, if it does. A message whose arrays find no memory here becomes
   * an OutOfMemoryError under its id.
   */
  add(text: string): EngineMessage | undefined {
    if (this.#message) this.#fill(text)
    else this.#message = this.#begin(text)
    if (this.#missing > 0) return undefined
    const message = this.#message
    this.#message = undefined
    return message
  }

  #begin(text: string): EngineMessage {
    let refused: string | undefined
    const allocate = (length: number): Float64Array => {
      this.#missing += 8 * length
      if (refused !== undefined) return new Float64Array(0)
      try {
        const array = new Float64Array(length)
        if (length > 0) this.#arrays.push(new Uint8Array(array.buffer))
        return array
      } catch (error) {
        if (!isAllocationFailure(error)) throw error
        refused = error.message
        this.#arrays = []
        return new Float64Array(0)
      }
    }
    // What this project's own encodeMessage wrote at the other end. JSON.parse goes through it in the order of the text.
    const message = JSON.parse(text, (_, value: unknown) => {
      if (typeof value !== 'object' || value === null) return value
      if ('$float64' in value && typeof value.$float64 === 'number') return allocate(value.$float64)
      if ('$number' in value && typeof value.$number === 'string') return Number(value.$number)
      return value
    }) as EngineMessage
    if (refused === undefined) return message
    const error = new OutOfMemoryError(
      `A message between program and engine holds arrays of ${this.#missing} bytes, and the limit is what its receiver gets, ` +
        `which was less (${refused}). Use fewer rows, fewer nodes or a coarser grid.`,
    )
    return { id: message.id, error: recordError(error) }
  }

  #fill(text: string): void {
    const [bytes] = this.#arrays
    // Without arrays the rest of a message that was refused goes by.
    if (!bytes) {
      this.#missing -= (3 * text.length) / 4 - (/=*$/.exec(text)?.[0].length ?? 0)
      return
    }
    const count = fromBase64(text, bytes, this.#filled)
    this.#filled += count
    this.#missing -= count
    if (this.#filled < bytes.length) return
    this.#arrays.shift()
    this.#filled = 0
  }
}
