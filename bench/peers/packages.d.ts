/**
 * What the peers use of packages that only bench/peers/package.json installs: whoever works on webkan itself need not have
 * them, and tsc neither.
 */
declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    readonly shape: number[]
    data(): Promise<Float32Array>
    dispose(): void
  }
  type Operand = Tensor | number
  export interface KernelBackend {
    numDataIds(): number
  }
  export const version_core: string
  export function setBackend(name: string): Promise<boolean>
  export function getBackend(): string
  export function ready(): Promise<void>
  export function registerBackend(name: string, create: () => KernelBackend, priority?: number): boolean
  export function memory(): { readonly numBytes: number; readonly numTensors: number }
  export function tidy<Result>(work: () => Result): Result
  export function keep(tensor: Tensor): Tensor
  export function dispose(tensors: readonly Tensor[]): void
  export function tensor(values: Float32Array, shape: number[]): Tensor
  export function scalar(value: number): Tensor
  export function zeros(shape: number[]): Tensor
  export function reshape(tensor: Tensor, shape: number[]): Tensor
  export function transpose(tensor: Tensor): Tensor
  export function slice(tensor: Tensor, begin: number | number[], size: number | number[]): Tensor
  export function concat(tensors: readonly Tensor[], axis?: number): Tensor
  export function add(a: Operand, b: Operand): Tensor
  export function sub(a: Operand, b: Operand): Tensor
  export function mul(a: Operand, b: Operand): Tensor
  export function div(a: Operand, b: Operand): Tensor
  export function sqrt(tensor: Tensor): Tensor
  export function square(tensor: Tensor): Tensor
  export function step(tensor: Tensor): Tensor
  export function sigmoid(tensor: Tensor): Tensor
  export function sum(tensor: Tensor, axis?: number): Tensor
  export function matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor
}

declare module '@tensorflow/tfjs-backend-wasm' {
  export const version_wasm: string
  export function setWasmPaths(folder: string): void
  export function setThreadsCount(threads: number): void
  export function getThreadsCount(): number
}

declare module '@tensorflow/tfjs-backend-webgpu' {
  import type { KernelBackend } from '@tensorflow/tfjs-core'
  export const WebGPUBackend: new (device: GPUDevice, info?: GPUAdapterInfo) => KernelBackend
}
