/**
 * The safetensors container (https://huggingface.co/docs/safetensors, "Format"), independent of what is stored in it:
 *
 *   8 bytes  N, the header's length, unsigned, little-endian
 *   N bytes  the header: UTF-8 JSON, from '{', padded with spaces so that the tensors begin at a multiple of 8
 *            {"__metadata__": {key: text}, name: {"dtype": "F64", "shape": [2, 3], "data_offsets": [begin, end]}, ...}
 *   the rest the tensors' bytes, little-endian, row-major, end to end; offsets count from the first of these bytes
 *
 * Bytes are copied as they are, so every value, NaN payloads included, survives. Typed arrays are little-endian
 * wherever WebGPU or a V8 build for x86 and ARM runs.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { quote } from '../data/quote.ts'
import { FormatError, ShapeError } from '../errors.ts'
import { isJsonObject, parseStrictJson } from './json.ts'

export type TensorValues = Float64Array | Float32Array | Uint32Array | Int32Array | Uint8Array

/** An array of any rank, row-major; rank 0 is one number. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly values: TensorValues
}

/** Tensors by name, in the order of the file (JavaScript puts names that are whole numbers first). */
export type Tensors = Readonly<Record<string, Tensor>>

/** The largest header read or written. The format allows 100 MB; a network's fits in kilobytes. */
export const HEADER_LIMIT = 1 << 20
/** { name: { shape: [ */
const HEADER_DEPTH = 3
const LENGTH_BYTES = 8
const METADATA = '__metadata__'

const dtypes = {
  F64: { bytes: 8, view: (buffer: ArrayBuffer) => new Float64Array(buffer) },
  F32: { bytes: 4, view: (buffer: ArrayBuffer) => new Float32Array(buffer) },
  U32: { bytes: 4, view: (buffer: ArrayBuffer) => new Uint32Array(buffer) },
  I32: { bytes: 4, view: (buffer: ArrayBuffer) => new Int32Array(buffer) },
  U8: { bytes: 1, view: (buffer: ArrayBuffer) => new Uint8Array(buffer) },
} as const satisfies Record<string, { bytes: number; view: (buffer: ArrayBuffer) => TensorValues }>

type Dtype = keyof typeof dtypes

function dtypeOf(values: TensorValues): Dtype {
  if (values instanceof Float64Array) return 'F64'
  if (values instanceof Float32Array) return 'F32'
  if (values instanceof Uint32Array) return 'U32'
  return values instanceof Int32Array ? 'I32' : 'U8'
}

