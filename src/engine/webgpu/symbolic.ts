/** Layers with symbolic edges: their curves, forward only. */
import shared from '../../../shaders/symbolic_edges.wgsl?raw'
import forward from '../../../shaders/symbolic.wgsl?raw'
import statistics from '../../../shaders/symbolic_statistics.wgsl?raw'
import { UnsupportedError } from '../../errors.ts'
import { wgslExpression, wgslHelpers } from '../../formula/print/wgsl.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import { hasSymbolic } from '../../model/shape.ts'
import { parseSymbolic } from '../../model/symbolic.ts'
import type { Plan } from '../engine.ts'
import { WIDTH } from './buffers.ts'
import type { SessionBuffers } from './buffers.ts'
import type { Kernel } from './kernels.ts'
import type { Passes } from './passes.ts'
import { inputsOf } from './products.ts'
import { folded } from './recording.ts'
import type { Recording } from './recording.ts'

/**
 * Throws UnsupportedError for training: float32 leaves the constants of exp(sin(pi x1) + x2^2) at an RMSE between 3e-7 and 6e-5
 * (pykan), float64 at 1e-15.
 */
export function refuseTraining({ layers, rows }: Plan): void {
  if (rows > 0 && hasSymbolic(layers))
    throw new UnsupportedError(
      `The network has symbolic edges and the plan ${rows} training rows; a GPU only evaluates such edges. Train on the CPU ` +
        `engine (device 'cpu', or leave the engine out), best with the optimizer 'lm'.`,
    )
}

/** Says which edges are symbolic, once for a session. */
export function writeSymbolic(queue: GPUQueue, { layers }: Layout, { symbolic }: SessionBuffers): void {
  layers.forEach((layer, l) => {
    const own = symbolic[l]
    if (!own) return
    const { edges, starts } = edgeTable(layer)
    queue.writeBuffer(own.edges, 0, edges)
    queue.writeBuffer(own.starts, 0, starts)
  })
}

/** The layer's symbolic edges by output, and where those of each output start. */
function edgeTable({ symbolic = [], outputs, affine }: LayerLayout): {
  edges: Uint32Array<ArrayBuffer>
  starts: Uint32Array<ArrayBuffer>
} {
  const formulas = distinctFormulas(symbolic)
  const records = symbolic.map(({ edge, formula }, e) => ({
    output: edge % outputs,
    words: [Math.floor(edge / outputs), edge, affine + 4 * e, formulas.indexOf(formula)],
  }))
  records.sort((a, b) => a.output - b.output)
  const starts = new Uint32Array(outputs + 1)
  for (const { output } of records) starts[output + 1]!++
  for (let j = 0; j < outputs; j++) starts[j + 1]! += starts[j]!
  return { edges: Uint32Array.from(records.flatMap(({ words }) => words)), starts }
}

function distinctFormulas(symbolic: readonly { readonly formula: string }[]): string[] {
  return [...new Set(symbolic.map(({ formula }) => formula))]
}

/** `fn formula(which: u32, u: f32) -> f32` in WGSL with all that it calls. Throws ConfigError for constants beyond float32. */
function formulaSource(formulas: readonly string[]): string {
  const printed = formulas.map(text => wgslExpression(parseSymbolic(text), () => 'u'))
  const cases = printed.map(({ expression }, which) => `    case ${which}u: { return ${expression}; }`)
  return [
    wgslHelpers(printed.flatMap(({ helpers }) => helpers)),
    `fn formula(which: u32, u: f32) -> f32 {\n  switch (which) {\n${cases.join('\n')}\n    default: { return 0.0; }\n  }\n}\n`,
  ].join('\n\n')
}

/** The layer's kernel of that kind; its name tells the formulas apart, by which compiled kernels are kept. */
function symbolicKernel(
  { symbolic = [] }: LayerLayout,
  name: string,
  code: string,
  bindings: string,
): Kernel {
  const formulas = distinctFormulas(symbolic)
  const source = formulaSource(formulas)
  return { name: `${name} of ${formulas.join(', ')}`, code: `${source}\n${shared}\n${code}`, bindings }
}

/** Adds layer l's symbolic edges to its sums; nothing for a layer without. */
export function recordSymbolic(
  passes: Passes,
  recording: Recording,
  slot: number,
  l: number,
  rows: number,
  x: GPUBuffer,
): void {
  const { layout, buffers, models } = passes
  const own = buffers.symbolic[l]
  if (!own) return
  const layer = layout.layers[l]!
  recording.add(
    symbolicKernel(layer, 'symbolic', forward, 'rrrrw'),
    { WIDTH },
    [buffers.parameters, inputsOf(buffers, l, x), own.edges, own.starts, buffers.sums[l]!],
    { layer: slot },
    folded(rows * layer.outputs, WIDTH, models),
  )
}

/** Sums of the curves of layer l's symbolic edges into `target`, after edge_statistics; nothing for a layer without. */
export function recordSymbolicStatistics(
  passes: Passes,
  recording: Recording,
  offsets: { readonly layer: number; readonly step: number },
  l: number,
  x: GPUBuffer,
  target: GPUBuffer,
): void {
  const { layout, buffers, models } = passes
  const own = buffers.symbolic[l]
  if (!own) return
  const layer = layout.layers[l]!
  recording.add(
    symbolicKernel(layer, 'symbolic_statistics', statistics, 'rrrw'),
    { WIDTH },
    [buffers.parameters, inputsOf(buffers, l, x), own.edges, target],
    offsets,
    folded(layer.symbolic!.length, WIDTH, models),
  )
}
