import type { LayerLayout } from '../../../model/shape.ts'
import { evaluateBases } from '../bases.ts'
import type { LayerBlock } from '../bases.ts'
import { baseStart, splineRows } from '../effective.ts'
import type { LayerKernels } from '../layer.ts'
import { assemble, f64x2, Scope, set } from './assembler.ts'
import { baseConstants, BASES } from './bases.ts'
import { layerModule } from './kernels.ts'
import type { LayerKernel } from './loops.ts'

const CONSTANTS = baseConstants()
/** Terms of as many inputs are read again for every panel of outputs, and should come from a second-level cache. */
const CHUNK_BYTES = 2 ** 18

/** Compiled kernels by the number of terms of a row. */
export type SimdModules = ReadonlyMap<number, WebAssembly.Module>

/**
 * Whether kernels can run: not in an engine without SIMD (Chrome before 91, Firefox before 89, Safari before 16.4), nor on a page
 * whose content security policy lacks 'wasm-unsafe-eval'.
 */
export function hasSimd(): boolean {
  if (typeof WebAssembly === 'undefined') return false
  try {
    return new WebAssembly.Module(probe()) instanceof WebAssembly.Module
  } catch {
    return false
  }
}

const compiled = new Map<string, Promise<WebAssembly.Module>>()

/** The kernels for every number of terms, compiled once (assembling them takes about 15 ms). */
export async function compileSimd(terms: ReadonlySet<number>, shared: boolean): Promise<SimdModules> {
  const modules = [...terms].map(async count => {
    const name = `${count} ${shared}`
    const module = compiled.get(name) ?? WebAssembly.compile(layerModule(count, shared))
    compiled.set(name, module)
    return [count, await module] as const
  })
  return new Map(await Promise.all(modules))
}

/** A small module with a vector in it. */
function probe(): Uint8Array<ArrayBuffer> {
  const scope = new Scope(0)
  return assemble([{ name: 'probe', scope, code: set(scope.local('v128'), f64x2.zero) }], false)
}

/** The kernels of layer.ts on arrays that lie in `memory`, among them `scratch`: 8 numbers a row of the stride and SCRATCH more. */
export function simdKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  scratch: Float64Array,
): LayerKernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  // What layerModule exports.
  const { bases, forward, coefGradient, inputGradient } = exports as Record<string, LayerKernel | undefined>
  const constants = scratch.subarray(scratch.length - CONSTANTS.length)
  constants.set(CONSTANTS)
  const call = (
    kernel: LayerKernel,
    layer: LayerLayout,
    block: LayerBlock,
    size: number,
    rowStride: number,
    terms: Float64Array,
    c: Float64Array,
    at: number,
    nodes: Float64Array,
    dx?: Float64Array,
    fresh = false,
  ): void => {
    const { inputs, outputs, intervals } = layer
    const stride = outputs * splineRows(layer)
    const base = at + baseStart(layer)
    const rowBytes = 8 * block.terms
    const chunk = Math.max(1, Math.floor(CHUNK_BYTES / (rowStride * rowBytes)))
    for (let i = 0; i < inputs; i += chunk) {
      const count = Math.min(chunk, inputs - i)
      // Here and not all at once before: the kernel finds them in the cache.
      if (fresh) {
        c.fill(0, at + i * stride, at + (i + count) * stride)
        c.fill(0, base + i * outputs, base + (i + count) * outputs)
      }
      kernel(
        count,
        outputs,
        intervals,
        size,
        rowStride,
        scratch.byteOffset,
        block.order.byteOffset + 4 * i * rowStride,
        block.starts.byteOffset + 4 * i * (intervals + 1),
        terms.byteOffset + i * rowStride * rowBytes,
        c.byteOffset + 8 * (at + i * stride),
        8 * stride,
        c.byteOffset + 8 * (base + i * outputs),
        nodes.byteOffset,
        dx === undefined ? 0 : dx.byteOffset + 8 * i * rowStride,
      )
    }
  }
  return {
    bases(layer, block, knots, knotsAt, pieces, piecesAt, x, rowStride, size, withSlopes) {
      if (layer.degree !== 3)
        evaluateBases(layer, block, knots, knotsAt, pieces, piecesAt, x, rowStride, size, withSlopes)
      else
        bases!(
          layer.inputs,
          size,
          rowStride,
          block.runs,
          layer.knotsPerInput,
          BASES.indexOf(layer.base),
          withSlopes ? 1 : 0,
          constants.byteOffset,
          x.byteOffset,
          knots.byteOffset + 8 * knotsAt,
          pieces.byteOffset + 8 * piecesAt,
          block.order.byteOffset,
          block.starts.byteOffset,
          block.cells.byteOffset,
          block.next.byteOffset,
          block.values.byteOffset,
          block.slopes.byteOffset,
        )
    },
    forward(layer, block, size, c, at, y, rowStride, bias, biasAt) {
      for (let j = 0; j < layer.outputs; j++) y.fill(bias[biasAt + j]!, j * rowStride, j * rowStride + size)
      call(forward!, layer, block, size, rowStride, block.values, c, at, y)
    },
    coefGradient: (layer, block, size, dy, dc, at, rowStride, fresh) =>
      call(coefGradient!, layer, block, size, rowStride, block.values, dc, at, dy, undefined, fresh),
    inputGradient: (layer, block, size, c, at, dy, dx, rowStride) =>
      call(inputGradient!, layer, block, size, rowStride, block.slopes, c, at, dy, dx),
  }
}
