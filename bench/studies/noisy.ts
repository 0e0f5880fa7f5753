/**
 * Textbook laws with noise, by the defaults of discover: does it find the law, and is what it prints otherwise at least plain? Noise
 * is normal, its deviation a share of the law's own; the errors on fresh points are those to the law without noise.
 */
import { discover } from 'webkan'
import { complexity, evaluateRows, format, parse } from 'webkan/formula'
import type { Expression } from 'webkan/formula'
import { Random } from '../../src/random.ts'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'
import { refitted } from './refit.ts'

/** A law, and the range of each of its columns. */
export interface NoisyLaw {
  readonly name: string
  readonly formula: string
  readonly ranges: Readonly<Record<string, readonly [number, number]>>
}

export const noisyLaws: readonly NoisyLaw[] = [
  { name: 'Arrhenius', formula: '2000*exp(-1500/T)', ranges: { T: [300, 900] } },
  { name: 'Michaelis and Menten', formula: '5*s/(2 + s)', ranges: { s: [0.1, 10] } },
  { name: 'damped oscillation', formula: '3*exp(-0.4*t)*cos(2*t)', ranges: { t: [0, 8] } },
  { name: 'power', formula: '2.5*x^1.7', ranges: { x: [0.5, 5] } },
  { name: 'logistic growth', formula: '10/(1 + exp(-1.3*(t - 4)))', ranges: { t: [0, 8] } },
  { name: 'Hill', formula: '4*c^2.5/(2.756 + c^2.5)', ranges: { c: [0.1, 5] } },
  { name: 'Gaussian', formula: '2*exp(-(x - 1)^2/0.98)', ranges: { x: [-2, 4] } },
  { name: 'gamma density', formula: '2*x^1.6*exp(-0.7*x)', ranges: { x: [0.1, 8] } },
  { name: 'gamma density, scaled', formula: 'z*x^1.6*exp(-0.7*x)', ranges: { x: [0.1, 8], z: [1, 5] } },
  { name: 'cubic', formula: '1 - 2*x + 0.5*x^2 + 0.3*x^3', ranges: { x: [-3, 3] } },
  {
    name: 'five columns',
    formula: '3 + 2*a - b + 0.5*c + 1.5*d - 0.8*g',
    ranges: { a: [0, 5], b: [0, 5], c: [0, 5], d: [0, 5], g: [0, 5] },
  },
  { name: 'product', formula: '0.7*m*v*w', ranges: { m: [1, 5], v: [1, 5], w: [1, 5] } },
  { name: 'logarithm', formula: '1.2 + 2.3*log(x)', ranges: { x: [1, 100] } },
  { name: 'Planck', formula: '3*f^3/(exp(f/t) - 1)', ranges: { f: [0.5, 6], t: [0.5, 2] } },
  { name: 'saturation', formula: '5*(1 - exp(-t/2.5))', ranges: { t: [0, 10] } },
  { name: 'pendulum', formula: '2*pi*sqrt(l/g)', ranges: { l: [0.1, 3], g: [1, 25] } },
  { name: 'inverse square', formula: '6*m*n/r^2', ranges: { m: [1, 5], n: [1, 5], r: [1, 4] } },
  { name: 'two terms', formula: 'exp(-a)*sin(b) + a', ranges: { a: [0, 3], b: [-3, 3] } },
]

const NOISES = [0.05, 0.2]
const SEEDS = [0]
const ROWS = 1000
/** A form that says the law has this error, relative to the law's deviation, with its constants fitted to rows without noise. */
const SAME = 1e-5
/** What a right form may have more than the law as it is written here, so that no law hides in something that says anything. */
const SLACK = 4

/** What is kept of a Discovery; RMSE are shares of the law's deviation. */
export interface NoisyResult {
  readonly found: string
  readonly complexity: number
  /** Whether the constants of the form can be such that it is the law, and it is hardly more complex. */
  readonly right: boolean
  /** On fresh points without noise: the formula's and its network's. */
  readonly relative: number | null
  readonly network: number
  readonly stop: string
  readonly seconds: number
}

interface Rows {
  readonly names: string[]
  readonly x: Float64Array
  /** Without noise, and with it. */
  readonly law: Float64Array
  readonly y: Float64Array
  readonly deviation: number
}

