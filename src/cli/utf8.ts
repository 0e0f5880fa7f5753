import { isUtf8 } from 'node:buffer'
import { DataError } from '../errors.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** U+FFFD, which a decoder writes in the place of what is not UTF-8, and which may as well stand in a text itself. */
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const

/**
 * The text of a table's bytes. Throws DataError, with the line and the byte, for those that are not UTF-8: read all the same,
 * every such character would be one and the same, and distinct levels of a column (Käse, Köse) would become one.
 */
export function decodeTable(bytes: Buffer, name: string): string {
  // UTF-16 has zero bytes, which parseTable refuses in words of their own.
  if (isUtf8(bytes) || bytes.includes(0)) return bytes.toString('utf8')
  const { line, byte, before } = firstFault(bytes)
  const place = before === '' ? 'at its start' : `after ${JSON.stringify(before)}`
  throw new DataError(
    `${name}: line ${line}: the byte 0x${byte.toString(16).toUpperCase()} ${place} is not UTF-8: the file is in another encoding, ` +
      `such as Latin-1 or Windows-1252. Save it as UTF-8.`,
  )
}

/** Characters of the line that show the place. */
const SHOWN = 20

/** Line (from 1), byte and the text that leads to it, of the first byte that is not UTF-8. */
function firstFault(bytes: Buffer): {
  readonly line: number
  readonly byte: number
  readonly before: string
} {
  let start = 0
  for (let line = 1; start < bytes.length; line++) {
    const end = lineEnd(bytes, start)
    // No character of UTF-8 but the line feed holds its byte, so that lines can be judged one by one.
    const part = bytes.subarray(start, end)
    if (!isUtf8(part)) return { line, ...faultIn(part) }
    start = end
  }
  throw new RangeError('The bytes are UTF-8.')
}

/** Where the line after the one at `start` begins: behind LF, CR LF or CR, as parseTable counts them. */
function lineEnd(bytes: Buffer, start: number): number {
  let end = start
  while (end < bytes.length && bytes[end] !== LINE_FEED && bytes[end] !== CARRIAGE_RETURN) end++
  return bytes[end] === CARRIAGE_RETURN && bytes[end + 1] === LINE_FEED ? end + 2 : end + 1
}

function faultIn(part: Buffer): { readonly byte: number; readonly before: string } {
  const text = part.toString('utf8')
  let at = text.indexOf('\uFFFD')
  let place = Buffer.byteLength(text.slice(0, at))
  while (REPLACEMENT.every((byte, k) => part[place + k] === byte)) {
    at = text.indexOf('\uFFFD', at + 1)
    place = Buffer.byteLength(text.slice(0, at))
  }
  return { byte: part[place] ?? 0, before: text.slice(Math.max(0, at - SHOWN), at) }
}
