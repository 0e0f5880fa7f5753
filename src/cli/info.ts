import { findBrowser } from '../node/browser.ts'
import { describeChrome } from '../node/chrome.ts'
import { describeDawn } from '../node/dawn.ts'
import type { AdapterDescription } from '../node/adapter.ts'
import { installedVersion, ownVersion } from '../node/packages.ts'
import { exitCode } from './exit.ts'
import { pairs } from './layout.ts'
import { jsonLine } from './report.ts'
import { coloursFor, columnsOf } from './shell.ts'
import type { Shell } from './shell.ts'

/** `webkan info`: versions, adapters and their limits, and what --device auto picks and why. */
export async function infoCommand(options: { readonly json?: true }, shell: Shell): Promise<number> {
  const browser = await describeBrowser()
  const dawn = await describeDawn()
  const chrome = await describeChrome()
  await using engine = await shell.requestEngine({ device: 'auto' })
  const { device, reason } = engine.description
  const versions = {
    webkan: ownVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    webgpu: installedVersion('webgpu') ?? null,
    puppeteer: installedVersion('puppeteer') ?? null,
  }
  if (options.json) {
    const adapters = { dawn: adapterJson(dawn), chrome: adapterJson(chrome) }
    shell.stdout.write(jsonLine({ versions, browser, adapters, auto: { device, reason } }))
    return exitCode.done
  }
  const { dim } = coloursFor(shell.stdout, shell.env)
  const text = pairs(
    [
      ['webkan', versions.webkan],
      ['Node', `${versions.node}, ${versions.platform}`],
      ['Dawn', dawnText(versions.webgpu, dawn)],
      ['Puppeteer', packageText('puppeteer', versions.puppeteer)],
      ['browser', browser],
      ['Chrome', adapterText(chrome)],
      ...limitLines(typeof dawn === 'object' ? dawn : chrome),
      ['auto', `${device}. ${reason}`],
    ],
    dim,
    columnsOf(shell.stdout),
  )
  shell.stdout.write(`\n${text}`)
  return exitCode.done
}

/** Where the browser is and where it came from, or why there is none. */
async function describeBrowser(): Promise<string> {
  try {
    const browser = await findBrowser()
    return browser ? `${browser.executablePath} (${browser.source})` : 'none found'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function packageText(name: string, version: string | null): string {
  return version === null ? `not installed (npm install ${name})` : `${name} ${version}`
}

/** The package and its adapter; a package that is not there needs no second word. */
function dawnText(version: string | null, adapter: AdapterDescription | string): string {
  const text = packageText('webgpu', version)
  return version === null ? text : `${text}; ${adapterText(adapter)}`
}

function adapterText(adapter: AdapterDescription | string): string {
  if (typeof adapter === 'string') return adapter
  return `${adapter.name} (${adapter.software ? 'software' : 'hardware'})`
}

function adapterJson(adapter: AdapterDescription | string): object {
  return typeof adapter === 'string' ? { missing: adapter } : adapter
}

function limitLines(adapter: AdapterDescription | string): [string, string][] {
  if (typeof adapter === 'string') return []
  return Object.entries(adapter.limits).map(([name, value], i) => [
    i === 0 ? 'limits' : '',
    `${name} ${value}`,
  ])
}
