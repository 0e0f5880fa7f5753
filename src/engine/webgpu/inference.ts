import type { Layout } from '../../model/shape.ts'
import { multiplyRows } from '../../model/products.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import { countRows, countStatisticsRows } from '../checks.ts'
import type { Plan } from '../engine.ts'
import { passCapacity } from './buffers.ts'
import type { SessionBuffers } from './buffers.ts'
import { BufferSet } from './memory.ts'
import type { DeviceMemory } from './memory.ts'
import type { Program } from './program.ts'
import { StatisticsMerger } from './statistics.ts'
import type { Stretch } from './readback.ts'

/** What looking at rows needs of a session. */
export interface InferenceHost {
  readonly plan: Plan
  readonly layout: Layout
  readonly buffers: SessionBuffers
  readonly program: Program
  readonly memory: DeviceMemory
  readonly queue: GPUQueue
  /** [M][knots], as the device has them. */
  readonly knots: Float64Array
  /** Prepares the step slot for work outside training: `size` rows of `sourceRows`, in order. */
  writeOutside(size: number, sourceRows: number): void
  /** Replays recordings in that slot, in one submission. */
  replay(recordings: readonly Program['predict'][]): void
  read(stretches: readonly Stretch[]): Promise<Float32Array[]>
}

/**
 * Puts rows into the inbox, as many at a time as activations are held for. Rows left over from before are computed and not
 * looked at.
 */
async function eachChunk(
  host: InferenceHost,
  x: Float64Array,
  work: (start: number, size: number) => Promise<void>,
): Promise<void> {
  const capacity = passCapacity(host.plan)
  const { inputs } = host.layout
  const rows = countRows(x, inputs)
  for (let start = 0; start < rows; start += capacity) {
    const size = Math.min(capacity, rows - start)
    const chunk = Float32Array.from(x.subarray(start * inputs, (start + size) * inputs))
    host.queue.writeBuffer(host.buffers.inbox, 0, chunk)
    host.writeOutside(size, size)
    await work(start, size)
  }
}

/** Outputs [M][rows][nodes]; the last layer's affine map and products are applied here, in float64. */
export async function predictRows(host: InferenceHost, x: Float64Array): Promise<Float64Array> {
  const { models } = host.plan
  const capacity = passCapacity(host.plan)
  const { layers, inputs, parameters } = host.layout
  const last = layers.at(-1)!
  const { outputs } = last
  const rows = countRows(x, inputs)
  const result = new Float64Array(models * rows * outputs)
  await eachChunk(host, x, async (start, size) => {
    host.replay([host.program.predict])
    const [sums, ...affine] = await host.read([
      { buffer: host.buffers.sums.at(-1)!, bytes: models * capacity * outputs * 4 },
      ...Array.from({ length: models }, (_, m) => ({
        buffer: host.buffers.parameters,
        offset: (m * parameters + last.nodeScale) * 4,
        bytes: 2 * outputs * 4,
      })),
    ])
    for (let m = 0; m < models; m++)
      for (let p = 0; p < size * outputs; p++) {
        const j = p % outputs
        result[(m * rows + start) * outputs + p] =
          affine[m]![j]! * sums![m * capacity * outputs + p]! + affine[m]![outputs + j]!
      }
  })
  return multiplyRows(last, result)
}

/** Statistics [M][layers] over rows, merged from chunks in float64. */
export async function statisticsOfRows(host: InferenceHost, x: Float64Array): Promise<LayerStatistics[][]> {
  const { models } = host.plan
  const capacity = passCapacity(host.plan)
  const { layout } = host
  countStatisticsRows(x, layout.inputs)
  const set = new BufferSet(host.memory)
  try {
    const target = set.storage('the edge statistics', models * layout.edges * 4)
    const edgeStatistics = await host.program.edgeStatistics(target)
    const mergers = Array.from(
      { length: models },
      (_, m) => new StatisticsMerger(layout, host.knots.subarray(m * layout.knots, (m + 1) * layout.knots)),
    )
    await eachChunk(host, x, async (start, size) => {
      host.replay([host.program.predict, edgeStatistics])
      const [edges, parameters, ...sums] = await host.read([
        { buffer: target, bytes: models * layout.edges * 16 },
        { buffer: host.buffers.parameters, bytes: models * layout.parameters * 4 },
        ...layout.layers.map((layer, l) => ({
          buffer: host.buffers.sums[l]!,
          bytes: models * capacity * layer.outputs * 4,
        })),
      ])
      mergers.forEach((merger, m) => {
        const own = m * layout.parameters
        const outputs = layout.layers.map((layer, l) => {
          const first = m * capacity * layer.outputs
          return Float64Array.from(sums[l]!.subarray(first, first + size * layer.outputs), (sum, p) => {
            const j = p % layer.outputs
            return parameters![own + layer.nodeScale + j]! * sum + parameters![own + layer.nodeBias + j]!
          })
        })
        const nodes = layout.layers.map((layer, l) => multiplyRows(layer, outputs[l]!))
        merger.add({
          rows: size,
          levels: [x.subarray(start * layout.inputs, (start + size) * layout.inputs), ...nodes],
          outputs,
          edges: edges!.subarray(m * layout.edges * 4, (m + 1) * layout.edges * 4),
        })
      })
    })
    return mergers.map(merger => merger.finish())
  } finally {
    set.destroy()
  }
}
