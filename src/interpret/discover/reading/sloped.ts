import { call, number, parse, product, substitute, sum, variable } from '../../../formula/index.ts'
import type { ScoredCurve } from './choices.ts'
import { regressTwo } from './regression.ts'
import { LOG_EXP_LESS_1 } from './thermal.ts'

/** A function of a power of a product that stands beside a multiple of its logarithm. */
interface SlopedFunction {
  readonly name: string
  /** Of u > 0. Written so that nothing overflows, and with its values as code, as very many are needed. */
  readonly formula: string
  readonly value: (u: number) => number
  /** As fitCurve's complexities go. */
  readonly cost: number
}

/** u itself: no scale to search for. */
const POWER: SlopedFunction = { name: 'x^p + log', formula: 'u', value: u => u, cost: 5 }

/**
 * Logarithms of what divides in laws: exp(u) - 1 in those of Planck, Bose and Einstein, exp(u) + 1 in Fermi's and Dirac's,
 * 1 + u in those of saturation and of resonance.
 */
const DIVISORS: readonly SlopedFunction[] = [
  {
    name: 'log(exp - 1) + log',
    formula: LOG_EXP_LESS_1,
    value: u => u + Math.log(-Math.expm1(-u)),
    cost: 7,
  },
  {
    name: 'log(exp + 1) + log',
    formula: 'u + log(1 + exp(-u))',
    value: u => u + Math.log1p(Math.exp(-u)),
    cost: 7,
  },
  { name: 'log(1 + x) + log', formula: 'log(1 + u)', value: u => Math.log1p(u), cost: 6 },
]

/** Scales are tried that lead the rows' powers through 1, or at least so near (in nats), so many in each step. */
const NEAR = 3
const SCALES = 32
const SMALLEST_STEP = 1e-7

/** Curve v of the logarithm u of a product. */
interface LogCurve {
  readonly u: Float64Array
  readonly v: Float64Array
  readonly weights: Float64Array | undefined
}

/**
 * c g(s exp(a u)) + e u + d for functions g: a function of a power of a product beside the product's logarithm. Where the same
 * logarithm is also another edge's, how the slope is shared out between them means nothing, and no function of the library has
 * it. `divides` says whether other functions than the power itself may be taken.
 */
export function slopedCurves(
  { u, v, weights }: LogCurve,
  a: number,
  noise: number,
  divides: boolean,
): ScoredCurve[] {
  const middle = u.reduce((total, value) => total + value, 0) / u.length
  const powers = u.map(value => Math.exp(a * (value - middle)))
  if (!powers.every(Number.isFinite)) return []
  return [POWER, ...(divides ? DIVISORS : [])].map(source => {
    const { name, formula, value, cost } = source
    const fit = (scale: number): Fitted => ({
      scale,
      ...regressTwo(
        powers.map(power => value(scale * power)),
        u,
        v,
        weights,
      ),
    })
    const { scale, c, e, d, unexplained } = source === POWER ? fit(1) : bestScale(fit, powers)
    const x = variable('u')
    const argument = product(number(scale * Math.exp(-a * middle)), call('exp', product(number(a), x)))
    const own = product(number(c), substitute(parse(formula), new Map([['u', argument]])))
    return {
      name,
      unexplained,
      score: 0.5 * Math.log2(noise + unexplained) + 0.5 * cost,
      curve: [{ expression: sum(own, product(number(e), x)), a: 1, b: 0, c: 1, d }],
    }
  })
}

interface Fitted extends ReturnType<typeof regressTwo> {
  readonly scale: number
}

/** The scale of the least squares: on a grid of logarithms, then by halving steps. */
function bestScale(fit: (scale: number) => Fitted, powers: Float64Array): Fitted {
  let [least, most] = [Infinity, 0]
  for (const power of powers) {
    least = Math.min(least, power)
    most = Math.max(most, power)
  }
  const [low, high] = [-Math.log(most) - NEAR, -Math.log(least) + NEAR]
  let step = (high - low) / SCALES
  let best = fit(Math.exp(low))
  const visit = (log: number): void => {
    const fitted = fit(Math.exp(log))
    if (fitted.unexplained < best.unexplained) best = fitted
  }
  for (let n = 1; n <= SCALES; n++) visit(low + n * step)
  for (; step > SMALLEST_STEP; step /= 2) {
    const middle = Math.log(best.scale)
    for (const log of [middle - step / 2, middle + step / 2]) visit(log)
  }
  return best
}
