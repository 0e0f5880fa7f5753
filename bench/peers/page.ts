/** The script of the page in headless Chrome that holds peers which have threads only there; chrome.ts drives it. */
import { loadJax } from './jax.ts'
import type { LoadedPeer, PeerTask, PeerTrainer, Repetition } from './peer.ts'
import { loadTfjs } from './tfjs.ts'

/** A task as it goes through the DevTools protocol: numbers in plain arrays. */
export interface PageTask extends Omit<PeerTask, 'samples'> {
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/** What chrome.ts calls. Trainers are named by the number that `open` gives. */
export interface PeerPage {
  describe(name: PageSoftware): Promise<{ versions: Readonly<Record<string, string>>; threads: number }>
  open(name: PageSoftware, task: PageTask): Promise<number>
  gradients(trainer: number): Promise<{ loss: number; layers: number[][] }>
  run(trainer: number, steps: number): Promise<Repetition>
  close(trainer: number): Promise<void>
}

declare global {
  var webkanPeers: PeerPage
}

/** chrome.ts serves TensorFlow.js's WebAssembly files there. */
const WASM_FOLDER = '/wasm/'

const SOFTWARE = {
  tfjs: () => loadTfjs('wasm', WASM_FOLDER),
  'jax-js': () => loadJax('wasm'),
} as const
export type PageSoftware = keyof typeof SOFTWARE

const loaded = new Map<PageSoftware, Promise<LoadedPeer>>()
const trainers = new Map<number, PeerTrainer>()
let opened = 0

function load(name: PageSoftware): Promise<LoadedPeer> {
  const peer = loaded.get(name) ?? SOFTWARE[name]()
  loaded.set(name, peer)
  return peer
}

function trainerOf(key: number): PeerTrainer {
  const trainer = trainers.get(key)
  if (!trainer) throw new Error(`There is no trainer ${key}.`)
  return trainer
}

globalThis.webkanPeers = {
  async describe(name) {
    // Without isolation there is no shared memory, and a page of one thread is no news.
    if (!crossOriginIsolated) throw new Error('The page has no shared memory.')
    const { versions, threads = navigator.hardwareConcurrency } = await load(name)
    return { versions, threads }
  },
  async open(name, { x, y, ...task }) {
    const samples = { x: Float32Array.from(x), y: Float32Array.from(y) }
    trainers.set(++opened, await (await load(name)).open({ ...task, samples }))
    return opened
  },
  async gradients(key) {
    const { loss, layers } = await trainerOf(key).gradients()
    return { loss, layers: layers.map(layer => [...layer]) }
  },
  run: (key, steps) => trainerOf(key).run(steps),
  async close(key) {
    await trainerOf(key).close()
    trainers.delete(key)
  },
}
