/**
 * evaluateBases of ../bases.ts for cubics in WebAssembly: the same search, sort and Horner's rule, operation by operation, two bases
 * at a time; the base function for two rows at a time.
 *
 * silu(t) = t sigma, sigma = 1 / (1 + e^-t). With n = round(z / ln 2) and r = z - n ln 2, |r| <= 0.3466,
 *
 *     e^z = 2^n sum_(k <= 13) r^k / k!          remainder 0.3466^14 / 14! = 4e-18 of it
 *
 * ln 2 in two parts, of which the first has 20 zeros at its end, so that n times it is exact. Beyond -708 e^z counts as
 * e^-708 (beside the 1, nothing), from 709.5 on as infinity (and sigma as 0).
 *
 * Addresses are in bytes. Preconditions: two more rows than `size` fit below the stride; `constants` holds baseConstants.
 */
import { either, f64, f64x2, get, i32, repeatWhile, Scope, set, when } from './assembler.ts'
import type { Code, Local, ModuleFunction } from './assembler.ts'

const PARAMETERS = (
  'inputs size rowStride runs knotsPerInput base withSlopes constants x knots pieces order starts cells next values ' +
  'slopes'
).split(' ')

/** What `base` is, in this order. */
export const BASES = ['zero', 'identity', 'silu'] as const

const DEGREE = 3
/** Of a local polynomial: start, 1 / length, [power][basis]. */
const PIECE_BYTES = 8 * 18
const TERM_BYTES = 8 * 5

const POLYNOMIAL = 14
const NAMED = {
  log2e: 14,
  ln2High: 15,
  ln2Low: 16,
  least: 17,
  most: 18,
  one: 19,
  two: 20,
  three: 21,
} as const

/** A piece of zeros, then every constant twice: 18 + 2 * 22 numbers. */
export function baseConstants(): Float64Array {
  const constants = new Float64Array(18 + 2 * 22)
  const put = (index: number, value: number): void =>
    void constants.fill(value, 18 + 2 * index, 20 + 2 * index)
  for (let k = 0, factorial = 1; k < POLYNOMIAL; k++, factorial *= k) put(k, 1 / factorial)
  put(NAMED.log2e, Math.LOG2E)
  // The parts of ln 2 that fdlibm's e_exp.c uses.
  put(NAMED.ln2High, 6.9314718036912381649e-1)
  put(NAMED.ln2Low, 1.90821492927058770002e-10)
  put(NAMED.least, -708)
  put(NAMED.most, 710)
  put(NAMED.one, 1)
  put(NAMED.two, 2)
  put(NAMED.three, 3)
  return constants
}

