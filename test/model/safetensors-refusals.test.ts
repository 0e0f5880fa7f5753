import { describe, expect, it } from 'vitest'
import { FormatError } from '../../src/errors.ts'
import { decodeSafetensors, digestTensors, HEADER_LIMIT } from '../../src/model/safetensors.ts'
import { entry, file, writeModel } from './rawfile.ts'

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes)
  } catch (error) {
    if (error instanceof FormatError) return error.message
    throw error
  }
  throw new Error('the file was accepted')
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
    // Six scans of 1 MiB take about 0.1 s here; a quadratic scan would take minutes, and the test its time limit.
    for (const header of hostile) expect(refusal(file(header)).length).toBeLessThan(400)
  })
})
