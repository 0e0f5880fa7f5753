/** A loop that does nothing but multiply and add, in WebAssembly, as the CPU engine's kernels are: on one thread, or on many. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { assemble, f64x2, get, i32, repeatUntilNot, Scope, set } from '../../src/engine/cpu/simd/assembler.ts'

/** Chains of two float64 each: with factor and term 14 of 16 vector registers. Two units of latency 4 need 8 of them. */
const CHAINS = 12
/** Rounds of the loop a call: about a millisecond. */
const ROUNDS = 2 ** 18

/** Operations a call: a multiplication and an addition in both lanes of every chain, every round. */
export const CHAIN_FLOPS = 4 * CHAINS * ROUNDS

/** Byte offsets: two factors, two terms, where every chain starts, and the sum of all chains. */
const AT = { factor: 0, term: 16, start: 32, sum: 32 + 16 * CHAINS } as const

/** run(rounds): x_n <- factor x_n + term for every chain; stores the sum of the chains, so that none can be left out. */
function chainModule(): Uint8Array<ArrayBuffer> {
  const scope = new Scope(1)
  const rounds = scope.param(0)
  const factor = scope.local('v128')
  const term = scope.local('v128')
  const chains = Array.from({ length: CHAINS }, () => scope.local('v128'))
  const code = [
    set(factor, f64x2.load(i32.const(AT.factor))),
    set(term, f64x2.load(i32.const(AT.term))),
    ...chains.map((chain, n) => set(chain, f64x2.load(i32.const(AT.start), 16 * n))),
    repeatUntilNot(
      get(rounds),
      ...chains.map(chain => set(chain, f64x2.add(f64x2.mul(get(chain), get(factor)), get(term)))),
      set(rounds, i32.sub(get(rounds), i32.const(1))),
    ),
    f64x2.store(
      i32.const(AT.sum),
      chains.map(get).reduce((sum, chain) => f64x2.add(sum, chain)),
    ),
  ]
  return assemble([{ name: 'run', scope, code }], false)
}

/** Chains that start at 0, 1, 2 ..., lane by lane; run them, and what they come to is their sum. */
export interface Chains {
  run(rounds?: number): void
  sum(): number
}

/** Factor 1/2 and term 1: every chain tends to 2. */
function firstNumbers(): Float64Array {
  return Float64Array.from({ length: AT.sum / 8 }, (_, n) => (n < 2 ? 0.5 : n < 4 ? 1 : n - 4))
}

/** The loop on this thread. */
export function chainsHere(): Chains {
  const module = new WebAssembly.Module(chainModule())
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  const numbers = new Float64Array(memory.buffer)
  numbers.set(firstNumbers())
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports as {
    run: (this: void, rounds: number) => void
  }
  return {
    run: (rounds = ROUNDS) => run(rounds),
    sum: () => numbers[AT.sum / 8]! + numbers[AT.sum / 8 + 1]!,
  }
}

/** The same loop on a thread of its own, as text: Node 20 starts no .ts file as a Worker. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { module, numbers, rounds } = workerData
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  new Float64Array(memory.buffer).set(numbers)
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports
  parentPort.on('message', times => {
    for (let n = 0; n < times; n++) run(rounds)
    parentPort.postMessage(new Float64Array(memory.buffer, ${AT.sum}, 1)[0])
  })
`

/** The loop on so many threads at once. */
export class ChainThreads {
  readonly #workers: readonly Worker[]

  constructor(threads: number) {
    const module = new WebAssembly.Module(chainModule())
    const workerData = { module, numbers: firstNumbers(), rounds: ROUNDS }
    this.#workers = Array.from({ length: threads }, () => new Worker(WORKER, { eval: true, workerData }))
  }

  /** Calls the loop `times` times on every thread; milliseconds until the last of them is done. */
  async run(times: number): Promise<number> {
    const began = performance.now()
    const ends = this.#workers.map(worker => once(worker, 'message'))
    for (const worker of this.#workers) worker.postMessage(times, [])
    await Promise.all(ends)
    return performance.now() - began
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.terminate()))
  }
}