export function bases(): ModuleFunction {
  const scope = new Scope(PARAMETERS.length)
  const of = (name: string): Code => get(scope.param(PARAMETERS.indexOf(name)))
  const constant = (index: number): Code => f64x2.load(of('constants'), 8 * 18 + 16 * index)
  const named = (name: keyof typeof NAMED): Code => constant(NAMED[name])
  const { i, b, s, low, high, middle, run, sum, at } = scope.locals(
    'i32',
    'i',
    'b',
    's',
    'low',
    'high',
    'middle',
    'run',
    'sum',
    'at',
  )
  const { xs, knots, pieces, order, starts, values, slopes } = scope.locals(
    'i32',
    'xs',
    'knots',
    'pieces',
    'order',
    'starts',
    'values',
    'slopes',
  )
  const { first, last, scale, x } = scope.locals('f64', 'first', 'last', 'scale', 'x')

  const bump = (local: Local, by: Code): Code => set(local, i32.add(get(local), by))
  const index = (base: Code, place: Local, shift: 2 | 3): Code => i32.add(base, i32.shl(get(place), shift))
  const knot = (place: Local): Code => f64.load(index(get(knots), place, 3))
  const firstBasis = i32.max(
    i32.const(0),
    i32.min(i32.sub(of('runs'), i32.const(1)), i32.sub(get(s), i32.const(DEGREE))),
  )

  /** s = the knot interval of x, -1 outside: see findInterval. */
  const findInterval = either(
    i32.and(f64.lessOrEqual(get(first), get(x)), f64.less(get(x), get(last))),
    [
      ...set(s, i32.truncate(f64.mul(f64.sub(get(x), get(first)), get(scale)))),
      ...set(s, i32.min(get(s), i32.sub(of('knotsPerInput'), i32.const(2)))),
      ...when(
        i32.or(f64.less(get(x), knot(s)), f64.lessOrEqual(f64.load(index(get(knots), s, 3), 8), get(x))),
        set(s, i32.const(0)),
        set(high, i32.sub(of('knotsPerInput'), i32.const(1))),
        repeatWhile(
          i32.less(i32.add(get(s), i32.const(1)), get(high)),
          set(middle, i32.shr(i32.add(get(s), get(high)), 1)),
          either(f64.lessOrEqual(knot(middle), get(x)), set(s, get(middle)), set(high, get(middle))),
        ),
      ),
    ],
    set(s, i32.const(-1)),
  )

  const sort: Code = [
    ...set(b, i32.const(0)),
    ...repeatWhile(
      i32.less(get(b), of('runs')),
      i32.store(index(of('next'), b, 2), i32.const(0)),
      bump(b, i32.const(1)),
    ),
    ...set(b, i32.const(0)),
    ...repeatWhile(
      i32.less(get(b), of('size')),
      set(x, f64.load(index(get(xs), b, 3))),
      findInterval,
      i32.store(index(of('cells'), b, 2), get(s)),
      set(low, firstBasis),
      set(at, index(of('next'), low, 2)),
      i32.store(get(at), i32.add(i32.load(get(at)), i32.const(1))),
      bump(b, i32.const(1)),
    ),
    ...set(sum, i32.const(0)),
    ...set(run, i32.const(0)),
    ...repeatWhile(
      i32.less(get(run), of('runs')),
      set(at, index(of('next'), run, 2)),
      set(low, i32.load(get(at))),
      i32.store(get(at), get(sum)),
      i32.store(index(get(starts), run, 2), get(sum)),
      bump(sum, get(low)),
      bump(run, i32.const(1)),
    ),
    ...i32.store(index(get(starts), run, 2), get(sum)),
    ...set(b, i32.const(0)),
    ...repeatWhile(
      i32.less(get(b), of('size')),
      set(s, i32.load(index(of('cells'), b, 2))),
      set(low, firstBasis),
      set(at, index(of('next'), low, 2)),
      set(low, i32.load(get(at))),
      i32.store(get(at), i32.add(get(low), i32.const(1))),
      i32.store(index(get(order), low, 2), get(b)),
      bump(b, i32.const(1)),
    ),
  ]

  const { t, u, h, cube, square, linear } = scope.locals('v128', 't', 'u', 'h', 'cube', 'square', 'linear')

  /** ((a u + b) u + c) u + d and h ((3 a u + 2 b) u + c) of the four bases, to the terms at `offset`. */
  const cubics = (row: Local, offset: number): Code => [
    ...set(s, i32.load(index(of('cells'), row, 2))),
    ...set(low, i32.lessSigned(get(s), i32.const(0))),
    ...set(
      at,
      i32.select(get(low), of('constants'), i32.add(get(pieces), i32.mul(get(s), i32.const(PIECE_BYTES)))),
    ),
    ...set(h, f64x2.splat(get(at), 8)),
    ...set(
      u,
      f64x2.select(
        get(low),
        f64x2.zero,
        f64x2.mul(f64x2.sub(f64x2.splat(index(get(xs), row, 3)), f64x2.splat(get(at))), get(h)),
      ),
    ),
    ...[0, 16].flatMap(half => [
      ...set(cube, f64x2.load(get(at), 112 + half)),
      ...set(square, f64x2.load(get(at), 80 + half)),
      ...set(linear, f64x2.load(get(at), 48 + half)),
      ...f64x2.store(
        get(values),
        horner(u, get(cube), get(square), get(linear), f64x2.load(get(at), 16 + half)),
        offset + half,
      ),
      ...when(
        of('withSlopes'),
        f64x2.store(
          get(slopes),
          f64x2.mul(
            horner(
              u,
              f64x2.mul(named('three'), get(cube)),
              f64x2.mul(named('two'), get(square)),
              get(linear),
            ),
            get(h),
          ),
          offset + half,
        ),
      ),
    ]),
  ]

  const [n, r, r2, r4, sigma] = [u, h, cube, square, linear]
  /** sum_(j < 2^levels) r^j / (from + j)!, in pairs (Estrin). */
  const series = (from: number, count: number): Code => {
    if (count === 2) return f64x2.add(constant(from), f64x2.mul(get(r), constant(from + 1)))
    const half = count > 4 ? 4 : 2
    const power = half === 4 ? r4 : r2
    return f64x2.add(series(from, half), f64x2.mul(get(power), series(from + half, count - half)))
  }
  const exponential = (z: Code): Code => [
    ...set(r, f64x2.min(f64x2.max(z, named('least')), named('most'))),
    ...set(n, f64x2.nearest(f64x2.mul(get(r), named('log2e')))),
    ...set(r, f64x2.sub(get(r), f64x2.mul(get(n), named('ln2High')))),
    ...set(r, f64x2.sub(get(r), f64x2.mul(get(n), named('ln2Low')))),
    ...set(r2, f64x2.mul(get(r), get(r))),
    ...set(r4, f64x2.mul(get(r2), get(r2))),
    ...f64x2.mul(series(0, POLYNOMIAL), f64x2.powerOfTwo(get(n))),
  ]
  const storeBase = (address: Local, value: Code): Code => [
    ...set(cube, value),
    ...f64x2.storeOne(get(address), get(cube), 32),
    ...f64x2.storeSecond(get(address), get(cube), 32 + TERM_BYTES),
  ]
  /** b(t) and b'(t) = sigma (1 + t (1 - sigma)) of two rows. */
  const baseFunction = either(
    i32.equal(of('base'), i32.const(BASES.indexOf('silu'))),
    [
      ...set(sigma, f64x2.div(named('one'), f64x2.add(named('one'), exponential(f64x2.negate(get(t)))))),
      ...storeBase(values, f64x2.mul(get(t), get(sigma))),
      ...when(
        of('withSlopes'),
        storeBase(
          slopes,
          f64x2.mul(
            get(sigma),
            f64x2.add(named('one'), f64x2.mul(get(t), f64x2.sub(named('one'), get(sigma)))),
          ),
        ),
      ),
    ],
    either(
      of('base'),
      [...storeBase(values, get(t)), ...when(of('withSlopes'), storeBase(slopes, named('one')))],
      [...storeBase(values, f64x2.zero), ...when(of('withSlopes'), storeBase(slopes, f64x2.zero))],
    ),
  )

  const input: Code = [
    ...set(first, f64.load(get(knots))),
    ...set(sum, i32.sub(of('knotsPerInput'), i32.const(1))),
    ...set(last, knot(sum)),
    ...set(scale, f64.div(i32.toF64(get(sum)), f64.sub(get(last), get(first)))),
    ...sort,
    ...set(b, i32.const(0)),
    ...repeatWhile(
      i32.less(get(b), of('size')),
      set(high, index(get(order), b, 2)),
      set(middle, i32.load(get(high), 4)),
      set(high, i32.load(get(high))),
      set(t, f64x2.pair(index(get(xs), high, 3), index(get(xs), middle, 3))),
      cubics(high, 0),
      cubics(middle, TERM_BYTES),
      baseFunction,
      bump(values, i32.const(2 * TERM_BYTES)),
      bump(slopes, i32.const(2 * TERM_BYTES)),
      bump(b, i32.const(2)),
    ),
  ]

  const place = (base: string, count: Code, size: number): Code =>
    i32.add(of(base), i32.mul(i32.mul(get(i), count), i32.const(size)))
  const code: Code = [
    ...set(i, i32.const(0)),
    ...repeatWhile(
      i32.less(get(i), of('inputs')),
      set(xs, place('x', of('rowStride'), 8)),
      set(knots, place('knots', of('knotsPerInput'), 8)),
      set(pieces, place('pieces', i32.sub(of('knotsPerInput'), i32.const(1)), PIECE_BYTES)),
      set(order, place('order', of('rowStride'), 4)),
      set(starts, place('starts', i32.add(of('runs'), i32.const(1)), 4)),
      set(values, place('values', of('rowStride'), TERM_BYTES)),
      set(slopes, place('slopes', of('rowStride'), TERM_BYTES)),
      input,
      bump(i, i32.const(1)),
    ),
  ]
  return { name: 'bases', scope, code }
}

/** Horner's rule at u, highest power first. */
function horner(u: Local, ...coefficients: [Code, ...Code[]]): Code {
  return coefficients.reduce((sum, next) => f64x2.add(f64x2.mul(sum, get(u)), next))
}
