/**
 * How long the demo page's main thread keeps a visitor waiting while a network trains, and while a formula is read from it: the demo,
 * built, in headless Chrome.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import { launchBrowser } from '../../src/node/browser.ts'
import type { Context } from '../context.ts'
import { OURS } from '../figure.ts'
import { spreadOf } from '../timing.ts'

/** Milliseconds a page may be deaf before it is felt (the limit of a "long task" in browsers too). */
const LONGEST_WAIT = 50
const PAGE = `longest wait of the demo page's main thread while training`
const SEARCH = `longest wait of the demo page's main thread while symbolifying`

interface PageRun {
  readonly name: string
  readonly side: string
  readonly hash: string
  /** Whether the wait counts from the end of training to the formula. */
  readonly symbolifies?: boolean
}

/** The demo's address for each way to train, and about as many steps as take ten seconds on a software adapter. */
const RUNS: readonly PageRun[] = [
  { name: 'LM', side: OURS.cpu, hash: '#device=cpu&hidden=10&steps=200' },
  { name: 'L-BFGS', side: OURS.cpu, hash: '#device=cpu&optimizer=lbfgs&hidden=10&steps=500' },
  { name: 'Adam', side: OURS.gpu, hash: '#device=webgpu&optimizer=adam&steps=500' },
  { name: 'L-BFGS', side: OURS.gpu, hash: '#device=webgpu&optimizer=lbfgs&steps=100' },
  { name: 'Symbolify', side: OURS.cpu, hash: '#device=cpu&lambda=0.001', symbolifies: true },
]

/** Visits of each page; the figure is over them. */
const VISITS = 3

/** Milliseconds that the page is watched before it trains. */
const REST = 3000

/** Milliseconds between two ticks of the page's clock. Chrome holds timers of nested calls to 4 ms. */
const TICK = 5

const root = join(import.meta.dirname, '../../demo')

export async function measurePage(context: Context): Promise<void> {
  // The bundled benchmark has no bundler, no browser and no demo.
  const configFile = join(root, 'vite.config.ts')
  if (!existsSync(configFile)) return
  const { build, preview } = await import('vite')
  const folder = await mkdtemp(join(tmpdir(), 'webkan-page-'))
  try {
    await build({ configFile, root, logLevel: 'error', build: { outDir: join(folder, 'dist') } })
    const server = await preview({ configFile: false, root: folder, logLevel: 'error', preview: { port: 0 } })
    try {
      const browser = await launchBrowser()
      try {
        await measureVisits(context, browser, server.resolvedUrls!.local[0]!)
      } finally {
        await browser.close()
      }
    } finally {
      await server.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureVisits(
  { ledger, gpu, cpu, quick }: Context,
  browser: Browser,
  address: string,
): Promise<void> {
  for (const { name, side, hash, symbolifies = false } of RUNS) {
    if (side === OURS.gpu ? !gpu : !cpu) continue
    const group = symbolifies ? SEARCH : PAGE
    await ledger.attempt({ group, name, side }, async () => {
      const waits: Wait[] = []
      for (let n = 0; n < (quick ? 1 : VISITS); n++)
        waits.push(await longestWait(browser, address + hash, symbolifies))
      const spread = spreadOf(waits.map(({ busy }) => busy))
      const resting = Math.round(Math.max(...waits.map(wait => wait.resting)))
      const detail = {
        page: hash,
        'at rest, ms': resting,
        ...(spread.maximum > LONGEST_WAIT ? { note: `above ${LONGEST_WAIT} ms` } : {}),
      }
      ledger.add({ group, name, side, unit: 'ms', spread, detail })
    })
  }
}

/** Longest times between two ticks of a clock on the page's main thread, in milliseconds. */
interface Wait {
  /** Before training: what the machine's other work does to the clock. */
  readonly resting: number
  /** While training, or symbolifying. */
  readonly busy: number
}

/** Rests, then trains to the end of the plan, then symbolifies where that is what counts. */
async function longestWait(browser: Browser, address: string, symbolifies: boolean): Promise<Wait> {
  const page = await browser.newPage()
  try {
    await page.goto(address)
    await page.waitForSelector('#train[aria-disabled=false]', { timeout: 60_000 })
    await page.evaluate(tick => {
      let last = performance.now()
      Object.assign(globalThis, { longest: 0 })
      setInterval(() => {
        const now = performance.now()
        Object.assign(globalThis, {
          longest: Math.max(Number(Reflect.get(globalThis, 'longest')), now - last),
        })
        last = now
      }, tick)
    }, TICK)
    await delay(REST)
    const resting = await readLongest(page)
    await page.click('#train')
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.startsWith('Finished'), {
      timeout: 120_000,
    })
    const training = await readLongest(page)
    if (!symbolifies) return { resting, busy: training }
    await page.waitForSelector('#symbolify[aria-disabled=false]')
    await page.click('#symbolify')
    await page.waitForSelector('#found:not([hidden])', { timeout: 120_000 })
    return { resting, busy: await readLongest(page) }
  } finally {
    await page.close()
  }
}

/** The longest wait since the last reading. */
async function readLongest(page: Page): Promise<number> {
  return page.evaluate(() => {
    const longest = Number(Reflect.get(globalThis, 'longest'))
    Object.assign(globalThis, { longest: 0 })
    return longest
  })
}
