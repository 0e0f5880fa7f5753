import { randomBytes } from 'node:crypto'
import { access, constants, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { encoderColumns, parseTable } from '../data/index.ts'
import type { ParseOptions, Table, TableEncoder } from '../data/index.ts'
import { ConfigError, DataError, FormatError } from '../errors.ts'
import { KAN } from '../kan.ts'

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
function meaningOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return meanings[error.code] ?? error.code
}

/** Reads a table. Throws DataError when the file cannot be read, and what parseTable throws. */
export async function readTable(path: string, options: Omit<ParseOptions, 'name'>): Promise<Table> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const meaning = meaningOf(error)
    if (meaning === undefined) throw error
    throw new DataError(`Cannot read the table ${path}: ${meaning}.`, { cause: error })
  }
  return parseTable(text, { ...options, name: basename(path) })
}

/**
 * Reads a model that was trained on a table. Throws FormatError for a file that is not a model, and DataError for a
 * model without a record of the table's columns.
 */
export async function readTableModel(path: string): Promise<{ kan: KAN; encoder: TableEncoder }> {
  let bytes: Uint8Array
  try {
    bytes = await readFile(path)
  } catch (error) {
    const meaning = meaningOf(error)
    if (meaning === undefined) throw error
    throw new DataError(`Cannot read the model ${path}: ${meaning}.`, { cause: error })
  }
  const kan = loadModel(bytes, path)
  if (kan.encoder === undefined)
    throw new DataError(
      `${basename(path)}: the model does not know a table's columns, because a program trained it on arrays. Use ` +
        `KAN.load and predict in a program, or train with: webkan fit TABLE.csv --target COL --out MODEL.safetensors`,
    )
  return { kan, encoder: kan.encoder }
}

function loadModel(bytes: Uint8Array, path: string): KAN {
  try {
    return KAN.load(bytes)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new FormatError(`${basename(path)}: ${error.message}`, { cause: error })
  }
}

/** The table a model is used on: only the columns it needs, so that others may hold anything. */
export function readModelTable(
  path: string,
  encoder: TableEncoder,
  options: { readonly missing: 'error' | 'drop'; readonly requireTarget: boolean },
): Promise<Table> {
  const { missing, requireTarget } = options
  return readTable(path, { missing, only: encoderColumns(encoder, { requireTarget }) })
}

/** Throws ConfigError when a file could not be written there: to be asked before minutes of training, not after. */
export async function checkWritable(path: string): Promise<void> {
  const refuse = (meaning: string): never => {
    throw new ConfigError(`Cannot write --out ${path}: ${meaning}. Choose another path.`)
  }
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) refuse('it is a folder')
  // A rename replaces the file, so it is the folder that must be writable; a read-only file is still respected.
  try {
    await access(dirname(resolve(path)), constants.W_OK | constants.X_OK)
    if (there) await access(path, constants.W_OK)
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    refuse(missing ? `there is no folder ${dirname(resolve(path))}` : (meaningOf(error) ?? String(error)))
  }
}

/**
 * Writes a file whole or not at all: into a temporary file beside it, then renamed, so that a reader, a crash or a full
 * disk never meets half of it. Throws ConfigError.
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const target = resolve(path)
  // Pipes and devices such as /dev/stdout are written in place.
  const there = await stat(target).catch(() => undefined)
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.tmp`)
  try {
    if (there && !there.isFile()) return await writeFile(target, content)
    await writeFile(temporary, content, { flag: 'wx' })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    const meaning = meaningOf(error)
    if (meaning === undefined) throw error
    throw new ConfigError(`Cannot write --out ${path}: ${meaning}. Choose another path.`, { cause: error })
  }
}
