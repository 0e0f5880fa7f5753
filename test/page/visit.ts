/** Builds the page of demo/ as it would be published, serves it, and drives it in headless Chrome as a visitor would. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'puppeteer'
import { build, preview } from 'vite'
import type { PreviewServer } from 'vite'
import { afterAll, beforeAll, expect } from 'vitest'
import { launchBrowser } from '../../src/node/browser.ts'

const root = fileURLToPath(new URL('../../demo', import.meta.url))
let folder = ''
let server: PreviewServer
export let browser: Browser

/** For the top of a test file: the page is there for its tests. */
export function serveDemo(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webkan-demo-'))
    const configFile = join(root, 'vite.config.ts')
    await build({ configFile, root, logLevel: 'warn', build: { outDir: join(folder, 'dist') } })
    server = await preview({
      configFile: false,
      root: folder,
      logLevel: 'warn',
      preview: { port: 0 },
    })
    browser = await launchBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    await server?.close()
    await rm(folder, { recursive: true, force: true })
  })
}

/** Opens the page, waits until it is ready and uses it; fails on whatever the console or an uncaught exception complains of. */
export async function visit(
  hash: string,
  use: (page: Page) => Promise<void>,
  { width = 1440, tolerated = /^$/ } = {},
): Promise<void> {
  const complaints: string[] = []
  const page = await browser.newPage()
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warn') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('requestfailed', request => complaints.push(`${request.url()} failed`))
  try {
    await page.setViewport({ width, height: 900 })
    await page.goto(`${server.resolvedUrls!.local[0]}${hash}`)
    await ready(page)
    await use(page)
    expect(complaints.filter(complaint => !tolerated.test(complaint))).toEqual([])
  } finally {
    await page.close()
  }
}

export async function ready(page: Page): Promise<void> {
  await page.waitForSelector('#train[aria-disabled=false]', { timeout: 60_000 })
}

export async function text(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, element => element.textContent ?? '')
}

export async function attribute(page: Page, selector: string, name: string): Promise<string | null> {
  return page.$eval(selector, (element, key) => element.getAttribute(key), name)
}

export async function valueOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, element => ('value' in element ? String(element.value) : ''))
}

export async function says(page: Page, status: string): Promise<void> {
  await page.waitForFunction(
    wanted => document.querySelector('#status')?.textContent?.startsWith(wanted),
    { timeout: 100_000 },
    status,
  )
}

export async function finishesAt(page: Page, step: string): Promise<void> {
  await says(page, `Finished at step ${step}.`)
}

export async function countedSteps(page: Page): Promise<number> {
  return Number((await text(page, '#step')).replaceAll('\u202f', ''))
}

export async function fill(page: Page, selector: string, value: string): Promise<void> {
  await page.$eval(selector, element => (element as HTMLInputElement).select())
  await page.type(selector, value)
}

export async function shownError(page: Page): Promise<number> {
  return Number(await attribute(page, '#test-error', 'value'))
}

/** Edges that are drawn. */
export const countEdges = (page: Page): Promise<number> =>
  page.$$eval('#network .frame', frames => frames.length)
/** Names of the known functions that are drawn. */
export const knownNames = (page: Page): Promise<string[]> =>
  page.$$eval('#network .known .function-name', names => names.map(name => name.textContent ?? ''))

/** Trains to the end of a plan. */
export async function train(page: Page, step: string): Promise<void> {
  await page.click('#train')
  await finishesAt(page, step)
}

/** Undoes what the button says that it undoes: a change that must be this one. */
export async function undoes(page: Page, change: string): Promise<void> {
  await page.waitForSelector(`#undo[title="Undo ${change}"][aria-disabled=false]`)
  await page.click('#undo')
}

/** Waits for the candidates of the selected edge. */
export async function candidatesCome(page: Page): Promise<string[]> {
  await page.waitForSelector('#candidates-table[aria-busy=false]')
  return page.$$eval('#candidates label', labels => labels.map(label => label.textContent ?? ''))
}

/** By its place in the order of the buttons. */
export async function selectEdge(page: Page, e: number): Promise<void> {
  await page.click(`.edge-buttons button:nth-child(${e + 1})`)
  await page.waitForSelector(`.edge-buttons button:nth-child(${e + 1})[aria-pressed=true]`)
}

/** Waits until so many known functions are drawn. */
export async function knownBecome(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    wanted => document.querySelectorAll('#network .known').length === wanted,
    {},
    count,
  )
}
