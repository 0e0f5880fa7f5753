import { describe, expect, it } from 'vitest'
import { ShapeError } from '../../src/errors.ts'
import {
  decodeSafetensors,
  digestTensors,
  encodeSafetensors,
  HEADER_LIMIT,
} from '../../src/model/safetensors.ts'
import type { Tensors } from '../../src/model/safetensors.ts'
import { entry, file, writeModel } from './rawfile.ts'

/** A quiet NaN with a payload and a negative signalling NaN: arithmetic would change them, copying may not. */
function nanPayloads(): Float64Array {
  return new Float64Array(
    new BigUint64Array([0x7ff8_dead_beef_0001n, 0xfff0_0000_0000_0007n, 1n << 63n]).buffer,
  )
}

function bytesOf(values: ArrayBufferView): number[] {
  return [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]
}

describe('encodeSafetensors and decodeSafetensors', () => {
  it('lay a file out as the format says', () => {
    const bytes = encodeSafetensors({ a: { shape: [1, 2], values: Float64Array.of(1, 2) } }, { k: 'v' })
    const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0])
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded)
    expect(bytes.length).toBe(8 + padded.length + 16)
    // 1 and 2 as IEEE 754 doubles, least significant byte first.
    expect([...bytes.subarray(-16)]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40])
  })

  it('return every dtype, shape and bit, NaN payloads included, at any alignment', () => {
    const all: Tensors = {
      bytes: { shape: [3], values: Uint8Array.of(1, 2, 255) },
      nan: { shape: [3, 1], values: nanPayloads() },
      f32: { shape: [2], values: new Float32Array(new Uint32Array([0x7fc0_1234, 0x8000_0000]).buffer) },
      u32: { shape: [1], values: Uint32Array.of(2 ** 32 - 1) },
      i32: { shape: [1, 1, 1], values: Int32Array.of(-(2 ** 31)) },
      scalar: { shape: [], values: Float64Array.of(Math.PI) },
      empty: { shape: [0, 7], values: new Float64Array(0) },
    }
    const encoded = encodeSafetensors(all, {})
    const shifted = new Uint8Array(encoded.length + 3).subarray(3)
    shifted.set(encoded)
    for (const bytes of [encoded, shifted]) {
      const decoded = decodeSafetensors(bytes)
      expect(Object.keys(decoded.tensors)).toEqual(Object.keys(all))
      for (const [name, { shape, values }] of Object.entries(all)) {
        const read = decoded.tensors[name]!
        expect(read.shape).toEqual(shape)
        expect(read.values.constructor).toBe(values.constructor)
        expect(bytesOf(read.values)).toEqual(bytesOf(values))
      }
      expect(encodeSafetensors(decoded.tensors, decoded.metadata)).toEqual(encoded)
    }
  })

  it('copy the values: neither side sees later changes of the other', () => {
    const bytes = writeModel()
    const decoded = decodeSafetensors(bytes)
    bytes.fill(0)
    expect(decoded.tensors['layers.0.coef']!.values[2]).toBe(1e300)
  })

  it('write views into larger buffers', () => {
    const values = Float64Array.of(1, 2, 3, 4).subarray(1, 3)
    const decoded = decodeSafetensors(encodeSafetensors({ a: { shape: [2], values } }, {}))
    expect(decoded.tensors['a']!.values).toEqual(Float64Array.of(2, 3))
  })

  it('keep names that objects treat specially, and pollute no prototype', () => {
    const names = ['__proto__', 'constructor', 'toString', 'a"b\\c\n', '网络', '\ud800']
    const special = Object.fromEntries(
      names.map((name, i) => [name, { shape: [], values: Float64Array.of(i) }]),
    )
    const metadata = Object.fromEntries(names.map(name => [name, name]))
    const decoded = decodeSafetensors(encodeSafetensors(special, metadata))
    expect(Object.keys(decoded.tensors)).toEqual(names)
    expect(names.map(name => decoded.tensors[name]!.values[0])).toEqual([0, 1, 2, 3, 4, 5])
    expect(names.map(name => decoded.metadata[name])).toEqual(names)
    expect(Object.hasOwn(Object.prototype, 'values')).toBe(false)
    expect(decodeSafetensors(file('{}')).tensors['constructor']).toBeUndefined()
  })

  it('accept what other writers produce: no metadata, white space, tensors in another order than the data', () => {
    const text = `{ "b" : ${entry(8, 16)} ,\n "a": ${entry(0, 8)} }\t`
    const bytes = file(text, 16)
    new DataView(bytes.buffer).setFloat64(8 + text.length + 8, 7, true)
    const { tensors: read, metadata } = decodeSafetensors(bytes)
    expect(Object.keys(read)).toEqual(['b', 'a'])
    expect(read['b']!.values).toEqual(Float64Array.of(7))
    expect(Object.keys(metadata)).toEqual([])
  })

  it('refuse to write values that do not fill their shape, a reserved name, and a header above the limit', () => {
    const values = Float64Array.of(1, 2, 3)
    for (const shape of [[2], [3, 2], [-3], [1.5, 2], [2 ** 53, 2 ** 53], []])
      expect(() => encodeSafetensors({ a: { shape, values } }, {})).toThrow(ShapeError)
    expect(() => encodeSafetensors({ __metadata__: { shape: [3], values } }, {})).toThrow('__metadata__')
    const long = { k: 'x'.repeat(HEADER_LIMIT) }
    expect(() => encodeSafetensors({}, long)).toThrow(/needs 1048\d{3} bytes, and the limit is 1048576/)
  })
})

describe('digestTensors', () => {
  it('hashes the text and each tensor behind its length, as documented', async () => {
    const part = (bytes: Uint8Array): number[] => [
      ...new Uint8Array(BigUint64Array.of(BigInt(bytes.length)).buffer),
      ...bytes,
    ]
    const text = (string: string): number[] => part(new TextEncoder().encode(string))
    const values = Float64Array.of(1, Number.NaN)
    const message = [...text('{}'), ...text('["a","F64",[2]]'), ...part(new Uint8Array(values.buffer))]
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(message)))
    const hex = [...hash].map(byte => byte.toString(16).padStart(2, '0')).join('')
    expect(digestTensors('{}', { a: { shape: [2], values } })).toBe(hex)
  })

  it('differs when text, name, shape, dtype, order or any value differs', () => {
    const a = { shape: [2], values: Float64Array.of(0, 1) }
    const b = { shape: [2], values: Float64Array.of(2, 3) }
    const digests = [
      digestTensors('', { a, b }),
      digestTensors(' ', { a, b }),
      digestTensors('', { a, c: b }),
      digestTensors('', { b, a }),
      digestTensors('', { a: b, b: a }),
      digestTensors('', { a: { ...a, shape: [2, 1] }, b }),
      digestTensors('', { a: { ...a, values: Float64Array.of(-0, 1) }, b }),
      digestTensors('', { a: { ...a, values: new Uint32Array(2) }, b }),
      digestTensors('', { a: { ...a, values: new Int32Array(2) }, b }),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })
})
