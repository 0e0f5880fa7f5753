import { initialParameters, startSeeds } from '../model/initialize.ts'
import type { Network } from '../model/model.ts'
import { createLayout, parameterGroups } from '../model/shape.ts'

/** One array after another, `count` times. */
export function repeat(values: Float64Array, count: number): Float64Array {
  const repeated = new Float64Array(count * values.length)
  for (let m = 0; m < count; m++) repeated.set(values, m * values.length)
  return repeated
}

/** The part of model m in an array [models][...]: a copy, or the array itself where there is one model. */
export function partOf(values: Float64Array, m: number, models: number): Float64Array {
  if (models === 1) return values
  const size = values.length / models
  return values.slice(m * size, (m + 1) * size)
}

/**
 * Parameters of so many starts, [starts][parameters]: the first are the network's own, the others those of new networks of its
 * configuration with the seeds of startSeeds. Groups that are not trainable are the network's own in all of them, and so are the
 * numbers of symbolic edges: whoever fixed an edge has placed it.
 */
export function startParameters({ config, parameters }: Network, starts: number): Float64Array {
  const all = repeat(parameters, starts)
  const layout = createLayout(config.layers)
  const groups = layout.layers
    .flatMap(parameterGroups)
    .filter(({ name }) => config.trainable[name] && name !== 'affine')
  startSeeds(config.seed, starts - 1).forEach((seed, s) => {
    const fresh = initialParameters({ ...config, seed }, layout)
    for (const { start, size } of groups)
      all.set(fresh.subarray(start, start + size), (s + 1) * parameters.length + start)
  })
  return all
}

/** The place of the smallest number, of the first among equals; 0 where all are NaN. */
export function smallest(values: ArrayLike<number>): number {
  let best = 0
  for (let m = 1; m < values.length; m++) {
    const beats = values[m]! < values[best]! || (Number.isNaN(values[best]) && !Number.isNaN(values[m]))
    if (beats) best = m
  }
  return best
}
