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
  export function getThreadsCount(): number
}

declare module '@tensorflow/tfjs-backend-webgpu' {
  import type { KernelBackend } from '@tensorflow/tfjs-core'
  export const WebGPUBackend: new (device: GPUDevice, info?: GPUAdapterInfo) => KernelBackend
}

declare module '@jax-js/jax' {
  /** Reference-counted: whoever is given one owns it; `ref` gives one more owner. */
  export interface Array {
    readonly shape: number[]
    readonly ref: Array
    add(other: Array | number): Array
    sub(other: Array | number): Array
    mul(other: Array | number): Array
    div(other: Array | number): Array
    greaterEqual(other: Array | number): Array
    astype(dtype: string): Array
    mean(): Array
    reshape(shape: number[]): Array
    slice(...ranges: ([number, number] | [])[]): Array
    data(): Promise<Float32Array>
    dispose(): void
  }
  export type Device = 'wasm' | 'webgpu'
  export function init(...devices: Device[]): Promise<Device[]>
  export function defaultDevice(device: Device): Device
  export function blockUntilReady<Tree>(tree: Tree): Promise<Tree>
  export function jit<Arguments extends readonly unknown[], Result>(
    work: (...args: Arguments) => Result,
  ): ((...args: Arguments) => Result) & { dispose(): void }
  export function valueAndGrad<Tree, Rest extends readonly unknown[]>(
    work: (parameters: Tree, ...rest: Rest) => Array,
  ): (parameters: Tree, ...rest: Rest) => [Array, Tree]
  export const numpy: {
    array(values: Float32Array, options: { shape: number[] }): Array
    zerosLike(values: Array): Array
    matmul(a: Array, b: Array): Array
    sqrt(values: Array): Array
    square(values: Array): Array
  }
  export const nn: { silu(values: Array): Array }
}