/** A normal number (Box and Muller, Ann. Math. Stat. 29, 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
}

/** Rows of a law: uniform in its ranges. */
export function noisyRows({ formula, ranges }: NoisyLaw, noise: number, rows: number, seed: number): Rows {
  const random = new Random(seed)
  const [names, limits] = [Object.keys(ranges), Object.values(ranges)]
  const x = Float64Array.from({ length: rows * names.length }, (_, p) => {
    const [low, high] = limits[p % limits.length]!
    return low + (high - low) * random.uniform()
  })
  const law = evaluateRows(parse(formula), names, x, rows)
  const mean = law.reduce((sum, value) => sum + value, 0) / rows
  const deviation = Math.sqrt(law.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows)
  return { names, x, law, y: law.map(value => value + noise * deviation * normal(random)), deviation }
}

/** Whether the law is one of those that the form says, and hardly simpler than it. */
export function saysLaw(
  found: Expression,
  { formula }: NoisyLaw,
  { names, x, law, deviation }: Rows,
): boolean {
  if (complexity(found) > complexity(parse(formula)) + SLACK) return false
  return refitted(found, names, x, law) <= SAME * deviation
}

export async function findNoisy(
  law: NoisyLaw,
  noise: number,
  seed: number,
  { rows = ROWS, seconds = 60 }: { readonly rows?: number; readonly seconds?: number } = {},
): Promise<NoisyResult> {
  const train = noisyRows(law, noise, rows, 2 * seed + 1)
  const fresh = noisyRows(law, 0, ROWS, 2 * seed + 2)
  const { names } = train
  const found = await discover(train, { names, test: fresh, seed, seconds })
  const relative = found.test!.rmse / fresh.deviation
  return {
    found: format(found.expression, 'text', { digits: 6 }),
    complexity: found.complexity,
    right: saysLaw(found.expression, law, fresh),
    relative: Number.isFinite(relative) ? relative : null,
    network: found.network.test!.rmse / fresh.deviation,
    stop: found.stop,
    seconds: found.seconds,
  }
}

function keyOf({ name }: NoisyLaw, noise: number, seed: number): string {
  return `${name}, noise ${noise}, seed ${seed}`
}

const cases = SEEDS.flatMap(seed =>
  NOISES.flatMap(noise => noisyLaws.map(law => ({ law, noise, seed, key: keyOf(law, noise, seed) }))),
)

export const noisyRuns: readonly StudyRun<NoisyResult>[] = cases.map(({ law, noise, seed, key }) => ({
  key,
  run: () => findNoisy(law, noise, seed),
}))

/** One line a run, and how many have the law's form. */
export function summariseNoisy({ results }: StudyFile<NoisyResult>): string {
  const counts = NOISES.map(noise => {
    const own = cases.filter(one => one.noise === noise).map(({ key }) => results[key]!)
    return `${own.filter(({ right }) => right).length} of ${own.length} with noise ${noise}`
  })
  const seconds = Object.values(results).map(result => result.seconds)
  const table = markdownTable(
    [
      'law',
      'noise',
      'found',
      'right form',
      'complexity',
      'test RMSE / noise',
      "the network's",
      'stop',
      'seconds',
    ],
    cases.map(({ law, noise, key }) => {
      const result = results[key]!
      const share = (relative: number | null): string =>
        relative === null ? 'no value' : (relative / noise).toPrecision(2)
      return [
        `${law.name}: \`${law.formula}\``,
        String(noise),
        `\`${result.found}\``,
        result.right ? 'yes' : 'no',
        String(result.complexity),
        share(result.relative),
        share(result.network),
        result.stop,
        result.seconds.toFixed(1),
      ]
    }),
  )
  return [
    `The right form: ${counts.join(', ')}. Median ${median(seconds).toFixed(1)} s a call, ${ROWS} rows.`,
    '',
    'A form is right where its constants, fitted to rows without noise, make it the law, and it is hardly more complex than the law.',
    'Test RMSE are those to the law itself, on fresh points without noise: 0 is the law, and 1 would be as far off as a row is.',
    '',
    table,
  ].join('\n')
}