function bytesOf(values: TensorValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The product of sizes, or undefined where it is beyond 2^53 or a size is not a whole number. */
function productOf(sizes: readonly number[]): number | undefined {
  let product = 1
  for (const size of sizes) {
    product *= size
    if (!isSize(size) || !isSize(product)) return undefined
  }
  return product
}

function checkTensor(name: string, { shape, values }: Tensor): void {
  if (name === METADATA)
    throw new ShapeError(`A tensor cannot be called ${METADATA}: the format keeps that name.`)
  if (productOf(shape) !== values.length)
    throw new ShapeError(
      `Tensor ${quote(name)} has ${values.length} values for shape [${shape.join(', ')}]. Give as many as the shape says.`,
    )
}

/**
 * Writes tensors, in the order given, and metadata into one file; equal arguments give equal bytes. Throws ShapeError
 * when a tensor's values do not fill its shape, FormatError when the header would exceed 1 MiB.
 */
export function encodeSafetensors(tensors: Tensors, metadata: Readonly<Record<string, string>>): Uint8Array {
  // Entries are written one by one: an object built from them would lose a tensor called __proto__.
  const entries = [`"${METADATA}":${JSON.stringify(metadata)}`]
  let dataBytes = 0
  for (const [name, tensor] of Object.entries(tensors)) {
    checkTensor(name, tensor)
    const begin = dataBytes
    dataBytes += tensor.values.byteLength
    const entry = { dtype: dtypeOf(tensor.values), shape: tensor.shape, data_offsets: [begin, dataBytes] }
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`)
  }
  const header = new TextEncoder().encode(`{${entries.join(',')}}`)
  const headerBytes = Math.ceil(header.length / 8) * 8
  if (headerBytes > HEADER_LIMIT)
    throw new FormatError(
      `The header needs ${headerBytes} bytes, and the limit is ${HEADER_LIMIT}. Shorten the metadata or store fewer tensors.`,
    )
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes).fill(
    0x20,
    LENGTH_BYTES,
    LENGTH_BYTES + headerBytes,
  )
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.set(header, LENGTH_BYTES)
  let offset = LENGTH_BYTES + headerBytes
  for (const { values } of Object.values(tensors)) {
    bytes.set(bytesOf(values), offset)
    offset += values.byteLength
  }
  return bytes
}

/** A parsed value in a message; not String(), which a value with a key toString would break. */
function shown(value: unknown): string {
  return value === undefined ? 'nothing' : quote(JSON.stringify(value))
}

function refuse(what: string): never {
  throw new FormatError(
    `Not a valid safetensors file: ${what}. It is truncated, altered or of another kind; export it again.`,
  )
}

/** Where one tensor lies in the file, checked against its own shape but not yet against its neighbours. */
interface Entry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function readHeaderText(bytes: Uint8Array): { text: string; headerBytes: number } {
  if (bytes.length < LENGTH_BYTES)
    return refuse(`it has ${bytes.length} bytes, and ${LENGTH_BYTES} hold the header's length`)
  // Compared as 64-bit integers, before anything is allocated: a damaged length may be anything up to 2^64 - 1.
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true)
  if (length > BigInt(HEADER_LIMIT))
    return refuse(`the header claims ${length} bytes, and the limit is ${HEADER_LIMIT}`)
  const end = LENGTH_BYTES + Number(length)
  if (end > bytes.length)
    return refuse(`the header claims ${length} bytes, but the file has ${bytes.length} in all`)
  if (bytes[LENGTH_BYTES] !== 0x7b || length === 0n) return refuse(`the header does not begin with '{'`)
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    return { text: decoder.decode(bytes.subarray(LENGTH_BYTES, end)), headerBytes: Number(length) }
  } catch {
    return refuse(`the header is not UTF-8 text`)
  }
}

/** An object without a prototype: `constructor` or `__proto__` are names like any other. */
function plainRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record = Object.fromEntries(entries)
  Object.setPrototypeOf(record, null)
  return record
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isJsonObject(value)) return refuse(`${METADATA} is not an object`)
  const entries = Object.entries(value).map(([key, text]): [string, string] =>
    typeof text === 'string' ? [key, text] : refuse(`the metadata ${quote(key)} is not a text`),
  )
  return plainRecord(entries)
}

function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(dtypes, value)
}

function readSizes(value: unknown, what: string): number[] {
  if (!Array.isArray(value)) return refuse(`${what} is not a list`)
  const sizes: unknown[] = value
  return sizes.map(size =>
    isSize(size) ? size : refuse(`${what} holds ${shown(size)}, and whole numbers below 2^53 are allowed`),
  )
}

