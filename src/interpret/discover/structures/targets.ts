import { call } from '../../../formula/index.ts'
import { expForm, expressionOf, formOf, raisedForm } from '../reading/affine.ts'
import type { AffineForm } from '../reading/affine.ts'
import { showsPole } from '../reading/jumps.ts'

/**
 * What a network is trained to say instead of the target y: a network of log y that only adds is a product, one of 1/y adds
 * reciprocals, one of y^2 is a distance before its root. Each is a last edge with a known function.
 */
export interface TargetTransform<Name extends string = string> {
  readonly name: Name
  /** Whether every target has a value, and the way back is the only one. */
  readonly fits: (y: ArrayLike<number>) => boolean
  readonly forward: (y: number) => number
  readonly inverse: (t: number) => number
  /** The way back, of a formula. */
  readonly undo: (form: AffineForm) => AffineForm
  /** The way back as an edge's function: its name in the library, and its formula of u. */
  readonly edge: { readonly name: string; readonly formula: string }
  /** What it does to log y, where the target is on a logarithmic scale: `edge` leads back to that. */
  readonly ofLog?: TargetTransform
}

/** The transforms there are. */
export type TargetName = 'y' | 'log y' | '1/y' | 'y^2' | '1/y^2' | 'sin y'

/** Whether every value is so; no list of arguments or copies, as rows may be many. */
function all(y: ArrayLike<number>, holds: (value: number) => boolean): boolean {
  for (let r = 0; r < y.length; r++) if (!holds(y[r]!)) return false
  return true
}

const positive = (y: ArrayLike<number>): boolean => all(y, value => value > 0)

/** Values of a smooth function that has both signs come nearer to 0 than this share of their median size. */
const NEAR_ZERO = 0.1

/** Whether values go from one sign to the other through a pole between rows: their sizes then have no end above, and one below. */
function jumpsSign(y: ArrayLike<number>): boolean {
  const sizes = Float64Array.from(y, Math.abs).sort()
  const hasBoth = !all(y, value => value > 0) && !all(y, value => value < 0)
  return hasBoth && sizes[0]! > NEAR_ZERO * sizes[sizes.length >> 1]! && showsPole(y)
}

/** Those there are, the simplest first. */
export const targetTransforms: readonly TargetTransform<TargetName>[] = [
  {
    name: 'y',
    fits: () => true,
    forward: y => y,
    inverse: t => t,
    edge: { name: 'x', formula: 'u' },
    undo: form => form,
  },
  {
    name: 'log y',
    fits: positive,
    forward: Math.log,
    inverse: Math.exp,
    edge: { name: 'exp', formula: 'exp(u)' },
    undo: expForm,
  },
  {
    name: '1/y',
    fits: y => positive(y) || jumpsSign(y),
    forward: y => 1 / y,
    inverse: t => 1 / t,
    edge: { name: '1/x', formula: '1/u' },
    undo: form => raisedForm(form, -1),
  },
  {
    name: 'y^2',
    fits: y => all(y, value => value >= 0),
    forward: y => y * y,
    inverse: t => Math.sqrt(Math.max(t, 0)),
    edge: { name: 'sqrt', formula: 'sqrt(u)' },
    undo: form => raisedForm(form, 0.5),
  },
  {
    name: '1/y^2',
    fits: positive,
    forward: y => 1 / (y * y),
    inverse: t => 1 / Math.sqrt(t),
    edge: { name: '1/sqrt(x)', formula: '1/sqrt(u)' },
    undo: form => raisedForm(form, -0.5),
  },
  {
    name: 'sin y',
    // Values that fill the arcsine's range: angles.
    fits: y => all(y, value => Math.abs(value) <= Math.PI / 2) && !all(y, value => value <= 1),
    forward: Math.sin,
    inverse: Math.asin,
    edge: { name: 'arcsin', formula: 'asin(u)' },
    undo: form => formOf(call('asin', expressionOf(form))),
  },
]
