import { describe, expect, it } from 'vitest'
import { FormatError, ShapeError } from '../../src/errors.ts'
import {
  decodeSafetensors,
  digestTensors,
  encodeSafetensors,
  HEADER_LIMIT,
} from '../../src/model/safetensors.ts'
import type { Tensors } from '../../src/model/safetensors.ts'

/** A quiet NaN with a payload and a negative signalling NaN: arithmetic would change them, copying may not. */
function nanPayloads(): Float64Array {
  return new Float64Array(
    new BigUint64Array([0x7ff8_dead_beef_0001n, 0xfff0_0000_0000_0007n, 1n << 63n]).buffer,
  )
}

function bytesOf(values: ArrayBufferView): number[] {
  return [...new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]
}

/** A file with any header text and data, its length field as given or as the text needs. */
function file(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

function entry(begin: number, end: number, shape = `[${(end - begin) / 8}]`, dtype = '"F64"'): string {
  return `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`
}

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes)
  } catch (error) {
    if (error instanceof FormatError) return error.message
    throw error
  }
  throw new Error('the file was accepted')
}

const config = '{"width":[2,1]}'
const tensors: Tensors = {
  'layers.0.coef': { shape: [2, 2], values: Float64Array.of(0.1, -0, 1e300, 5e-324) },
  mask: { shape: [3], values: Uint8Array.of(1, 0, 255) },
  'node bias': { shape: [], values: Float32Array.of(1.5) },
}

/** A model file as model/file.ts writes and reads it: what the container lets through, the digest catches. */
function writeModel(): Uint8Array {
  const sha256 = digestTensors(config, tensors)
  return encodeSafetensors(tensors, { format: 'webkan', version: '1', config, sha256 })
}

