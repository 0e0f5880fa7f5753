import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { encoderColumns, parseTable } from '../data/index.ts'
import type { ParseOptions, Table, TableEncoder } from '../data/index.ts'
import { DataError, FormatError } from '../errors.ts'
import { KAN } from '../kan.ts'
import { logNames, positiveRows } from './logscale.ts'
import { decodeTable } from './utf8.ts'

/** What the operating system's error codes mean to a person. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EACCES: 'you may not read or write it',
  EPERM: 'you may not read or write it',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the name is too long',
  ERR_STRING_TOO_LONG: 'it is larger than the 512 MB that fit in one text',
}

/** A clear cause, or undefined for errors that did not come from the operating system. */
export function meaningOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return meanings[error.code] ?? error.code
}

/** Reads a table. Throws DataError when the file cannot be read or is not UTF-8, and what parseTable throws. */
export async function readTable(path: string, options: Omit<ParseOptions, 'name'>): Promise<Table> {
  let text: string
  try {
    text = decodeTable(await readFile(path), basename(path))
  } catch (error) {
    const meaning = meaningOf(error)
    if (meaning === undefined) throw error
    throw new DataError(`Cannot read the table ${path}: ${meaning}.`, { cause: error })
  }
  return parseTable(text, { ...options, name: basename(path) })
}

/**
 * Reads a model. Throws DataError for a file that cannot be read, and FormatError for one that is not a model (`usage` follows
 * where it looks like a table: the two are easily swapped).
 */
export async function readModel(path: string, usage: string): Promise<KAN> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    const meaning = meaningOf(error)
    if (meaning === undefined) throw error
    throw new DataError(`Cannot read the model ${path}: ${meaning}.`, { cause: error })
  }
  if (looksLikeText(bytes))
    throw new FormatError(`${basename(path)} is not a webkan model (it looks like text). Usage: ${usage}`)
  return loadModel(bytes, path)
}

/** Reads a model that was trained on a table. Throws as readModel does, and DataError for one without a record of its columns. */
export async function readTableModel(
  path: string,
  usage: string,
): Promise<{ kan: KAN; encoder: TableEncoder }> {
  const kan = await readModel(path, usage)
  if (kan.encoder === undefined)
    throw new DataError(
      `${basename(path)}: the model does not know a table's columns, because a program trained it on arrays. Use ` +
        `KAN.load and predict in a program, or train with: webkan fit TABLE.csv --target COL --out MODEL.safetensors`,
    )
  return { kan, encoder: kan.encoder }
}

/** A model begins with the length of its header in eight bytes, the last of them zero; a text holds no zero byte. */
function looksLikeText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 8)
  return start.length > 0 && start.every(byte => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d))
}

function loadModel(bytes: Uint8Array, path: string): KAN {
  try {
    return KAN.load(bytes)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new FormatError(`${basename(path)}: ${error.message}`, { cause: error })
  }
}

/**
 * The table a model is used on: only the columns it needs, so that others may hold anything. A row without a logarithm in a column
 * on a logarithmic scale is as one with a missing value.
 */
export async function readModelTable(
  path: string,
  { kan, encoder }: { readonly kan: KAN; readonly encoder: TableEncoder },
  options: { readonly missing: 'error' | 'drop'; readonly requireTarget: boolean },
): Promise<Table> {
  const { missing, requireTarget } = options
  const only = encoderColumns(encoder, { requireTarget })
  const log = logNames(kan, encoder).filter(name => only.includes(name))
  return positiveRows(await readTable(path, { missing, only }), log, { missing, wish: 'the model takes' })
}
