import { describe, expect, it } from 'vitest'
import { ConfigError, DeviceLostError, NonFiniteError } from 'webkan'
import { ticks } from '../../demo/axes.ts'
import { explain } from '../../demo/explain.ts'
import { formatCount, formatNumber, formatTick } from '../../demo/format.ts'
import { layoutNetwork } from '../../demo/network-layout.ts'
import type { Point } from '../../demo/network-layout.ts'
import { defaults, fields, needsNewNetwork, readHash, withField, writeHash } from '../../demo/settings.ts'
import type { Settings } from '../../demo/settings.ts'

describe('settings in the address', () => {
  it('survive the way there and back', () => {
    const settings: Settings = {
      function: 'bessel',
      hidden: [7, 3, 1],
      grid: 20,
      degree: 2,
      rate: 0.0005,
      seed: 123456789,
      steps: 10,
      device: 'cpu',
    }
    expect(readHash(writeHash(settings))).toEqual({ settings, notices: [] })
    expect(readHash(writeHash({ ...settings, hidden: [], rate: 1e-6 }))).toEqual({
      settings: { ...settings, hidden: [], rate: 1e-6 },
      notices: [],
    })
    expect(readHash('')).toEqual({ settings: defaults, notices: [] })
  })

  it.each([
    'function=cosine',
    'hidden=5;3',
    'hidden=11',
    'hidden=0',
    'hidden=1,1,1,1',
    'hidden=5,',
    'hidden=5,,3',
    'grid=0',
    'grid=51',
    'grid=5.5',
    'grid=',
    'degree=6',
    'rate=0',
    'rate=2',
    'rate=1e999',
    'rate=1.2.3',
    'seed=-1',
    'seed=1e3',
    'steps=100001',
    'device=tpu',
    'speed=9',
    '__proto__=1',
    '%',
    'grid=%E0%A4%A',
  ])('%s falls back with one sentence', hash => {
    const { settings, notices } = readHash(`#${hash}`)
    expect(settings).toEqual(defaults)
    expect(notices).toHaveLength(1)
  })

  it('reads hidden layers as the command does', () => {
    const read = (text: string): readonly number[] => withField(defaults, 'hidden', text).hidden
    expect([read('5,3'), read(' 5, 3 '), read('none'), read('')]).toEqual([[5, 3], [5, 3], [], []])
  })

  it('keeps the first of two values, and says so', () => {
    const { settings, notices } = readHash('#grid=7&grid=9')
    expect(settings.grid).toBe(7)
    expect(notices).toHaveLength(1)
  })

  it('renews the network for what it is made of, and for nothing else', () => {
    const other: Record<keyof Settings, string> = {
      function: 'wave',
      hidden: '4',
      grid: '6',
      degree: '2',
      rate: '0.1',
      seed: '1',
      steps: '7',
      device: 'cpu',
    }
    const renewing = fields.filter(field =>
      needsNewNetwork(defaults, withField(defaults, field, other[field])),
    )
    expect(renewing).toEqual(['function', 'hidden', 'grid', 'degree', 'seed'])
  })
})

describe('an error', () => {
  it('is told with what to do', () => {
    expect(explain(new NonFiniteError('The loss became NaN.'))).toMatch(
      /^The loss became NaN\. .*press Train/,
    )
    expect(explain(new DeviceLostError('It is gone.'))).toMatch(
      /device was lost\. It is gone\. .*press Train/,
    )
    expect(explain(new ConfigError('grid is 0; lower it.'))).toBe('grid is 0; lower it.')
    expect(explain(new TypeError('x is undefined'))).toMatch(/x is undefined .*reload/)
    expect(explain('odd')).toMatch(/odd .*reload/)
  })
})

describe('numbers', () => {
  it('are written as in a paper', () => {
    expect([0.00272, 12.345, 1234.5, -0.5, 0, 1.2345e-5, NaN].map(value => formatNumber(value))).toEqual([
      '0.00272',
      '12.3',
      '1235',
      '−0.500',
      '0',
      '1.23\u202f×\u202f10⁻⁵',
      'not a number',
    ])
    expect([7, 999, 1000, 1234567].map(formatCount)).toEqual([
      '7',
      '999',
      '1\u202f000',
      '1\u202f234\u202f567',
    ])
    expect(formatTick(-0.5, 0.5)).toBe('−0.5')
    expect(formatTick(20, 10)).toBe('20')
  })

  it('stand at round ticks', () => {
    expect(ticks(-0.998, 0.999, 4, 0.01).values).toEqual([-1, -0.5, 0, 0.5, 1])
    expect(ticks(0, 70, 4)).toEqual({ values: [0, 20, 40, 60], step: 20 })
  })
})

/** Whether a link passes through a frame: at a point, 1/64 of the way between two of its corners apart from the next. */
function crosses(link: readonly Point[], frame: Point, half: number): boolean {
  return link.slice(1).some((end, i) => {
    const start = link[i]!
    if (Math.min(start.x, end.x) > frame.x + half || Math.max(start.x, end.x) < frame.x - half) return false
    if (Math.min(start.y, end.y) > frame.y + half || Math.max(start.y, end.y) < frame.y - half) return false
    return Array.from({ length: 65 }, (_, p) => p / 64).some(
      share =>
        Math.abs(start.x + share * (end.x - start.x) - frame.x) < half &&
        Math.abs(start.y + share * (end.y - start.y) - frame.y) < half,
    )
  })
}

describe('the layout of a network', () => {
  it.each([
    [[2, 5, 1], 350],
    [[2, 5, 1], 680],
    [[4, 5, 3, 1], 350],
    [[4, 5, 3, 1], 655],
    [[4, 10, 10, 1], 655],
    [[4, 10, 10, 10, 1], 350],
    [[1, 1], 350],
  ])('%j in %i pixels: every frame inside, none on another, and no link behind one', (width, pixels) => {
    const { edges, nodes, side, height } = layoutNetwork(width, pixels)
    expect(edges).toHaveLength(width.slice(1).reduce((sum, outputs, l) => sum + outputs * width[l]!, 0))
    expect(side).toBeGreaterThanOrEqual(20)
    for (const { x, y } of edges) {
      expect(Math.min(x, pixels - x, y, height - y)).toBeGreaterThanOrEqual(side / 2)
    }
    // Half a pixel for the border, which its own links reach.
    const crossed = edges.filter(({ layer, from, to }) =>
      edges.some(
        frame => frame.layer === layer && [from, to].some(link => crosses(link, frame, side / 2 - 0.5)),
      ),
    )
    expect(crossed).toEqual([])
    edges.forEach((a, i) => {
      for (const b of edges.slice(i + 1))
        expect(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeGreaterThanOrEqual(side + 1)
      for (const node of nodes)
        expect(Math.max(Math.abs(a.x - node.x), Math.abs(a.y - node.y))).toBeGreaterThan(side / 2 + 4)
    })
  })
})
