/**
 * What a peer implements to be timed in the same run as we are: other people's software (or a formulation of it) that trains the
 * same network on the same rows. A variant that someone could choose is a peer of its own with a name of its own ('torch
 * cpu eager', 'torch cpu compiled', 'tfjs webgpu').
 *
 * bench/peers/index.ts lists all peers. For each shape the benchmark calls
 *
 *     await peer.missing()                      undefined, or why it cannot run here: the reason goes into the results
 *     const trainer = await peer.open(task)     loads, uploads, compiles what it can; not timed
 *     await trainer.run(n)  x repetitions       the first is the warm-up; then they alternate with ours, so that load hits both
 *     await trainer.close()                     in any case, also after an error
 *
 * Any call may throw: the message goes into the results and the rest of the run goes on. Peers load their packages inside
 * `missing` and `open`, never at import: nothing is installed for sure, the bundle has neither Chrome nor tfjs.
 */
import type { Samples, Shape } from '../shapes.ts'

/** One task: train `shape` on `samples` with mean squared error, full batch, Adam (rate 1e-3, betas 0.9 and 0.999, 1e-8). */
export interface PeerTask {
  readonly shape: Shape
  readonly samples: Samples
  /** Grid range of every layer; knots are uniform over it and go on for `degree` steps on each side. */
  readonly range: readonly [number, number]
  readonly seed: number
  /** Coefficients start uniform in +-noise / (2 G); default 0.3, as webkan's own. */
  readonly noise?: number
}

/** Several training steps in a row, with one wait for the last loss at their end. */
export interface Repetition {
  /** Wall-clock milliseconds of all of them, the wait included; taken where the work is started (in the page, in Python). */
  readonly milliseconds: number
  /** The loss that was waited for: proof that the work was done. The benchmark refuses one that is not finite. */
  readonly loss: number
}

/** Loss and gradients at the parameters that a trainer starts from, for check.ts. */
export interface PeerGradients {
  readonly loss: number
  /** Per layer: of coef [inputs][bases][outputs], then of the base function's factors [inputs][outputs]. */
  readonly layers: readonly Float32Array[]
}

/** A peer with its network in place. */
export interface PeerTrainer {
  /** Before the first `run`; not timed. */
  gradients(): Promise<PeerGradients>
  run(steps: number): Promise<Repetition>
  /** Most bytes held so far, where it is known. */
  peakBytes?(): Promise<number | undefined>
  close(): Promise<void>
}

export interface Peer {
  readonly name: string
  /** Which of our engines it stands beside. */
  readonly beside: 'gpu' | 'cpu'
  /** Rounding of the factors of its matrix products, relative, where that is coarser than float32's 2^-24. */
  readonly factorRounding?: number
  /** Why it cannot run here, as a sentence; undefined where it can. Cheap when called again. */
  missing(): Promise<string | undefined>
  /** Device, and versions of what it runs on, for the results file: { device, torch: '2.13.0', ... }. After `missing`. */
  versions(): Promise<Readonly<Record<string, string>>>
  open(task: PeerTask): Promise<PeerTrainer>
  /** Ends what it shares between trainers (a browser, an interpreter). */
  destroy?(): Promise<void>
}

/** Software that runs in the same JavaScript as its caller, ready to open trainers. */
export interface LoadedPeer {
  readonly versions: Readonly<Record<string, string>>
  /** Of a CPU's side, where the software tells. */
  readonly threads: number | undefined
  open(task: PeerTask): Promise<PeerTrainer>
}

/** Where peers run. */
export interface PeerHost {
  /** Whether software adapters will do on the GPU's side. */
  readonly software: 'refuse' | 'allow'
  /** Dawn's GPU, where ours runs on it: a peer in Node takes the same adapter. */
  readonly gpu: GPU | undefined
}
