import { describe, expect, it } from 'vitest'
import { ConfigError, DeviceLostError, NonFiniteError } from 'webkan'
import { ticks } from '../../demo/axes.ts'
import { explain } from '../../demo/explain.ts'
import { formatCount, formatNumber, formatTick } from '../../demo/format.ts'
import { layoutNetwork } from '../../demo/network-layout.ts'
import type { EdgeEnds, Point } from '../../demo/network-layout.ts'
import { chosenDevice, chosenOptimizer } from '../../demo/optimizers.ts'
import { defaults, fields, needsNewNetwork, readHash, withField, writeHash } from '../../demo/settings.ts'
import type { Settings } from '../../demo/settings.ts'

describe('settings in the address', () => {
  it('survive the way there and back', () => {
    const settings: Settings = {
      function: 'bessel',
      hidden: [7, [3, 1], 1],
      grid: 20,
      degree: 2,
      seed: 123456789,
      optimizer: 'lbfgs',
      rate: 0.0005,
      lambda: 0.001,
      pruneEdges: 0.05,
      pruneNodes: 0.02,
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
    'optimizer=auto&rate=0',
    'optimizer=auto&rate=2',
    'optimizer=auto&rate=1e999',
    'optimizer=auto&rate=1.2.3',
    'optimizer=sgd',
    'lambda=-1',
    'lambda=2',
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
    const read = (text: string): Settings['hidden'] => withField(defaults, 'hidden', text).hidden
    expect([read('5,3'), read(' 5, 3 '), read('none'), read('')]).toEqual([[5, 3], [5, 3], [], []])
    expect([read('3+1'), read('5, 0+2')]).toEqual([[[3, 1]], [5, [0, 2]]])
    for (const text of ['3+', '+1', '3 + 1', '0+0', '9+2']) expect(() => read(text)).toThrow('hidden layers')
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
      seed: '1',
      optimizer: 'adam',
      rate: '0.1',
      lambda: '0.01',
      pruneEdges: '0.1',
      pruneNodes: '0.1',
      steps: '7',
      device: 'cpu',
    }
    const renewing = fields.filter(field =>
      needsNewNetwork(defaults, withField(defaults, field, other[field])),
    )
    expect(renewing).toEqual(['function', 'hidden', 'grid', 'degree', 'seed'])
  })
})

describe('the optimizer', () => {
  const at = (hash: string): Settings => readHash(`#${hash}`).settings

  it('is Levenberg-Marquardt on the CPU for a small network, else Adam', () => {
    expect(chosenOptimizer(defaults)).toBe('lm')
    expect(chosenDevice(defaults)).toBe('cpu')
    expect(chosenOptimizer(at('device=cpu'))).toBe('lm')
    expect(chosenOptimizer(at('device=webgpu'))).toBe('adam')
    // 4 * 10 + 10 * 10 + 10 = 150 edges of 9 parameters.
    const large = at('function=four-inputs&hidden=10,10')
    expect(chosenOptimizer(large)).toBe('adam')
    expect(chosenDevice(large)).toBe('auto')
    expect(chosenDevice(at('optimizer=lbfgs'))).toBe('auto')
  })

  it('brings its usual number of steps, and leaves one that was chosen', () => {
    expect([at(''), at('device=webgpu'), at('optimizer=lbfgs')].map(({ steps }) => steps)).toEqual([
      50, 2000, 300,
    ])
    expect(withField(defaults, 'optimizer', 'adam').steps).toBe(2000)
    expect(withField(defaults, 'device', 'webgpu').steps).toBe(2000)
    expect(withField(at('steps=70'), 'optimizer', 'adam').steps).toBe(70)
    // Levenberg and Marquardt's number beside Adam: as it stands in the address.
    expect(at('steps=50&device=webgpu').steps).toBe(50)
  })

  it('is Adam in an address from before there were others', () => {
    expect(at('grid=5&rate=0.02&steps=2000')).toEqual({ ...defaults, optimizer: 'adam', steps: 2000 })
    expect(at('optimizer=auto&rate=0.02').optimizer).toBe('auto')
  })

  it('is refused where the device cannot run it', () => {
    for (const hash of ['#optimizer=lm&device=webgpu', '#device=webgpu&optimizer=lm']) {
      const { settings, notices } = readHash(hash)
      expect([settings.optimizer, settings.device]).not.toEqual(['lm', 'webgpu'])
      expect(notices).toHaveLength(1)
      expect(notices[0]).toContain('float64')
    }
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

function everyEdge(width: readonly number[]): EdgeEnds[] {
  return width.slice(1).flatMap((outputs, layer) =>
    Array.from({ length: width[layer]! * outputs }, (_, e) => ({
      layer,
      input: Math.floor(e / outputs),
      output: e % outputs,
    })),
  )
}

describe('the layout of a network', () => {
  it('gives the place of edges that were pruned to the others', () => {
    const width = [2, 3, 1]
    const kept = everyEdge(width).filter(({ layer, input, output }) => layer === 1 || input === output)
    const { edges, nodes } = layoutNetwork({ width, products: [], edges: kept }, 600)
    expect(edges.map(({ layer, input, output }) => ({ layer, input, output }))).toEqual(kept)
    // Two frames in the first layer, in the middles of two halves; three in the second.
    expect(edges.map(({ x }) => x)).toEqual([150, 450, 100, 300, 500])
    // From input 1's node to the frame, and on to node 1.
    expect(edges[1]!.from[0]).toMatchObject({ x: nodes[1]!.x })
    expect(edges[1]!.to.at(-1)).toMatchObject({ x: nodes[3]!.x })
  })

  it.each([
    [[2, 5, 1], 350],
    [[2, 5, 1], 680],
    [[4, 5, 3, 1], 350],
    [[4, 5, 3, 1], 655],
    [[4, 10, 10, 1], 655],
    [[4, 10, 10, 10, 1], 350],
    [[1, 1], 350],
  ])('%j in %i pixels: every frame inside, none on another, and no link behind one', (width, pixels) => {
    const network = { width, products: [], edges: everyEdge(width) }
    const { edges, nodes, side, height } = layoutNetwork(network, pixels)
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
