import type { Bracket } from './brent.ts'
import type { Chart } from './chart.ts'
import type { CurveSamples } from './samples.ts'
import type { Descent } from './descent.ts'
import { startGrid } from './starts.ts'
import type { GridColumn } from './starts.ts'
import { roughCurve } from './traits.ts'
import type { Curve } from './traits.ts'

/** Valleys of the coarse search that are descended on the coarse rows, and how many of them to the bottom on all. */
const COARSE_VALLEYS = { plain: 6, turning: 16 } as const
const FINE_VALLEYS = 2

/** Up to so many rows, a kink is tried at all of them; of more, at those near the coarse valley. */
const SCANNED_ROWS = 300
const LINE = { low: -Infinity, high: Infinity }

/** A function that leaves so many times more than another one gets fewer steps: 1 - r2 is known to a percent then. */
const HOPELESS = 100

/** A point of a chart; `side` -1 where t is mirrored. */
export interface Valley {
  readonly point: Float64Array
  readonly side: number
  /** The neighbouring places of the first coordinate on the start grid. */
  readonly low: number
  readonly high: number
  loss: number
}

/** The bottoms of the best valleys, the lowest first. `reached` is what another function leaves unexplained. */
export function descendAll(
  curve: Curve,
  chart: Chart,
  { all, few }: CurveSamples,
  reached: number,
): Valley[] {
  const rough = chart.kind === 'plane' ? roughCurve(curve) : curve
  const valleys = sidesOf(curve, chart).flatMap(side => coarseValleys(rough, chart, side, few))
  valleys.sort((p, q) => p.loss - q.loss)
  const coarse = valleys.slice(0, curve.turns ? COARSE_VALLEYS.turning : COARSE_VALLEYS.plain)
  for (const valley of coarse) {
    const { point, side, low, high } = valley
    if (chart.dimensions === 1) few.search(curve, chart, point, side, { low, high, evaluations: 12 })
    valley.loss = few.descend(rough, chart, point, side, chart.dimensions === 1 ? 1 : 6, 1e-3)
  }
  coarse.sort((p, q) => p.loss - q.loss)
  const isHopeless = coarse.length > 0 && coarse[0]!.loss > HOPELESS * (reached + 1e-9)
  const fine = distinct(coarse).slice(0, isHopeless ? 1 : FINE_VALLEYS)
  for (const valley of fine) {
    const { point, side } = valley
    if (curve.breaks && chart.kind === 'shift')
      all.scan(curve, chart, point, side, all.samples.t.length > SCANNED_ROWS ? valley : LINE)
    if (chart.dimensions === 1) all.search(curve, chart, point, side, around(valley))
    valley.loss = all.descend(
      curve,
      chart,
      point,
      side,
      chart.dimensions === 1 ? 8 : isHopeless && curve.turns ? 15 : 60,
    )
  }
  const found = fine.filter(({ loss }) => loss !== Infinity).sort((p, q) => p.loss - q.loss)
  const ends = curve.source.domain.closed ? found.slice(0, 1).flatMap(v => atEnds(curve, chart, v, all)) : []
  return [...found, ...ends].sort((p, q) => p.loss - q.loss)
}

/** Where the minimum on all rows is, when that on some is known: a fifth of the way to the neighbours. */
function around({ point, low, high }: Valley): Bracket {
  const place = point[0]!
  return { low: place - (place - low) / 5, high: place + (high - place) / 5, evaluations: 40 }
}

/** t and -t, where they are not the same. */
function sidesOf({ mirrored }: Curve, { kind }: Chart): readonly number[] {
  return mirrored || kind === 'point' || kind === 'rate' || kind === 'plane' ? [1] : [1, -1]
}

/** Least losses of the start grid: lower than their neighbours in the column and the valleys near them in the next columns. */
function coarseValleys(curve: Curve, chart: Chart, side: number, few: Descent): Valley[] {
  const grid = startGrid(curve, chart, few.samples.t)
  const columns = grid.map(column => valleysOf(column, curve, chart, side, few))
  return columns.flatMap((valleys, k) => {
    const low = grid[k - 1]?.first ?? grid[k]!.first
    const high = grid[k + 1]?.first ?? grid[k]!.first
    return valleys
      .filter(valley => {
        const isNear = ({ second }: GridValley): boolean => Math.abs(second - valley.second) <= valley.reach
        const before = columns[k - 1]?.filter(isNear) ?? []
        const after = columns[k + 1]?.filter(isNear) ?? []
        return (
          before.every(({ loss }) => valley.loss < loss) && after.every(({ loss }) => valley.loss <= loss)
        )
      })
      .map(({ first, second, loss }) => ({ point: Float64Array.of(first, second), side, low, high, loss }))
  })
}

/** A point of the start grid that is lower than those before and after it in its column, and what is near it. */
interface GridValley {
  readonly first: number
  readonly second: number
  readonly reach: number
  readonly loss: number
}

function valleysOf(
  { first, seconds }: GridColumn,
  curve: Curve,
  chart: Chart,
  side: number,
  few: Descent,
): GridValley[] {
  const point = Float64Array.of(first, 0)
  const losses = seconds.map(second => {
    point[1] = second
    return few.roughLoss(curve, chart, point, side)
  })
  const reach = 1.3 * Math.abs((seconds[1] ?? 0) - (seconds[0] ?? 0))
  return losses.flatMap((loss, k) => {
    const isValley = loss < (losses[k - 1] ?? Infinity) && loss <= (losses[k + 1] ?? Infinity)
    return isValley ? [{ first, second: seconds[k]!, reach, loss }] : []
  })
}

/** The first of every run of equal losses: one for each valley that was reached from several places. */
function distinct(valleys: readonly Valley[]): Valley[] {
  return valleys.filter(
    ({ loss }, k) => k === 0 || Math.abs(loss - valleys[k - 1]!.loss) > 1e-3 * (loss + 1e-12),
  )
}

/** The same valley with its rows right at an end of the domain, where that fits better: sqrt(x) from x = 0 on. */
function atEnds(curve: Curve, chart: Chart, valley: Valley, all: Descent): Valley[] {
  const { point, side, loss } = valley
  const reached = chart.kind === 'half' ? [[1]] : chart.kind === 'interval' ? [[0], [1], [0, 1]] : [[0]]
  return reached.flatMap(coordinates => {
    const own = point.slice()
    for (const k of coordinates) own[k] = -Infinity
    const better = { ...valley, point: own, loss: all.descend(curve, chart, own, side, 20) }
    return better.loss < loss ? [better] : []
  })
}
