import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { UnsupportedError } from '../../src/errors.ts'
import { findBrowser, launchBrowser } from '../../src/node/browser.ts'

afterEach(() => vi.unstubAllEnvs())

describe('findBrowser', () => {
  it('finds one on this machine, and says where', async () => {
    const browser = await findBrowser()
    expect(browser && existsSync(browser.executablePath)).toBe(true)
    expect(browser?.source).toMatch(
      /^(PUPPETEER_EXECUTABLE_PATH|installed|puppeteer|@sparticuz\/chromium [\d.]+)$/u,
    )
  })

  it('takes PUPPETEER_EXECUTABLE_PATH before everything else', async () => {
    vi.stubEnv('PUPPETEER_EXECUTABLE_PATH', process.execPath)
    expect(await findBrowser()).toEqual({
      executablePath: process.execPath,
      source: 'PUPPETEER_EXECUTABLE_PATH',
    })
  })

  it('does not pass over a PUPPETEER_EXECUTABLE_PATH that is wrong', async () => {
    vi.stubEnv('PUPPETEER_EXECUTABLE_PATH', '/nowhere/chrome')
    await expect(findBrowser()).rejects.toThrow(UnsupportedError)
    await expect(findBrowser()).rejects.toThrow(/"\/nowhere\/chrome"/u)
  })

  it('looks along PATH', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'webkan-browser-'))
    const executablePath = join(folder, process.platform === 'win32' ? 'chrome.exe' : 'chrome')
    writeFileSync(executablePath, '#!/bin/sh\n', { mode: 0o755 })
    vi.stubEnv('PUPPETEER_EXECUTABLE_PATH', '')
    vi.stubEnv('PATH', folder)
    expect(await findBrowser()).toEqual({ executablePath, source: 'installed' })
    rmSync(folder, { recursive: true })
  })
})

describe('launchBrowser', () => {
  it('says which program did not start, and what to do', async () => {
    const launched = launchBrowser({ browser: { executablePath: process.execPath, source: 'a test' } })
    await expect(launched).rejects.toThrow(UnsupportedError)
    await expect(launched).rejects.toThrow(/\(a test\) did not start: .*PUPPETEER_EXECUTABLE_PATH/u)
  })

  it('starts a browser that offers WebGPU to a page', async () => {
    const browser = await launchBrowser()
    const page = await browser.newPage()
    // file: pages count as secure, which navigator.gpu asks for; about:blank does not.
    await page.goto(new URL('../../LICENSE', import.meta.url).href)
    const adapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter())?.info.vendor)
    expect(adapter).toBeTypeOf('string')
    await browser.close()
  }, 30_000)
})
