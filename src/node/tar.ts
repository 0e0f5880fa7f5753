import { FormatError } from '../errors.ts'

/** A regular file in a tar archive. */
export interface TarFile {
  /** Relative path, never leaving the folder it is unpacked into. */
  name: string
  mode: number
  content: Uint8Array
}

const blockSize = 512
const regularFile = new Set(['0', '\0'])
const folder = '5'

/**
 * The regular files of a POSIX ustar archive (IEEE Std 1003.1, pax, section "ustar Interchange Format"): a header of
 * 512 bytes, then the content padded to 512 bytes, up to a block of zeros. Folders are implied by the names.
 *
 * @throws FormatError for a truncated archive, a name that leaves the folder, links and extended headers
 */
export function* readTar(bytes: Uint8Array): Generator<TarFile> {
  for (let at = 0; at + blockSize <= bytes.length && bytes[at] !== 0;) {
    const name = [text(bytes, at + 345, 155), text(bytes, at, 100)].filter(part => part).join('/')
    const size = Number.parseInt(text(bytes, at + 124, 12), 8)
    const kind = String.fromCharCode(bytes[at + 156] ?? 0)
    const start = at + blockSize
    if (!(size >= 0 && start + size <= bytes.length)) {
      throw new FormatError(`The archive ends inside "${name}"; install the package that holds it again.`)
    }
    if (name.startsWith('/') || name.split('/').includes('..')) {
      throw new FormatError(`The archive's entry "${name}" would be written outside its folder.`)
    }
    if (regularFile.has(kind)) {
      const mode = Number.parseInt(text(bytes, at + 100, 8), 8)
      yield { name, mode, content: bytes.subarray(start, start + size) }
    } else if (kind !== folder) {
      throw new FormatError(
        `The archive's entry "${name}" has type "${kind}"; only files and folders are read.`,
      )
    }
    at = start + Math.ceil(size / blockSize) * blockSize
  }
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length)
  const end = field.indexOf(0)
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
}
