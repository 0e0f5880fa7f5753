/** Base64 (RFC 4648, section 4), alike in browsers and in Node, whose btoa needs 6 s for 80 MB (version 20); this needs 0.3 s. */

const DIGITS = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const PADDING = '='.charCodeAt(0)

/** The bytes in base64, padded. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3))
  for (let b = 0, t = 0; b < bytes.length; b += 3, t += 4) {
    // Beyond the end there is undefined, which shifts as 0 does.
    const word = (bytes[b]! << 16) | (bytes[b + 1]! << 8) | bytes[b + 2]!
    text[t] = DIGITS[word >>> 18]!
    text[t + 1] = DIGITS[(word >>> 12) & 63]!
    text[t + 2] = DIGITS[(word >>> 6) & 63]!
    text[t + 3] = DIGITS[word & 63]!
  }
  text.fill(PADDING, text.length - ((3 - (bytes.length % 3)) % 3))
  return new TextDecoder().decode(text)
}

/** Writes the bytes that a base64 text stands for into `bytes` from `start`, and gives their number. */
export function fromBase64(text: string, bytes: Uint8Array, start: number): number {
  const binary = atob(text)
  for (let i = 0; i < binary.length; i++) bytes[start + i] = binary.charCodeAt(i)
  return binary.length
}
