/**
 * Vitest's browser mode on our own launcher: one Chrome a run, one page a session.
 * Nothing here may lose the GPU: a page that has made a device after a loss can take its renderer down as it goes (Chromium 156, a
 * quarter of the files on a busy machine), and with it every file that is still to come. Losses are tested in test/page.
 */
import { defineBrowserProvider } from '@vitest/browser'
import type { Browser, BrowserContext, Page } from 'puppeteer'
import type { BrowserProvider, BrowserProviderOption, CDPSession as VitestCdpSession } from 'vitest/node'
import { launchBrowser } from '../../src/node/browser.ts'

/** The provider for `test.browser.provider`. */
export function puppeteer(): BrowserProviderOption {
  return defineBrowserProvider({
    name: 'puppeteer',
    supportedBrowser: ['chrome'],
    providerFactory: () => new PuppeteerProvider(),
  })
}

class PuppeteerProvider implements BrowserProvider {
  readonly name = 'puppeteer'
  // On a software adapter parallel pages only slow each other down (8 files: 5.9 s serial, 8.4 s with four workers).
  readonly supportsParallelism = false
  readonly #sessions = new Map<string, { context: BrowserContext; page: Page }>()
  #browser: Promise<Browser> | undefined

  async openPage(sessionId: string, url: string): Promise<void> {
    this.#browser ??= launchBrowser()
    const context = await (await this.#browser).createBrowserContext()
    const page = await context.newPage()
    this.#sessions.set(sessionId, { context, page })
    await page.goto(url, { timeout: 0 })
  }

  getCommandsContext(): Record<string, never> {
    return {}
  }

  getCDPSession(sessionId: string): Promise<VitestCdpSession> {
    return this.#page(sessionId).createCDPSession()
  }

  async close(): Promise<void> {
    const browser = await this.#browser?.catch(() => undefined)
    this.#browser = undefined
    this.#sessions.clear()
    await browser?.close()
  }

  #page(sessionId: string): Page {
    const session = this.#sessions.get(sessionId)
    if (!session) throw new Error(`No page is open for the test session ${sessionId}.`)
    return session.page
  }
}
