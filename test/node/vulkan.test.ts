import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayHaveVulkan } from '../../src/node/vulkan.ts'

describe('mayHaveVulkan', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'webkan-lib-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const places = (): Parameters<typeof mayHaveVulkan>[0] => ({
    platform: 'linux',
    libraryPath: '',
    cache: join(folder, 'ld.so.cache'),
    folders: [],
  })

  it('is false on a Linux without the library', () => {
    writeFileSync(join(folder, 'libvulkan.txt'), '')
    writeFileSync(join(folder, 'ld.so.cache'), 'libc.so.6')
    expect(mayHaveVulkan({ ...places(), folders: [folder] })).toBe(false)
  })

  it('finds it in the usual folders, in LD_LIBRARY_PATH, and in the list of ldconfig', () => {
    writeFileSync(join(folder, 'libvulkan.so.1'), '')
    expect(mayHaveVulkan({ ...places(), folders: [folder] })).toBe(true)
    expect(mayHaveVulkan({ ...places(), libraryPath: `/nowhere:${folder}` })).toBe(true)
    writeFileSync(join(folder, 'ld.so.cache'), '\0libvulkan.so.1\0/opt/lib/libvulkan.so.1\0')
    expect(mayHaveVulkan(places())).toBe(true)
  })

  it('cannot tell on other systems', () => {
    expect(mayHaveVulkan({ ...places(), platform: 'win32' })).toBe(true)
  })
})
