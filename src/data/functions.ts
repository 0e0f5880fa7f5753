import { ConfigError } from '../errors.ts'
import { Random } from '../random.ts'

/** The stream of the generator that samples are drawn from, apart from those of splits and weights. */
const SAMPLE_STREAM = 0x73616d70

/** A known function to learn, for demos, tests and studies. */
export interface ToyFunction {
  /** A short name for URLs and commands. */
  readonly name: string
  /** The formula as people write it. */
  readonly label: string
  readonly inputs: number
  /** Every input is sampled from this interval. */
  readonly range: readonly [number, number]
  /** The value at x, of which the first `inputs` numbers are read. */
  evaluate(x: ArrayLike<number>): number
}

/** Intervals of the trapezoidal rule below: its error is about 2 J_128(20) < 1e-87 at |z| = 20, far below rounding. */
const BESSEL_INTERVALS = 64

/** The Bessel function J0 for |z| <= 20: (1 / pi) times the integral of cos(z sin t) over [0, pi] (Bessel's integral). */
function besselJ0(z: number): number {
  let sum = 0
  for (let i = 0; i < BESSEL_INTERVALS; i++) sum += Math.cos(z * Math.sin((Math.PI * i) / BESSEL_INTERVALS))
  return sum / BESSEL_INTERVALS
}

/** The functions, simple to hard. The first is the example of the KAN paper (arXiv 2404.19756, section 3.1). */
export const toyFunctions: readonly ToyFunction[] = [
  {
    name: 'exp-sin',
    label: 'exp(sin(pi x1) + x2^2)',
    inputs: 2,
    range: [-1, 1],
    evaluate: x => Math.exp(Math.sin(Math.PI * x[0]!) + x[1]! ** 2),
  },
  {
    name: 'product',
    label: 'x1 x2',
    inputs: 2,
    range: [-1, 1],
    evaluate: x => x[0]! * x[1]!,
  },
  {
    name: 'distance',
    label: 'sqrt(x1^2 + x2^2)',
    inputs: 2,
    range: [-1, 1],
    evaluate: x => Math.hypot(x[0]!, x[1]!),
  },
  {
    name: 'wave',
    label: 'sin(5 x) / (1 + x^2)',
    inputs: 1,
    range: [-2, 2],
    evaluate: x => Math.sin(5 * x[0]!) / (1 + x[0]! ** 2),
  },
  {
    name: 'bessel',
    label: 'J0(20 x)',
    inputs: 1,
    range: [-1, 1],
    evaluate: x => besselJ0(20 * x[0]!),
  },
  {
    name: 'four-inputs',
    label: 'exp((sin(pi (x1^2 + x2^2)) + sin(pi (x3^2 + x4^2))) / 2)',
    inputs: 4,
    range: [-1, 1],
    evaluate: x =>
      Math.exp(
        (Math.sin(Math.PI * (x[0]! ** 2 + x[1]! ** 2)) + Math.sin(Math.PI * (x[2]! ** 2 + x[3]! ** 2))) / 2,
      ),
  },
  {
    name: 'staircase',
    label: 'floor(4 x) / 4',
    inputs: 1,
    range: [-1, 1],
    evaluate: x => Math.floor(4 * x[0]!) / 4,
  },
]

/** The function of that name. Throws ConfigError with the names there are. */
export function toyFunction(name: string): ToyFunction {
  const found = toyFunctions.find(candidate => candidate.name === name)
  if (found !== undefined) return found
  const names = toyFunctions.map(candidate => candidate.name).join(', ')
  throw new ConfigError(`There is no function '${name}'; choose one of ${names}.`)
}

/** Uniform samples: x [rows][inputs] row-major in the function's range, y [rows][1]. Equal seeds give equal x. */
export function sampleFunction(
  fn: ToyFunction,
  rows: number,
  seed: number,
): { x: Float64Array; y: Float64Array } {
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw new ConfigError(`rows is ${rows}; give a whole number of samples, at least 1.`)
  const random = new Random(seed, SAMPLE_STREAM)
  const [low, high] = fn.range
  const x = new Float64Array(rows * fn.inputs)
  const y = new Float64Array(rows)
  for (let i = 0; i < x.length; i++) x[i] = low + (high - low) * random.uniform()
  for (let row = 0; row < rows; row++)
    y[row] = fn.evaluate(x.subarray(row * fn.inputs, (row + 1) * fn.inputs))
  return { x, y }
}
