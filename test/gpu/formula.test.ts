import { beforeAll, describe, expect, it } from 'vitest'
import { compile, fold, format, functionNames, functions, parse, toText } from '../../src/formula/index.ts'
import type { Expression, FunctionName } from '../../src/formula/index.ts'
import { standardLibrary } from '../../src/interpret/curves/library.ts'
import { Random } from '../../src/random.ts'
import { rounding, valueOf } from '../formula/print/condition.ts'
import { randomTree } from '../formula/trees.ts'
import { glslValues, requireWebGl, wgslValues } from './shadervalues.ts'

const names = ['x1', 'x2']

/** float32's rounding, its largest number and its smallest of full precision; anything below may be 0. */
const EPSILON = 2 ** -24
const LARGEST = 3.4028234663852886e38
const SMALLEST = 1.1754943508222875e-38

let device: GPUDevice | undefined
let gl: WebGL2RenderingContext | undefined

beforeAll(async () => {
  const adapter = await navigator.gpu?.requestAdapter()
  if (!adapter) throw new Error('This browser has no WebGPU adapter, so the GPU tests cannot run.')
  device = await adapter.requestDevice()
  gl = requireWebGl()
})

/** The values of the formula by the shader language that is asked for. */
async function shaderValues(
  language: 'wgsl' | 'glsl',
  formula: Expression,
  x: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const run = { program: format(formula, language, { variables: names }), x, variables: names.length }
  return language === 'wgsl' ? wgslValues(device!, run) : glslValues(gl!, run)
}

/**
 * float32 numbers m 2^e nearest to multiples of pi / 2, found by trying all: the very nearest (1.6e-9 from one), some more, and
 * three where the reduction's carry decides.
 */
const nearPi = [
  [16367173, 72],
  [10741887, 11],
  [16573937, -16],
  [12069257, 26],
  [14176128, 26],
  [9860544, 100],
  [16415968, 71],
] as const

/** Rows of float32: every power of two with both signs, multiples of pi, and even steps in three ranges; x2 is shuffled. */
function widePoints(): Float32Array<ArrayBuffer> {
  const points = [0, 1, -1, 1e-30, -1e-20, 3e38, 1e10, -1e5, 5.5e11]
  for (let i = -126; i < 128; i++) points.push(2 ** i, -1.37 * 2 ** i)
  for (let i = 1; i < 100; i++) points.push(i * Math.PI, (-i * Math.PI) / 2)
  for (let i = -200; i < 200; i++) points.push(i / 10.3, i / 1.3, i / 201)
  for (const [mantissa, exponent] of nearPi) points.push(mantissa * 2 ** exponent)
  return Float32Array.from(points.flatMap((x, i) => [x, points[(i * 37) % points.length]!]))
}

/** What the built-in functions of a GPU do with values that have none is not said; of ours it is. */
const builtIn: ReadonlySet<FunctionName> = new Set([
  'sqrt',
  'exp',
  'abs',
  'sign',
  'floor',
  'ceil',
  'min',
  'max',
  'relu',
])

/** What library functions there are that are not one function of u. */
const libraryFormulas = standardLibrary
  .map(({ formula }) => formula)
  .filter(formula => !functionNames.some(name => formula === `${name}(u)`) && !['0', 'u'].includes(formula))

/** A list of what is wrong: values farther off than the bound, and values where there is none. */
function mistakes(
  formula: Expression,
  x: Float32Array,
  values: Float32Array,
  boundAt: (row: number, y: number) => number,
  nan = true,
): { wrong: string[]; compared: number } {
  const exact = compile(formula, names)
  const wrong: string[] = []
  let compared = 0
  for (const [row, value] of values.entries()) {
    const y = exact(x, names.length * row)
    const place = `${toText(formula)} at ${x[2 * row]}, ${x[2 * row + 1]}: ${value} in place of ${y}`
    if (Number.isNaN(y)) {
      if (nan && !Number.isNaN(value)) wrong.push(place)
    } else if (Math.abs(y) > LARGEST) {
      if (!(Math.abs(value) > 0.99 * LARGEST)) wrong.push(place)
    } else if (Math.abs(y) > SMALLEST) {
      compared++
      if (!(Math.abs(value - y) <= boundAt(row, y))) wrong.push(place)
    } else if (!(Math.abs(value) <= 1.001 * SMALLEST)) wrong.push(place)
  }
  return { wrong, compared }
}