function readModel(bytes: Uint8Array): 'same' | 'refused' {
  try {
    const { tensors: read, metadata } = decodeSafetensors(bytes)
    if (Object.keys(metadata).toSorted().join() !== 'config,format,sha256,version') return 'refused'
    if (metadata['format'] !== 'webkan' || metadata['version'] !== '1') return 'refused'
    return digestTensors(metadata['config']!, read) === metadata['sha256'] ? 'same' : 'refused'
  } catch (error) {
    if (error instanceof FormatError) return 'refused'
    throw error
  }
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

describe('decodeSafetensors refuses', () => {
  it('a file cut short at any byte, and one with a byte too many', () => {
    const bytes = writeModel()
    for (let length = 0; length < bytes.length; length++) refusal(bytes.subarray(0, length))
    const longer = new Uint8Array(bytes.length + 1)
    longer.set(bytes)
    expect(refusal(longer)).toContain('cover 39 of 40 bytes')
  })

  it('or its digest catches every single flipped bit', () => {
    const bytes = writeModel()
    expect(readModel(bytes)).toBe('same')
    const accepted: string[] = []
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      if (readModel(bytes) === 'same') accepted.push(`byte ${bit >> 3} bit ${bit & 7}`)
      bytes[bit >> 3]! ^= 1 << (bit & 7)
    }
    expect(accepted).toEqual([])
  })

  it('header lengths beyond the file or the limit, without allocating them', () => {
    const lengths = [1n << 63n, (1n << 64n) - 1n, 1n << 53n, BigInt(HEADER_LIMIT) + 1n]
    for (const length of lengths)
      expect(refusal(file('{}', 0, length))).toContain(`claims ${length} bytes, and the limit is 1048576`)
    expect(refusal(file('{}', 0, 3n))).toContain('claims 3 bytes, but the file has 10')
    expect(refusal(file('{}', 0, 0n))).toContain("does not begin with '{'")
    expect(refusal(new Uint8Array(7))).toContain('it has 7 bytes')
  })

  it.each([
    ['not JSON', '{"a":}', 'is not JSON'],
    ['unclosed string', '{"a', 'is not JSON'],
    ['a string that ends in an escape', '{"a\\', 'is not JSON'],
    ['a broken key', '{"\\x":1}', 'broken key'],
    ['text after the end', '{} {}', 'is not JSON'],
    ['another value', ' {}', "does not begin with '{'"],
    ['a byte order mark', '\ufeff{}', "does not begin with '{'"],
    ['a tensor that is no object', '{"a":1}', 'not described by an object'],
    ['a tensor that is null', '{"a":null}', 'not described by an object'],
    ['a field too many', `{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}`, '4 fields'],
    ['a field too few', `{"a":{"dtype":"U8","shape":[0]}}`, '2 fields'],
    [
      'another field',
      `{"a":{"dtype":"U8","shape":[0],"x":[0,0]}}`,
      'data_offsets of tensor "a" is not a list',
    ],
    ['an unknown dtype', `{"a":${entry(0, 0, '[0]', '"BF16"')}}`, 'F64, F32, U32, I32, U8 are read'],
    ['a dtype named like a method', `{"a":${entry(0, 0, '[0]', '"toString"')}}`, 'has dtype'],
    ['a dtype that is an object', `{"a":${entry(0, 0, '[0]', '{"toString":1}')}}`, 'has dtype'],
    ['a shape that is no list', `{"a":${entry(0, 0, '0')}}`, 'the shape of tensor "a" is not a list'],
    ['a negative size', `{"a":${entry(0, 0, '[-1]')}}`, 'holds "-1"'],
    ['a fractional size', `{"a":${entry(0, 0, '[0.5]')}}`, 'holds "0.5"'],
    ['a size as text', `{"a":${entry(0, 0, '["1"]')}}`, 'whole numbers below 2^53'],
    ['an infinite size', `{"a":${entry(0, 0, '[1e400]')}}`, 'whole numbers below 2^53'],
    [
      'a shape whose product overflows to 0 in 64 bits',
      `{"a":${entry(0, 0, '[4294967296,4294967296]')}}`,
      'more than 2^53 bytes',
    ],
    ['a huge shape', `{"a":${entry(0, 0, '[9007199254740991]')}}`, 'more than 2^53 bytes'],
    ['one offset', `{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}`, '1 data_offsets'],
    ['three offsets', `{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}`, '3 data_offsets'],
    ['a repeated tensor', `{"a":${entry(0, 0)},"a":${entry(0, 0)}}`, 'the key "a" twice'],
    ['a repeated tensor in escapes', `{"a":${entry(0, 0)},"\\u0061" :${entry(0, 0)}}`, 'the key "a" twice'],
    [
      'a repeated field',
      `{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`,
      'the key "dtype" twice',
    ],
    ['repeated metadata', `{"__metadata__":{},"__metadata__":{}}`, 'the key "__metadata__" twice'],
    ['a repeated metadata key', `{"__metadata__":{"k":"1","k":"2"}}`, 'the key "k" twice'],
    ['metadata that is no object', `{"__metadata__":[]}`, '__metadata__ is not an object'],
    ['metadata that is no text', `{"__metadata__":{"k":1}}`, 'metadata "k" is not a text'],
    ['deep nesting', `{"__metadata__":${'['.repeat(500_000)}`, 'nested 4 levels deep'],
  ])('%s', (_, header, message) => {
    expect(refusal(file(header))).toContain(message)
  })

  it('does not take a text that only looks like a key for one', () => {
    for (const value of ['"k":{[', '","k":"', '\\', '\\"']) {
      const text = JSON.stringify({ __metadata__: { k: value, l: 'k' } })
      expect(decodeSafetensors(file(text)).metadata['k']).toBe(value)
    }
  })

  it('invalid UTF-8', () => {
    const header = new TextEncoder().encode('{"__metadata__":{"k":"?"}}')
    // 0xff occurs nowhere in UTF-8, 0xc0 would begin an overlong form, 0x80 continues nothing.
    const place = header.indexOf(0x3f)
    for (const byte of [0xff, 0xc0, 0x80]) {
      header[place] = byte
      expect(refusal(file(header))).toContain('not UTF-8')
    }
  })

  it('holes, overlaps, and offsets outside the data', () => {
    expect(refusal(file(`{"a":${entry(0, 8)},"b":${entry(16, 24)}}`, 24))).toContain(
      'a hole of 8 bytes before tensor "b"',
    )
    expect(refusal(file(`{"a":${entry(8, 16)}}`, 16))).toContain('a hole of 8 bytes')
    expect(refusal(file(`{"a":${entry(0, 16)},"b":${entry(8, 24)}}`, 24))).toContain(
      'begins at 8, inside another that ends at 16',
    )
    expect(refusal(file(`{"a":${entry(0, 8)},"b":${entry(0, 8)}}`, 8))).toContain('inside another')
    expect(refusal(file(`{"a":${entry(0, 8)}}`, 16))).toContain('cover 8 of 16 bytes')
    expect(refusal(file(`{"a":${entry(0, 16)}}`, 8))).toContain('from 0 to 16, and there are 8 bytes')
    expect(refusal(file(`{"a":${entry(8, 0, '[1]')}}`, 8))).toContain('from 8 to 0')
    expect(refusal(file(`{"a":${entry(0, 8, '[2]')}}`, 8))).toContain(
      'has 8 bytes of data, but its shape and dtype need 16',
    )
    expect(refusal(file('{}', 1))).toContain('cover 0 of 1 bytes')
  })

  it('hostile headers of the full size in bounded time and with short messages', () => {
    const fill = (piece: string): string => piece.repeat(Math.floor((HEADER_LIMIT - 200) / piece.length))
    const hostile = [
      `{"a":${entry(0, 0, `[${fill('1,')}0.5]`)}}`,
      `{"${fill('k')}":1}`,
      `{${fill('"":0,')}"a":0}`,
      `{"a":"${fill('\\\\')}`,
      `{${fill(' ')}`,
      `{"a":[${fill('"" ')}]}`,
    ]
    const started = performance.now()
    for (const header of hostile) expect(refusal(file(header)).length).toBeLessThan(400)
    // Six scans of 1 MiB take about 0.1 s here; a quadratic scan would take minutes.
    expect(performance.now() - started).toBeLessThan(5000)
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