function readEntry(name: string, value: unknown, dataBytes: number): Entry {
  const tensor = `tensor ${quote(name)}`
  if (!isJsonObject(value)) return refuse(`${tensor} is not described by an object`)
  const fields = new Map(Object.entries(value))
  const dtype = fields.get('dtype')
  if (fields.size !== 3)
    return refuse(`${tensor} has ${fields.size} fields in place of dtype, shape, data_offsets`)
  if (!isDtype(dtype))
    return refuse(`${tensor} has dtype ${shown(dtype)}, and ${Object.keys(dtypes).join(', ')} are read`)
  const shape = readSizes(fields.get('shape'), `the shape of ${tensor}`)
  const offsets = readSizes(fields.get('data_offsets'), `data_offsets of ${tensor}`)
  const [begin, end] = offsets
  if (begin === undefined || end === undefined || offsets.length !== 2)
    return refuse(`${tensor} has ${offsets.length} data_offsets in place of 2`)
  if (begin > end || end > dataBytes)
    return refuse(
      `${tensor} claims the data from ${begin} to ${end}, and there are ${dataBytes} bytes of data`,
    )
  const needed = productOf([...shape, dtypes[dtype].bytes])
  if (needed === undefined) return refuse(`${tensor} has a shape of more than 2^53 bytes`)
  if (end - begin !== needed)
    return refuse(`${tensor} has ${end - begin} bytes of data, but its shape and dtype need ${needed}`)
  return { name, dtype, shape, begin, end }
}

/** Every byte of data belongs to exactly one tensor: nothing can hide in a hole, and nothing is stored twice. */
function checkCoverage(entries: readonly Entry[], dataBytes: number): void {
  let covered = 0
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin > covered) refuse(`there is a hole of ${begin - covered} bytes before tensor ${quote(name)}`)
    if (begin < covered)
      refuse(`tensor ${quote(name)} begins at ${begin}, inside another that ends at ${covered}`)
    covered = end
  }
  if (covered !== dataBytes) refuse(`the tensors cover ${covered} of ${dataBytes} bytes of data`)
}

/**
 * Reads a safetensors file of dtypes F64, F32, U32, I32 and U8 into copies. What is returned has no prototype, so that
 * any name is only a name. Never allocates more than the file's size, plus its header's text. Throws FormatError for a
 * file that departs from the format in anything: sizes, UTF-8, JSON, repeated keys, shapes, offsets, holes, overlaps.
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Tensors
  metadata: Readonly<Record<string, string>>
} {
  const { text, headerBytes } = readHeaderText(bytes)
  const header = parseStrictJson(text, { what: 'The safetensors header', depth: HEADER_DEPTH })
  if (!isJsonObject(header)) return refuse('the header is not an object')
  const dataStart = LENGTH_BYTES + headerBytes
  const dataBytes = bytes.length - dataStart
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => readEntry(name, value, dataBytes))
  checkCoverage(entries, dataBytes)
  const tensors = entries.map(({ name, dtype, shape, begin, end }): [string, Tensor] => {
    const buffer = copyOf(bytes, dataStart + begin, dataStart + end)
    return [name, { shape, values: dtypes[dtype].view(buffer) }]
  })
  const metadata = Object.hasOwn(header, METADATA) ? readMetadata(header[METADATA]) : plainRecord<string>([])
  return { tensors: plainRecord(tensors), metadata }
}

/** A buffer of its own, aligned for any dtype, whatever the offset in the file. */
function copyOf(bytes: Uint8Array, begin: number, end: number): ArrayBuffer {
  const copy = new ArrayBuffer(end - begin)
  new Uint8Array(copy).set(bytes.subarray(begin, end))
  return copy
}

/**
 * SHA-256, in hexadecimal, over a configuration text and tensors. Hashed are: the text, then for each tensor in its
 * order the JSON text [name, dtype, shape] and its bytes; each of these parts preceded by its length as an unsigned
 * 64-bit little-endian integer, so that nothing can move from one part to the next unnoticed.
 */
export function digestTensors(configText: string, tensors: Tensors): string {
  const hash = sha256.create()
  const update = (part: Uint8Array): void => {
    const length = new Uint8Array(8)
    new DataView(length.buffer).setBigUint64(0, BigInt(part.length), true)
    hash.update(length).update(part)
  }
  const encoder = new TextEncoder()
  update(encoder.encode(configText))
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    update(encoder.encode(JSON.stringify([name, dtypeOf(values), shape])))
    update(bytesOf(values))
  }
  return bytesToHex(hash.digest())
}