describe.each(['wgsl', 'glsl'] as const)('%s', language => {
  it.each(functionNames)('%s is within 1e-4 of its value over all of float32', async name => {
    const formula = parse(functions[name].derivatives.length === 2 ? `${name}(x1, x2)` : `${name}(x1)`)
    const x = widePoints()
    const { wrong, compared } = mistakes(
      formula,
      x,
      await shaderValues(language, formula, x),
      // The zeros of J0 and J1 are no float32 numbers: there the sum's roundings remain, 8 units of the largest term.
      (row, y) =>
        1e-4 * Math.abs(y) +
        (name.startsWith('bessel') ? 8 * EPSILON * Math.min(1, 2 / Math.sqrt(Math.abs(x[2 * row]!))) : 0),
      !builtIn.has(name),
    )
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(name === 'acosh' ? 300 : 400)
  })

  it.each([
    'x1^x2',
    'abs(x1)^x2',
    'x1^2',
    'x1^3',
    'x1^-7',
    'x1^33',
    '(x1 + 0)^-2',
    'x1^0.5',
    'x1^-1.5',
    '2^x1',
    '(-2)^floor(x1)',
    'x1^0',
    'x1^100',
    'x1^2.7',
    'x1^(1/3)',
    'x1^pi',
    'x1^-12.5',
    'e^x1',
    '10^x1',
    '0.3^x1',
  ])('%s is within 1e-4 of its value over all of float32', async text => {
    const formula = parse(text)
    const x = widePoints()
    const { wrong, compared } = mistakes(
      formula,
      x,
      await shaderValues(language, formula, x),
      (_, y) => 1e-4 * Math.abs(y),
    )
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(100)
  })

  // Those of one function have been tried above: these are powers, and products with roots.
  it.each(libraryFormulas)(
    '%s of the library is within 1e-4 of its value over all of float32',
    async text => {
      const formula = parse(text.replaceAll('u', 'x1'))
      const x = widePoints()
      const { wrong, compared } = mistakes(
        formula,
        x,
        await shaderValues(language, formula, x),
        // Beyond that 1/u^n has a u^n that may be 0.
        (_, y) => (Math.abs(y) > 1 / SMALLEST ? Infinity : 1e-4 * Math.abs(y)),
      )
      expect(wrong).toEqual([])
      expect(compared).toBeGreaterThan(100)
    },
  )

  it('computes composed formulas within 1e-4, or what float32 roundings amount to', async () => {
    const random = new Random(5)
    const from = { numbers: [1, -1, 2, 3, -2.5, 0.1, 1 / 3, 7, -0.5], names, calls: functionNames }
    const formulas = [
      ...composed.map(text => parse(text)),
      ...Array.from({ length: 60 }, (_, i) => randomTree(random, 3 + (i % 3), from)),
    ]
    const x = Float32Array.from({ length: 200 }, () => 4 * random.uniform() - 2)
    const wrong: string[] = []
    let [compared, strict] = [0, 0]
    for (const formula of formulas) {
      if (hasNoValue(formula)) continue
      const values = await shaderValues(language, formula, x)
      const exact = compile(formula, names)
      for (const [row, value] of values.entries()) {
        const point = new Map(names.map((name, i) => [name, x[2 * row + i]!]))
        if (!staysInRange(formula, point)) continue
        // An operation errs by up to 2.5 units (division), exp by 3 + 2 |x|, of which 2 |x| is the rounding of its argument.
        const bound = 6 * EPSILON * rounding(formula, point, 2 ** -18).error
        const y = exact(x, 2 * row)
        if (!(bound < 0.01 * Math.max(1, Math.abs(y)))) continue
        compared++
        if (Math.abs(value - y) <= 1e-4 * Math.abs(y)) strict++
        else if (!(Math.abs(value - y) <= bound))
          wrong.push(`${toText(formula)} at ${x[2 * row]}, ${x[2 * row + 1]}: ${value} in place of ${y}`)
      }
    }
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(4000)
    expect(strict / compared).toBeGreaterThan(0.99)
  })
})

const composed = [
  'exp(sin(pi*x1) + x2^2)',
  'sin(100*x1)*tanh(50*x2) + log(abs(x1) + 1e-6)',
  'tanh(x1/0.01) - cos(40*pi*x2)',
  'exp(-x1^2/2)/sqrt(2*pi)',
  '(x1 - 1)^2 + (x2 + 2)^3 - (x1*x2)^4',
  'erf(x1)*besselj0(10*x2) + gaussian(x1 - x2)',
  'log(sigmoid(20*x1)) + silu(5*x2)',
  'sqrt(x1^2 + x2^2 + 1)/(1 + abs(x1))^1.5',
  'atan2(x1, x2) + asin(x1/2.5)*acos(x2/2.5)',
  '1/(1 + exp(-(3*x1 - x2)/0.1))',
  'besselj1(x1*x2*20)^2 + sinh(x1)*cosh(x2)',
  'log10(1e-6 + x1^2) + log2(1 + exp(x2)) + asinh(1000*x1)',
]

/** Whether a part without variables has no value, which the printers refuse. */
function hasNoValue(formula: Expression): boolean {
  return fold<{ varies: boolean; none: boolean }>(formula, (node, parts) => {
    const varies = node.kind === 'variable' || parts.some(part => part.varies)
    return { varies, none: parts.some(part => part.none) || (!varies && !inRange(compile(node, [])([]))) }
  }).none
}

/** Whether every part of the formula is a number that float32 holds. */
function staysInRange(formula: Expression, point: ReadonlyMap<string, number>): boolean {
  let within = true
  fold<number>(formula, (node, [u = NaN, v = NaN]) => {
    const value = valueOf(node, u, v, point)
    if (!inRange(value)) within = false
    return value
  })
  return within
}

function inRange(value: number): boolean {
  const size = Math.abs(value)
  return value === 0 || (size < 1e30 && size > 1e-30)
}
