/** TensorFlow.js and jax-js on WebAssembly in headless Chrome: in Node neither has threads. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { Browser, HTTPRequest, Page } from 'puppeteer'
import { findBrowser, launchBrowser } from '../../src/node/browser.ts'
import type { PageSoftware, PeerPage } from './page.ts'
import type { Peer } from './peer.ts'
import { missingPackage } from './packages.ts'

/** What the page's script sets there. */
declare const webkanPeers: PeerPage

/** Never resolved: every request is answered here. https makes it a secure context, which shared memory needs. */
const ORIGIN = 'https://webkan.invalid'

/** The two, in one page, which is opened with the first question. */
export function chromePeers(): Peer[] {
  let opened: Promise<{ browser: Browser; page: Page }> | undefined
  const page = async (): Promise<Page> => (await (opened ??= openPage())).page
  const destroy = async (): Promise<void> => {
    if (opened) await (await opened).browser.close()
  }
  return [
    chromePeer('tfjs wasm, in Chrome', 'tfjs', '@tensorflow/tfjs-backend-wasm', page, destroy),
    chromePeer('jax-js wasm, in Chrome', 'jax-js', '@jax-js/jax', page, destroy),
  ]
}

function chromePeer(
  name: string,
  software: PageSoftware,
  packageName: string,
  page: () => Promise<Page>,
  destroy: () => Promise<void>,
): Peer {
  return {
    name,
    beside: 'cpu',
    async missing() {
      return (
        missingPackage(packageName) ??
        missingPackage('vite') ??
        missingPackage('puppeteer') ??
        ((await findBrowser()) ? undefined : 'There is no Chrome.')
      )
    },
    async versions() {
      const answer = await (await page()).evaluate(each => webkanPeers.describe(each), software)
      const chrome = await (await page()).browser().version()
      const { versions, threads } = answer
      return {
        device: `WebAssembly with SIMD, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
        ...versions,
        chrome,
      }
    },
    async open({ samples, ...task }) {
      const place = await page()
      const plain = { ...task, x: [...samples.x], y: [...samples.y] }
      const key = await place.evaluate((each, its) => webkanPeers.open(each, its), software, plain)
      return {
        async gradients() {
          const { loss, layers } = await place.evaluate(each => webkanPeers.gradients(each), key)
          return { loss, layers: layers.map(layer => Float32Array.from(layer)) }
        },
        run: steps => place.evaluate((each, count) => webkanPeers.run(each, count), key, steps),
        close: () => place.evaluate(each => webkanPeers.close(each), key),
      }
    },
    destroy,
  }
}

async function openPage(): Promise<{ browser: Browser; page: Page }> {
  const scripts = await buildScripts()
  const browser = await launchBrowser({ handleSIGINT: false })
  try {
    const page = await browser.newPage()
    await page.setRequestInterception(true)
    page.on('request', request => void answer(request, scripts).catch(() => request.abort()))
    await page.goto(ORIGIN)
    await page.waitForFunction(() => 'webkanPeers' in globalThis)
    return { browser, page }
  } catch (error) {
    await browser.close()
    throw error
  }
}

/** page.ts and what it imports, by file name. */
async function buildScripts(): Promise<ReadonlyMap<string, string>> {
  const { build } = await import('vite')
  const built = await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'silent',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: join(import.meta.dirname, 'page.ts'),
        output: { entryFileNames: 'page.js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  const outputs = [built].flat().flatMap(each => ('output' in each ? each.output : []))
  return new Map(outputs.flatMap(file => (file.type === 'chunk' ? [[file.fileName, file.code]] : [])))
}

/** Serves the page, its scripts and TensorFlow.js's WebAssembly, under the headers that shared memory needs. */
async function answer(request: HTTPRequest, scripts: ReadonlyMap<string, string>): Promise<void> {
  const { pathname } = new URL(request.url())
  const headers = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  }
  if (pathname === '/') {
    const body = '<!doctype html><title>webkan</title><script type="module" src="/page.js"></script>'
    return request.respond({ contentType: 'text/html; charset=utf-8', headers, body })
  }
  const script = scripts.get(pathname.slice(1))
  if (script !== undefined)
    return request.respond({ contentType: 'text/javascript; charset=utf-8', headers, body: script })
  if (!pathname.endsWith('.wasm')) return request.abort()
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))
  const body = await readFile(join(folder, basename(pathname)))
  return request.respond({ contentType: 'application/wasm', headers, body })
}
