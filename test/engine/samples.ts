import type { OracleLoss, OracleModel } from '../oracle/kan.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import { roundModel } from './flat.ts'

/** The grid and the base function of a layer. */
interface LayerCase {
  readonly degree: number
  readonly intervals: number
  readonly base: 'silu' | 'identity' | 'zero'
  /** 1: uniform knots; more: steps that alternate by about this ratio. */
  readonly ratio: number
  /** Factors of the layer's last nodes, which are products. */
  readonly products?: readonly number[]
}

/** A network to compare: its shape, and the seed of its numbers. */
export interface NetworkCase extends LayerCase {
  readonly name: string
  readonly width: readonly number[]
  /** Where the layers differ. */
  readonly layers?: readonly LayerCase[]
  readonly rows: number
  readonly seed: number
}

/** A random model of a case, its numbers exact in float32, one edge in eight masked. */
export function caseModel(network: NetworkCase, seed = network.seed): OracleModel {
  const { width, degree, intervals, base, ratio } = network
  const layers = network.layers ?? width.slice(1).map(() => ({ intervals, degree, base, ratio }))
  return roundModel(randomModel(seeded(seed), [...width], [...layers]))
}

/** Random inputs in [-3, 3], multiples of 2^-10: exact in float32, and often outside the extended knots around [-1, 1]. */
export function caseInputs(network: NetworkCase, rows = network.rows): number[][] {
  const random = seeded(network.seed + 1000)
  const value = (): number => Math.round((6 * random() - 3) * 1024) / 1024
  return Array.from({ length: rows }, () => Array.from({ length: network.width[0]! }, value))
}

/** Random targets or labels for a case; weights in [0, 2), some of them 0, when asked. */
export function caseLoss(
  network: NetworkCase,
  kind: OracleLoss['kind'],
  weighted: boolean,
  rows = network.rows,
): OracleLoss {
  const random = seeded(network.seed + 2000)
  const outputs = network.width.at(-1)!
  const target = Array.from({ length: rows }, () =>
    Array.from({ length: outputs }, () => Math.round(random() * 1024) / 1024),
  )
  const labels = Array.from({ length: rows }, () => Math.floor(random() * outputs))
  const weights = Array.from({ length: rows }, () =>
    random() < 0.2 ? 0 : Math.round(random() * 2048) / 1024,
  )
  const loss: OracleLoss =
    kind === 'crossEntropy'
      ? { kind, labels }
      : kind === 'huber'
        ? // A delta that residuals of order 1 lie on both sides of.
          { kind, target, delta: 0.5 }
        : { kind, target }
  return weighted ? { ...loss, weights } : loss
}

const SMALL = { width: [3, 7, 2], intervals: 5, base: 'silu', ratio: 1, rows: 37, seed: 1 } as const

/** Degree 1 to 5 on even and uneven knots, every base, widths 1 to 70, grids 1 to 17, one to three layers. */
export const NETWORKS: readonly NetworkCase[] = [
  ...[1, 2, 3, 4, 5].flatMap(degree => [
    { ...SMALL, name: `degree ${degree}, uniform knots`, degree, seed: 10 + degree },
    { ...SMALL, name: `degree ${degree}, uneven knots`, degree, ratio: 4, seed: 20 + degree },
  ]),
  { ...SMALL, name: 'one edge', width: [1, 1], degree: 3, rows: 1, seed: 3 },
  { ...SMALL, name: 'one interval', intervals: 1, degree: 3 },
  { ...SMALL, name: 'one interval, degree 5', intervals: 1, degree: 5 },
  { ...SMALL, name: '17 intervals, base identity', intervals: 17, degree: 3, base: 'identity' },
  { ...SMALL, name: 'base zero, three layers', width: [2, 5, 3, 1], degree: 3, base: 'zero' },
  { ...SMALL, name: 'width [70, 33, 5]', width: [70, 33, 5], degree: 3, rows: 9 },
  { ...SMALL, name: 'width [3, 65, 1], degree 2', width: [3, 65, 1], degree: 2, rows: 21, ratio: 2 },
  {
    ...SMALL,
    name: 'layers of mixed grid, degree and base',
    width: [3, 5, 4, 2],
    degree: 5,
    intervals: 9,
    layers: [
      { intervals: 5, degree: 5, base: 'silu', ratio: 1 },
      { intervals: 9, degree: 2, base: 'zero', ratio: 4 },
      { intervals: 2, degree: 3, base: 'identity', ratio: 2 },
    ],
  },
  { ...SMALL, name: '600 rows', width: [2, 4, 1], degree: 3, rows: 600 },
  {
    ...SMALL,
    name: 'products of two and three in both layers',
    width: [3, 4, 2],
    degree: 3,
    layers: [
      { intervals: 5, degree: 3, base: 'silu', ratio: 1, products: [2, 3] },
      { intervals: 4, degree: 3, base: 'silu', ratio: 4, products: [3] },
    ],
  },
  {
    ...SMALL,
    name: 'products alone, degree 2',
    width: [2, 2, 3],
    degree: 2,
    rows: 70,
    layers: [
      { intervals: 3, degree: 2, base: 'identity', ratio: 2, products: [3, 2] },
      { intervals: 5, degree: 2, base: 'silu', ratio: 1 },
    ],
  },
]
