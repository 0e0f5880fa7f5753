import { ConfigError } from '../errors.ts'
import type { Layout } from '../model/shape.ts'

/** Makes masks [M][edges] say that every edge is there, until others are uploaded: 1, and 0 for the splines of symbolic edges. */
export function fillMask({ layers, edges: size }: Layout, mask: Float64Array): Float64Array {
  mask.fill(1)
  for (const { symbolic = [], edges } of layers)
    for (const { edge } of symbolic) for (let at = edges + edge; at < mask.length; at += size) mask[at] = 0
  return mask
}

/** Throws ConfigError where the spline of a symbolic edge is not masked: an edge has one curve. */
export function checkMask({ layers, edges: size }: Layout, mask: Float64Array): void {
  for (const { symbolic = [], edges } of layers)
    for (const { edge } of symbolic)
      for (let at = edges + edge; at < mask.length; at += size)
        if (mask[at] !== 0)
          throw new ConfigError(`mask[${at}] is ${mask[at]} and its edge is symbolic; give 0 for its spline.`)
}
