/** TensorFlow.js and jax-js in Node: on WebAssembly, and on WebGPU through Dawn, which is how our own engine runs there. */
import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { adapterName, isSoftware } from '../../src/engine/webgpu/adapter.ts'
import { loadJax } from './jax.ts'
import type { LoadedPeer, Peer, PeerHost } from './peer.ts'
import { missingPackage } from './packages.ts'
import { loadTfjs } from './tfjs.ts'

const resolve = createRequire(import.meta.url).resolve

/** Those of WebAssembly, then those of WebGPU. */
export function nodePeers(host: PeerHost): Peer[] {
  const wasmFolder = (): string => dirname(resolve('@tensorflow/tfjs-backend-wasm')) + sep
  return [
    // In Node neither starts threads: chrome.ts.
    wasmPeer('tfjs wasm', '@tensorflow/tfjs-backend-wasm', () => loadTfjs('wasm', wasmFolder())),
    wasmPeer('jax-js wasm', '@jax-js/jax', () => loadJax('wasm')),
    webGpuPeer('tfjs webgpu', '@tensorflow/tfjs-backend-webgpu', host, () => loadTfjs('webgpu')),
    webGpuPeer('jax-js webgpu', '@jax-js/jax', host, () => loadJax('webgpu')),
  ]
}

function wasmPeer(name: string, packageName: string, load: () => Promise<LoadedPeer>): Peer {
  const loaded = once(load)
  return {
    name,
    beside: 'cpu',
    missing: () => Promise.resolve(missingPackage(packageName)),
    async versions() {
      return { device: 'WebAssembly with SIMD, 1 thread', ...(await loaded()).versions }
    },
    open: async task => (await loaded()).open(task),
  }
}

function webGpuPeer(
  name: string,
  packageName: string,
  { gpu, software }: PeerHost,
  load: () => Promise<LoadedPeer>,
): Peer {
  const loaded = once(async () => {
    await actAsPage(gpu!)
    return load()
  })
  return {
    name,
    beside: 'gpu',
    async missing() {
      const missing = missingPackage(packageName)
      if (missing !== undefined) return missing
      // The adapter that both ask for.
      const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
      if (!adapter) return 'There is no WebGPU adapter in Node.'
      return isSoftware(adapter.info) && software === 'refuse'
        ? 'The adapter is a software adapter.'
        : undefined
    },
    async versions() {
      const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
      return { device: adapter ? adapterName(adapter.info) : 'none', ...(await loaded()).versions }
    },
    open: async task => (await loaded()).open(task),
  }
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined
  return () => (result ??= work())
}

/** What both packages take for granted: navigator.gpu as they are imported, and WebGPU's classes as globals. */
async function actAsPage(gpu: GPU): Promise<void> {
  const { globals } = await import('webgpu')
  const navigator: object = 'navigator' in globalThis ? globalThis.navigator : { userAgent: 'Node' }
  define(navigator, 'gpu', gpu)
  define(globalThis, 'navigator', navigator)
  for (const [name, value] of Object.entries(globals)) define(globalThis, name, value)
}

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, configurable: true })
}
