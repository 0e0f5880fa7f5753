/**
 * A Chrome with WebGPU for programs that have no page of their own: the command line, the tests, the benchmarks.
 * Puppeteer is an optional peer dependency and is imported only when a browser is really wanted.
 */
import { accessSync, constants, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Browser, PuppeteerNode } from 'puppeteer'
import { UnsupportedError } from '../errors.ts'
import { unpackChromiumPackage } from './chromium-package.ts'

/** A browser on this machine that can be launched, and where it came from. */
export interface FoundBrowser {
  executablePath: string
  /** Variables the browser needs and its parent does not, for example the path of its own libraries. */
  env?: Record<string, string>
  /** Said to the person: `PUPPETEER_EXECUTABLE_PATH`, `installed`, `puppeteer` or `@sparticuz/chromium 147.0.0`. */
  source: string
}

/** How to start the browser; everything has a default. */
export interface LaunchBrowserOptions {
  /** The browser to start; default: what {@link findBrowser} finds. */
  browser?: FoundBrowser
  /** False shows a window, for debugging. Default true. */
  headless?: boolean
  /** Chrome flags after our own. */
  args?: readonly string[]
  /**
   * False leaves Ctrl-C to the program: by default Puppeteer ends browser and program at once. The browser then ends
   * with the pipe that drives it, however the program ends. Default true.
   */
  handleSIGINT?: boolean
}

const remedy =
  'Install Chrome or Chromium, or set PUPPETEER_EXECUTABLE_PATH to one, or (Linux x64) run: npm install @sparticuz/chromium'

/**
 * Looks for a Chrome or Chromium, in this order: the path in PUPPETEER_EXECUTABLE_PATH, an installed one, the one that
 * Puppeteer downloaded, the npm package `@sparticuz/chromium` (unpacked on first use, about 200 MB).
 * Nothing is downloaded.
 *
 * @returns undefined where there is none
 * @throws UnsupportedError when PUPPETEER_EXECUTABLE_PATH names no executable file
 */
export async function findBrowser(): Promise<FoundBrowser | undefined> {
  const chosen = process.env['PUPPETEER_EXECUTABLE_PATH']
  if (chosen) {
    if (isExecutable(chosen)) return { executablePath: chosen, source: 'PUPPETEER_EXECUTABLE_PATH' }
    throw new UnsupportedError(
      `PUPPETEER_EXECUTABLE_PATH is "${chosen}", which is not an executable file. Correct the path or unset the variable.`,
    )
  }
  const installed = browserPlaces().find(isExecutable)
  if (installed) return { executablePath: installed, source: 'installed' }
  const downloaded = await downloadedByPuppeteer()
  if (downloaded) return { executablePath: downloaded, source: 'puppeteer' }
  return unpackChromiumPackage()
}

/**
 * Starts a browser in which `navigator.gpu` can give an adapter, a software one (SwiftShader) included.
 * The caller closes it.
 *
 * @throws UnsupportedError when Puppeteer is not installed, no browser is found, or the browser does not start
 */
export async function launchBrowser(options: LaunchBrowserOptions = {}): Promise<Browser> {
  const puppeteer = await importPuppeteer()
  if (!puppeteer) {
    throw new UnsupportedError('The package puppeteer is not installed; run: npm install puppeteer')
  }
  const browser = options.browser ?? (await findBrowser())
  if (!browser) throw new UnsupportedError(`No Chrome or Chromium found. ${remedy}.`)
  try {
    return await puppeteer.launch({
      executablePath: browser.executablePath,
      headless: options.headless ?? true,
      args: [...webgpuFlags(), ...(options.args ?? [])],
      env: { ...process.env, ...browser.env },
      handleSIGINT: options.handleSIGINT ?? true,
      pipe: options.handleSIGINT === false,
      // One evaluate() may hold a whole training run; the caller sets its own limits.
      protocolTimeout: 0,
    })
  } catch (cause) {
    const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
    throw new UnsupportedError(
      `${browser.executablePath} (${browser.source}) did not start: ${reason} ${remedy}.`,
      { cause },
    )
  }
}

/** The flags without which headless Chrome has no adapter, or stops giving one after a loss. */
function webgpuFlags(): string[] {
  const flags = [
    // Software adapters, and every adapter on Linux before Chrome 144, hide behind this.
    '--enable-unsafe-webgpu',
    // Chrome refuses an adapter to an origin after two GPU crashes in two minutes: device-loss tests need more.
    '--disable-domain-blocking-for-3d-apis',
    '--disable-gpu-process-crash-limit',
    // A software adapter on a busy machine may need more than the ten seconds after which a GPU counts as hung.
    '--disable-gpu-watchdog',
  ]
  // Chrome's sandbox refuses to start as root, which is what containers run as.
  if (process.platform === 'linux' && process.getuid?.() === 0) flags.push('--no-sandbox')
  return flags
}

/** Where Chrome and Chromium may be on this platform, best first: along PATH, then where their installers put them. */
function browserPlaces(): string[] {
  const { env, platform } = process
  const suffix = platform === 'win32' ? '.exe' : ''
  const names = ['google-chrome-stable', 'google-chrome', 'chrome', 'chromium', 'chromium-browser']
  const folders = (env['PATH'] ?? '').split(delimiter)
  return [
    ...names.flatMap(name => folders.map(folder => join(folder, name + suffix))),
    ...(platform === 'win32' ? windowsPlaces() : platform === 'darwin' ? macPlaces() : linuxPlaces),
  ]
}

const linuxPlaces = ['/opt/google/chrome/chrome', '/snap/bin/chromium']

function macPlaces(): string[] {
  return ['Google Chrome', 'Chromium'].flatMap(name =>
    ['/', homedir()].map(root => join(root, 'Applications', `${name}.app`, 'Contents', 'MacOS', name)),
  )
}

function windowsPlaces(): string[] {
  return ['Google/Chrome', 'Chromium'].flatMap(name =>
    ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA']
      .flatMap(variable => process.env[variable] ?? [])
      .map(root => join(root, name, 'Application', 'chrome.exe')),
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Puppeteer, or undefined when it is not installed; any other failure to load it is thrown. */
async function importPuppeteer(): Promise<PuppeteerNode | undefined> {
  try {
    return (await import('puppeteer')).default
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

async function downloadedByPuppeteer(): Promise<string | undefined> {
  const puppeteer = await importPuppeteer()
  try {
    const path = puppeteer?.executablePath()
    return path && isExecutable(path) ? path : undefined
  } catch {
    // It throws instead of returning nothing when its cache is empty.
    return undefined
  }
}
