import { MARGIN } from './chart.ts'
import type { Chart } from './chart.ts'
import type { Curve } from './traits.ts'

/** Where a search begins, on charts of two dimensions each a column of the grid: all `seconds` for one `first`. */
export interface GridColumn {
  readonly first: number
  readonly seconds: readonly number[]
}

/** Numbers from `low` to `high` by equal factors of about `factor`. */
function geometric(low: number, high: number, factor: number): number[] {
  const count = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(factor)))
  return Array.from({ length: count + 1 }, (_, k) => low * (high / low) ** (k / count))
}

function even(low: number, high: number, step: number): number[] {
  const count = Math.max(1, Math.ceil((high - low) / step))
  return Array.from({ length: count + 1 }, (_, k) => low + ((high - low) * k) / count)
}

/** The highest |A| that is tried at all: about 10 periods of sin over the range. */
const HIGHEST_RATE = 60

/**
 * The grid of (A, B) to try, in the chart's coordinates and by ascending first one. Steps are such that a valley of the error
 * is not stepped over: u changes by at most about 1 from one to the next.
 *
 * @param t the rows' places in [-1, 1], ascending; they limit the frequencies that can be told apart
 */
export function startGrid(curve: Curve, chart: Chart, t: Float64Array): readonly GridColumn[] {
  const fastest = Math.min(HIGHEST_RATE, (Math.PI / 4) * Math.max(2, t.length - 1))
  const single = (firsts: readonly number[]): GridColumn[] => firsts.map(first => ({ first, seconds: [0] }))
  switch (chart.kind) {
    case 'point':
      return single([0])
    case 'shift': {
      const outside = geometric(0.03, 90, 1.8).map(distance => 1 + distance)
      const quantiles = even(0, 1, 1 / 16).map(share => t[Math.round(share * (t.length - 1))]!)
      const zeros = [...outside.map(z => -z), ...even(-1, 1, 1 / 30), ...quantiles, ...outside]
      return single(zeros.map(z => -z).sort((a, b) => a - b))
    }
    case 'rate': {
      const rates = geometric(0.1, Math.max(4, fastest), 1.5)
      return single([...rates.map(rate => -rate).toReversed(), ...rates])
    }
    case 'edge':
      return single(logarithms(MARGIN, 100, 2))
    case 'half':
      return logarithms(0.05, 40, 1.7).map(first => ({ first, seconds: logarithms(1e-5, 50, 3) }))
    case 'interval': {
      const { low, high } = curve.source.domain
      const ends = logarithms(1e-4 * (high - low), 0.9 * (high - low), 2)
      return ends.map(first => ({
        first,
        seconds: ends.filter(second => Math.exp(first) + Math.exp(second) < 0.9 * (high - low)),
      }))
    }
    case 'plane':
    default:
      return rates(curve, fastest).map(first => ({ first, seconds: phases(curve, Math.abs(first)) }))
  }
}

function logarithms(low: number, high: number, factor: number): number[] {
  return geometric(low, high, factor).map(Math.log)
}

/** Rates A of a function on the whole line: one step of a function that turns is half a radian at the ends of the range. */
function rates({ turns, mirrored }: Curve, fastest: number): number[] {
  const positive = turns
    ? [...geometric(0.1, 0.5, 1.6).slice(0, -1), ...even(0.5, Math.max(fastest, 1), 0.4)]
    : geometric(0.1, Math.max(4, Math.min(fastest, 50)), 1.35)
  return mirrored ? positive : [...positive.map(rate => -rate).toReversed(), ...positive]
}

/** Shifts B for a rate: a quarter period apart, or wherever the function's own features come to lie on the range. */
function phases({ period, turns }: Curve, rate: number): number[] {
  if (period !== undefined) return [0, 0.25, 0.5, 0.75].map(share => share * period)
  const reach = rate + (turns ? 8 : 4)
  return even(-reach, reach, turns ? 0.8 : Math.max(0.5, rate / 12))
}
