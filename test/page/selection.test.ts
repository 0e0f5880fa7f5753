/** Which edge of the demo's network is looked at before, and after, a visitor has chosen one. */
import { describe, expect, it } from 'vitest'
import { toyFunction } from 'webkan/data'
import { Selection } from '../../demo/selection.ts'
import type { Snapshot } from '../../demo/snapshot.ts'

const none = new Float64Array()

/** A layer of edges with these scores. */
function network(scores: readonly number[], name = 'wave'): Pick<Snapshot, 'function' | 'edges'> {
  const edges = scores.map((score, input) => ({
    layer: 0,
    input,
    output: 0,
    u: none,
    x: none,
    y: none,
    knots: [],
    known: undefined,
    norm: score,
    score,
    opacity: 1,
  }))
  return { function: toyFunction(name), edges }
}

describe('the edge that is looked at', () => {
  it('is the strongest of a network at rest, until one is chosen', () => {
    const selection = new Selection()
    selection.follow(network([0.1, 0.5, 0.2]), true)
    expect(selection.pinned).toBe(1)
    selection.follow(network([0.1, 0.2, 0.5]), false)
    expect(selection.pinned).toBe(1)
    selection.follow(network([0.1, 0.2, 0.5]), true)
    expect(selection.pinned).toBe(2)
    selection.pin(0)
    selection.follow(network([0, 0.2, 0.5]), true)
    expect(selection.pinned).toBe(0)
  })

  it('is the strongest again once there are other edges, or another function', () => {
    const selection = new Selection()
    selection.follow(network([1, 2, 3]), true)
    selection.pin(0)
    selection.follow(network([1, 2]), true)
    expect(selection.pinned).toBe(1)
    selection.pin(0)
    selection.follow(network([1, 2], 'bessel'), false)
    expect(selection.pinned).toBe(1)
  })

  it('is the first of equals, and stays where something is done with it', () => {
    const selection = new Selection()
    selection.follow(network([1, 1 + 1e-15]), true)
    expect(selection.pinned).toBe(0)
    selection.keep()
    selection.follow(network([0, 1]), true)
    expect(selection.pinned).toBe(0)
  })

  it('gives way to the one under the mouse, where that is there', () => {
    const selection = new Selection()
    selection.follow(network([1, 0, 0]), true)
    selection.hover(2)
    expect([selection.shown, selection.pinned]).toEqual([2, 0])
    selection.follow(network([1, 0]), true)
    expect(selection.shown).toBe(0)
    selection.hover(-1)
    expect(selection.shown).toBe(0)
  })
})
