/** The dense formulation in PyTorch (dense.py), in every mode that someone may train it in; one interpreter serves them all. */
import { basename } from 'node:path'
import { ADAM, denseLayers, initialModel } from './network.ts'
import type { DenseLayer } from './network.ts'
import type { Peer, PeerTask, PeerTrainer, Repetition } from './peer.ts'
import { PythonServer } from './python.ts'

/** How PyTorch runs a step. */
interface TorchMode {
  readonly device: 'cpu' | 'cuda'
  /** 0: as many as PyTorch takes. */
  readonly threads: number
  /** torch.compile. */
  readonly compile: boolean
  /** The whole step, Adam included, captured once and replayed as a CUDA graph. */
  readonly graph: boolean
  /** Adam as one kernel instead of one or several for each operation. */
  readonly fused: boolean
  /** Matrix products that round their factors to 10 bits. */
  readonly tf32: boolean
}

const EAGER: TorchMode = {
  device: 'cpu',
  threads: 0,
  compile: false,
  graph: false,
  fused: false,
  tf32: false,
}
const CUDA: TorchMode = { ...EAGER, device: 'cuda' }

const MODES: Readonly<Record<string, TorchMode>> = {
  'torch cpu eager, 1 thread': { ...EAGER, threads: 1 },
  'torch cpu eager': EAGER,
  'torch cpu compiled, fused Adam': { ...EAGER, compile: true, fused: true },
  'torch cuda eager': CUDA,
  'torch cuda eager, TF32': { ...CUDA, tf32: true },
  'torch cuda fused Adam': { ...CUDA, fused: true },
  'torch cuda graph, fused Adam': { ...CUDA, graph: true, fused: true },
  'torch cuda compiled, fused Adam': { ...CUDA, compile: true, fused: true },
  'torch cuda compiled, graph, fused Adam': { ...CUDA, compile: true, graph: true, fused: true },
  'torch cuda compiled, graph, fused Adam, TF32': {
    ...CUDA,
    compile: true,
    graph: true,
    fused: true,
    tf32: true,
  },
}

/** What dense.py says of itself. */
interface TorchDescription {
  readonly torch: string
  readonly python: string
  readonly threads: number
  readonly cuda: string | null
  readonly device: string | null
}

/** @param python the interpreter; default: WEBKAN_PYTHON, else python3 */
export function torchPeers(python = process.env['WEBKAN_PYTHON'] ?? 'python3'): Peer[] {
  const server = new PythonServer(python)
  let description: Promise<TorchDescription> | undefined
  const describe = (): Promise<TorchDescription> =>
    (description ??= server.ask<TorchDescription>({ kind: 'describe' }))
  return Object.entries(MODES).map(([name, mode]) => ({
    name,
    beside: mode.device === 'cuda' ? 'gpu' : 'cpu',
    ...(mode.tf32 ? { factorRounding: 2 ** -11 } : {}),
    async missing() {
      try {
        const { cuda, torch } = await describe()
        return mode.device === 'cuda' && cuda === null ? `PyTorch ${torch} has no CUDA device.` : undefined
      } catch (error) {
        return `${basename(python)} with torch does not run here: ${error instanceof Error ? error.message : String(error)}`
      }
    },
    async versions() {
      const { torch, python: version, threads, cuda, device } = await describe()
      const cores = mode.threads || threads
      return mode.device === 'cuda'
        ? { device: device ?? 'unknown', torch, python: version, cuda: cuda ?? 'unknown' }
        : { device: `CPU, ${cores} ${cores === 1 ? 'thread' : 'threads'}`, torch, python: version }
    },
    open: task => openTorch(server, mode, task),
    destroy: () => server.end(),
  }))
}

let opened = 0

async function openTorch(server: PythonServer, mode: TorchMode, task: PeerTask): Promise<PeerTrainer> {
  const key = `${opened++}`
  const { x, y } = task.samples
  const layers = denseLayers(initialModel(task)).map(layer => encodeLayer(layer))
  await server.ask({
    kind: 'open',
    key,
    mode,
    layers,
    x: encode(x),
    y: encode(y),
    batch: task.shape.batch,
    adam: ADAM,
  })
  return {
    async gradients() {
      const answer = await server.ask<{ loss: number; layers: string[][] }>({ kind: 'gradients', key })
      return { loss: answer.loss, layers: answer.layers.map(decode) }
    },
    run: steps => server.ask<Repetition>({ kind: 'run', key, steps }),
    async peakBytes() {
      return (await server.ask<{ bytes: number | null }>({ kind: 'peak', key })).bytes ?? undefined
    },
    close: () => server.ask({ kind: 'close', key }),
  }
}

function encodeLayer(layer: DenseLayer): object {
  const { knots, coef, base } = layer
  return { ...layer, knots: encode(knots), coef: encode(coef), base: encode(base) }
}

function encode(values: Float32Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

/** Parts of float32 numbers, joined. */
function decode(parts: readonly string[]): Float32Array {
  const bytes = Buffer.concat(parts.map(part => Buffer.from(part, 'base64')))
  return new Float32Array(Uint8Array.from(bytes).buffer)
}
