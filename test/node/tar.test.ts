import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FormatError } from '../../src/errors.ts'
import { readTar } from '../../src/node/tar.ts'

const folder = mkdtempSync(join(tmpdir(), 'webkan-tar-'))
afterAll(() => rmSync(folder, { recursive: true }))

// 513 bytes need a second block, 512 end exactly on one, 0 have none.
const files = { 'a.txt': 'x'.repeat(513), 'deep/er/b.txt': 'y'.repeat(512), 'empty.txt': '' }

function archive(): Uint8Array {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text, { mode: 0o640 })
  }
  return execFileSync('tar', ['-c', '--format=ustar', 'a.txt', 'deep', 'empty.txt'], { cwd: folder })
}

describe('readTar', () => {
  it('reads what tar wrote: names, modes, contents', () => {
    const read = Array.from(readTar(archive()), ({ name, mode, content }) => [
      name,
      mode,
      new TextDecoder().decode(content),
    ])
    expect(read).toEqual(Object.entries(files).map(([name, text]) => [name, 0o640, text]))
  })

  it('refuses half an archive', () => {
    expect(() => [...readTar(archive().subarray(0, 1000))]).toThrow(FormatError)
  })

  it('refuses a name that leaves its folder', () => {
    const bytes = Uint8Array.from(archive())
    bytes.set(new TextEncoder().encode('../up'), 0)
    expect(() => [...readTar(bytes)]).toThrow(/outside its folder/u)
  })

  it('refuses links', () => {
    const bytes = Uint8Array.from(archive())
    bytes[156] = '2'.charCodeAt(0)
    expect(() => [...readTar(bytes)]).toThrow(/type "2"/u)
  })
})
