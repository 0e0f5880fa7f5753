import type { EngineMessage } from './messages.ts'

/**
 * Engine messages as text, for channels that carry nothing else (a page driven through the DevTools protocol). JSON, in
 * which {"$float64": base64} is a Float64Array by its bytes and {"$number": text} a number that JSON does not
 * have: every bit of float64 crosses, NaN and -0 included. Both ends must store numbers the same way round (all WebGPU hosts are
 * little-endian).
 */
export function encodeMessage(message: EngineMessage): string {
  return JSON.stringify(message, (_, value: unknown) => {
    if (value instanceof Float64Array) return { $float64: toBase64(value) }
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return { $number: Object.is(value, -0) ? '-0' : String(value) }
    return value
  })
}

/** The message that encodeMessage made the text from. */
export function decodeMessage(text: string): EngineMessage {
  // What this project's own encodeMessage wrote at the other end.
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value
    if ('$float64' in value && typeof value.$float64 === 'string') return fromBase64(value.$float64)
    if ('$number' in value && typeof value.$number === 'string') return Number(value.$number)
    return value
  }) as EngineMessage
}

/** Bytes handled at a time: String.fromCharCode takes its arguments from the stack. A multiple of 3, so that parts join. */
const CHUNK = 3 * 8192

function toBase64(array: Float64Array): string {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += CHUNK)
    parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + CHUNK))))
  return parts.join('')
}

function fromBase64(text: string): Float64Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return new Float64Array(bytes.buffer)
}
