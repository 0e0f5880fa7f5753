/** The file of --out: asked for before the work, written whole after it. */
import { randomBytes } from 'node:crypto'
import { access, constants, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { HEADER_LIMIT } from '../model/safetensors.ts'
import { meaningOf } from './files.ts'

/** A file that the command reads, and what it is in a message. */
export interface InputFile {
  readonly role: 'table' | 'model'
  readonly path: string
}

/**
 * Throws ConfigError when a file could not or should not be written there: to be asked before minutes of training, not after.
 * It should not replace one of the files that are read, under whatever name, and `replaces: 'model'` lets a model replace
 * another model only, unless the name ends with .safetensors.
 */
export async function checkOut(
  path: string,
  options: { readonly inputs: readonly InputFile[]; readonly replaces: 'model' | 'any' },
): Promise<void> {
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) refuse(path, 'it is a folder')
  if (there?.isFile()) {
    for (const input of options.inputs)
      if (await isSameFile(path, input.path)) refuse(path, `it is the ${input.role} that is read`)
    if (options.replaces === 'model' && !path.endsWith('.safetensors') && !(await isModelOrEmpty(path)))
      refuse(path, 'that file is there already and is not a webkan model')
    // A rename could replace a read-only file as well; it is respected all the same.
    await access(path, constants.W_OK).catch((error: unknown) =>
      refuse(path, meaningOf(error) ?? String(error)),
    )
  }
  if (there && !there.isFile()) return
  // Only trying tells: permissions, read-only disks and folders such as /proc all have their own ways to say no.
  const temporary = temporaryBeside(path)
  try {
    await writeFile(temporary, '', { flag: 'wx' })
    await rm(temporary)
  } catch (error) {
    await refuseWriting(path, error)
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
  const temporary = temporaryBeside(path)
  try {
    if (there && !there.isFile()) return await writeFile(target, content)
    await writeFile(temporary, content, { flag: 'wx' })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    await refuseWriting(path, error)
  }
}

function temporaryBeside(path: string): string {
  const target = resolve(path)
  return join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}.tmp`)
}

function refuse(path: string, why: string, cause?: unknown): never {
  throw new ConfigError(`Cannot write --out ${path}: ${why}. Choose another path.`, { cause })
}

/** The operating system's refusal in words; other errors go on. */
async function refuseWriting(path: string, error: unknown): Promise<never> {
  const meaning = meaningOf(error)
  if (meaning === undefined) throw error
  const folder = dirname(resolve(path))
  const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
  if (!missing) return refuse(path, meaning, error)
  const there = await stat(folder).catch(() => undefined)
  return refuse(path, there ? `${folder} takes no files` : `there is no folder ${folder}`, error)
}

/** Whether two paths lead to one file, through symbolic or hard links. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([stat(a, { bigint: true }), stat(b, { bigint: true })])
    if (first.ino !== 0n && first.dev === second.dev && first.ino === second.ino) return true
    return (await realpath(a)) === (await realpath(b))
  } catch {
    return false
  }
}

/** Whether a file begins as the models do that webkan writes (see model/file.ts), or has nothing to lose. */
async function isModelOrEmpty(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined)
  if (!file) return false
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(8 + HEADER_LIMIT), 0, 8 + HEADER_LIMIT, 0)
    if (bytesRead === 0) return true
    if (bytesRead < 8) return false
    const length = buffer.readBigUInt64LE(0)
    return (
      length <= bytesRead - 8 && buffer.toString('utf8', 8, 8 + Number(length)).includes('"format":"webkan"')
    )
  } finally {
    await file.close()
  }
}
