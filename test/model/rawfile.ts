/** Files to read: any header and data, and a model's. */
import { digestTensors, encodeSafetensors } from '../../src/model/safetensors.ts'
import type { Tensors } from '../../src/model/safetensors.ts'

/** A file with any header text and data, its length field as given or as the text needs. */
export function file(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const bytes = new Uint8Array(8 + text.length + dataBytes)
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

export function entry(begin: number, end: number, shape = `[${(end - begin) / 8}]`, dtype = '"F64"'): string {
  return `{"dtype":${dtype},"shape":${shape},"data_offsets":[${begin},${end}]}`
}

export const config = '{"width":[2,1]}'
export const tensors: Tensors = {
  'layers.0.coef': { shape: [2, 2], values: Float64Array.of(0.1, -0, 1e300, 5e-324) },
  mask: { shape: [3], values: Uint8Array.of(1, 0, 255) },
  'node bias': { shape: [], values: Float32Array.of(1.5) },
}

/** A model file as model/file.ts writes and reads it: what the container lets through, the digest catches. */
export function writeModel(): Uint8Array {
  const sha256 = digestTensors(config, tensors)
  return encodeSafetensors(tensors, { format: 'webkan', version: '1', config, sha256 })
}
