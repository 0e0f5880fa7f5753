import { describe, expect, it } from 'vitest'
import {
  gathers,
  hotKernel,
  sharesOf,
  stepFlops,
  tightestLimit,
  UNDERESTIMATED,
  usefulWork,
} from '../../bench/work.ts'

const LAYERS = [
  { inputs: 3, outputs: 4, intervals: 5, degree: 3, base: 'silu' },
  { inputs: 4, outputs: 2, intervals: 5, degree: 3, base: 'silu' },
] as const

describe('usefulWork', () => {
  it('counts 2 (k + 1) + 2 operations and k + 1 reads an edge and row', () => {
    // 12 + 8 edges, 10 rows, 2 models.
    expect(usefulWork('forward', LAYERS, 10, 2)).toMatchObject({ flops: 20 * 20 * 10, gathers: 20 * 20 * 4 })
  })

  it('goes back to the inputs of all layers but the first', () => {
    expect(usefulWork('backward_input', LAYERS, 10, 1).flops).toBe(8 * 10 * 10)
    expect(stepFlops(LAYERS, 10, 1)).toBe((20 + 20 + 8) * 10 * 10)
  })

  it('counts no reads at random places where rows are sorted', () => {
    expect(gathers(['backward_coef', 'reduce_gradient'])).toBe(true)
    const sorted = gathers(['sort_rows', 'backward_coef_sorted of 4'])
    const work = usefulWork('backward_coef', LAYERS, 10, 1, sorted)
    expect(work).toEqual({ ...usefulWork('backward_coef', LAYERS, 10, 1), gathers: 0 })
  })

  it('counts each word once', () => {
    // Row by row an input's place, base and four splines; an edge's 8 coefficients and two scales; an output.
    const words = 10 * 3 * 6 + 12 * 10 + 10 * 4
    expect(usefulWork('forward', [LAYERS[0]], 10, 1).bytes).toBe(4 * words)
  })
})

describe('hotKernel', () => {
  it('knows a kernel by the beginning of its name', () => {
    expect(hotKernel('forward')).toBe('forward')
    expect(hotKernel('forward_tile of 4')).toBe('forward')
    expect(hotKernel('backward_coef_sorted')).toBe('backward_coef')
    for (const name of ['sort_rows', 'reduce_gradient', 'reduce_gradient of sorted'])
      expect(hotKernel(name)).toBe('backward_coef')
    expect(hotKernel('backward_node')).toBeUndefined()
    expect(hotKernel('forwarding')).toBeUndefined()
  })
})

describe('tightestLimit', () => {
  it('is the one that takes longest', () => {
    const work = { flops: 100, bytes: 40, gathers: 10 }
    expect(tightestLimit(work, { flops: 50, bytes: 10, gathers: 10 })).toEqual({
      limit: 'bytes',
      milliseconds: 4,
    })
    expect(tightestLimit(work, { flops: 10, bytes: 10, gathers: 10 })).toEqual({
      limit: 'flops',
      milliseconds: 10,
    })
  })
})

describe('sharesOf', () => {
  const work = { flops: 100, bytes: 40, gathers: 0 }
  const ceiling = { flops: 50, bytes: 10, gathers: 10 }

  it('holds work against every limit', () => {
    expect(sharesOf(work, ceiling, 8)).toEqual({
      limit: 'bytes',
      share: 0.5,
      'share of FMA': 0.25,
      'share of copy': 0.5,
      'share of gather': 0,
    })
  })

  it('says so where work is faster than its limit', () => {
    expect(sharesOf(work, ceiling, 4)).not.toHaveProperty('note')
    expect(sharesOf(work, ceiling, 3)).toMatchObject({ share: 4 / 3, note: UNDERESTIMATED })
  })
})
