/** WebGPU in headless Chrome, for Node programs: the engine lives in a page and is driven through Puppeteer. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, HTTPRequest, Page } from 'puppeteer'
import { connectEngine, textPort } from '../engine/remote/index.ts'
import type { EnginePort } from '../engine/remote/index.ts'
import type { AdapterDescription } from './adapter.ts'
import { firstLine, hostedEngine, refusal } from './attempt.ts'
import type { Attempt, SoftwareAdapters } from './attempt.ts'
import { launchBrowser } from './browser.ts'
import { mayHaveGpu } from './gpu-device-files.ts'
import type { EnginePage } from './page.ts'

/** What the page's script sets there. */
declare const webkanPage: EnginePage

/** Never resolved: every request is answered here. https makes it a secure context, the only kind that has WebGPU. */
const origin = 'https://webkan.invalid'

/** Milliseconds of GPU work a submission: nobody looks at this page. */
const budget = 100

/** Headless Chrome on Linux leaves hardware alone without these (developer.chrome.com/blog/supercharge-web-ai-testing). */
const hardwareFlags = ['--use-angle=vulkan', '--enable-features=Vulkan', '--disable-vulkan-surface']

/** Where page.js and its chunks lie: beside this file, in dist/. */
const builtScripts = dirname(fileURLToPath(import.meta.url))

/** An engine on Chrome's adapter, or why not. Destroying the engine closes the browser. */
export async function tryChrome(software: SoftwareAdapters, scripts = builtScripts): Promise<Attempt> {
  let opened: { browser: Browser; page: Page }
  try {
    opened = await openPage(software, scripts)
  } catch (error) {
    return { refused: firstLine(error) }
  }
  const { browser, page } = opened
  try {
    const adapter = await page.evaluate(() => webkanPage.describe())
    if (!adapter || (adapter.software && software === 'refuse')) {
      await browser.close()
      return { refused: refusal(adapter) }
    }
    const reason = `${adapter.software ? 'Software adapter' : 'Hardware GPU'} through headless Chrome.`
    const port = await createPort(browser, page)
    await page.evaluate(options => webkanPage.serve(options), { software, budget, reason })
    return { engine: hostedEngine(await connectEngine(port), reason, () => browser.close()) }
  } catch (error) {
    await browser.close()
    return { refused: firstLine(error) }
  }
}

/** Chrome's adapter, for a report; a phrase where there is none. Hardware is preferred, as in training. */
export async function describeChrome(scripts = builtScripts): Promise<AdapterDescription | string> {
  let answer: AdapterDescription | string = refusal(undefined)
  for (const software of mayHaveGpu() ? (['refuse', 'allow'] as const) : (['allow'] as const)) {
    try {
      const { browser, page } = await openPage(software, scripts)
      try {
        const adapter = await page.evaluate(() => webkanPage.describe())
        if (adapter && !(adapter.software && software === 'refuse')) return adapter
      } finally {
        await browser.close()
      }
    } catch (error) {
      answer = firstLine(error)
    }
  }
  return answer
}

async function openPage(
  software: SoftwareAdapters,
  scripts: string,
): Promise<{ browser: Browser; page: Page }> {
  // Read first: a missing build is found before a browser is started.
  await readFile(join(scripts, 'page.js'))
  const browser = await launchBrowser({
    handleSIGINT: false,
    args: software === 'refuse' && process.platform === 'linux' ? hardwareFlags : [],
  })
  try {
    const page = await browser.newPage()
    await page.setRequestInterception(true)
    page.on('request', request => void answer(request, scripts).catch(() => undefined))
    await page.goto(origin)
    return { browser, page }
  } catch (error) {
    await browser.close()
    throw error
  }
}

/** Serves the empty page and the scripts beside page.js; everything else is refused. */
async function answer(request: HTTPRequest, scripts: string): Promise<void> {
  const { pathname } = new URL(request.url())
  if (pathname === '/') {
    return request.respond({
      contentType: 'text/html; charset=utf-8',
      headers: { 'content-security-policy': "default-src 'none'; script-src 'self'" },
      body: '<!doctype html><title>webkan</title><script type="module" src="/page.js"></script>',
    })
  }
  const script = /^\/([\w-]+\.js)$/.exec(pathname)?.[1]
  if (script === undefined) return request.abort()
  const body = await readFile(join(scripts, script))
  return request.respond({ contentType: 'text/javascript; charset=utf-8', body })
}

/** The channel to the page: texts, one after another, through the DevTools protocol. The browser closes with the engine. */
async function createPort(browser: Browser, page: Page): Promise<EnginePort> {
  const port = textPort(text => page.evaluate(part => webkanPage.receive(part), text))
  await page.exposeFunction('webkanSend', (text: string) => port.receive(text))
  page.on('error', error => port.lose(`Chrome's page crashed (${error.message})`))
  browser.on('disconnected', () => port.lose('Chrome has ended'))
  return port
}
