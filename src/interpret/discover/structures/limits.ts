import { fold } from '../../../formula/index.ts'
import type { Expression } from '../../../formula/index.ts'
import { resolveLibrary } from '../../curves/library.ts'
import type { LibraryChoice } from '../../curves/library.ts'
import type { LogScales } from '../logscale.ts'
import type { TargetTransform } from './targets.ts'

/** What formulas may be made of where the user has chosen the functions. */
export interface Limits {
  /** Whether the target may be said through this transform: 1/y always, the others where the library has the way back. */
  readonly allowsTarget: (target: Pick<TargetTransform, 'name' | 'ofLog'>) => boolean
  /** Whether a formula has no other functions and exponents. */
  readonly allows: (expression: Expression) => boolean
}

/** Functions of the formula language that each way back from a transform needs one of. */
const WAYS_BACK: ReadonlyMap<TargetTransform['name'], readonly string[]> = new Map([
  ['log y', ['exp']],
  ['y^2', ['sqrt']],
  ['1/y^2', ['sqrt']],
  ['sin y', ['asin']],
])
/** What the normal form writes one for the other. */
const SAME: readonly (readonly string[])[] = [
  ['sin', 'cos'],
  ['asin', 'acos'],
  ['gaussian', 'exp'],
]

/**
 * The limits that a choice of functions sets: its functions (sine and cosine are one but for the phase), the exponents in them
 * and these times each other, as functions of functions give them, and any exponent where it has both exp and log. Sums,
 * products, quotients and multiples are always allowed. Without a choice there are none.
 */
export function limitsOf(library: LibraryChoice | undefined, log?: LogScales): Limits {
  if (library === undefined) return { allowsTarget: () => true, allows: () => true }
  const expressions = resolveLibrary(library).map(({ expression }) => expression)
  const called = new Set(expressions.flatMap(callsOf))
  const own = new Set(expressions.flatMap(exponentsOf))
  // Who asks for a logarithmic scale has both ways allowed.
  if (log?.output === true || log?.inputs.includes(true)) for (const name of ['exp', 'log']) called.add(name)
  if (called.has('gaussian')) own.add(2)
  for (const same of SAME) if (same.some(name => called.has(name))) same.forEach(name => called.add(name))
  const exponents = new Set([1, ...own, ...[...own].flatMap(p => [...own].map(q => p * q))])
  if (own.has(0.5)) called.add('sqrt')
  const anyExponent = called.has('exp') && called.has('log')
  return {
    allowsTarget: ({ name, ofLog }) =>
      (WAYS_BACK.get(ofLog?.name ?? name) ?? []).every(call => called.has(call)),
    allows: expression =>
      callsOf(expression).every(call => called.has(call) || (call === 'sqrt' && anyExponent)) &&
      (anyExponent || exponentsOf(expression).every(exponent => exponents.has(exponent))),
  }
}

function callsOf(expression: Expression): string[] {
  const names: string[] = []
  fold<undefined>(expression, node => {
    if (node.kind === 'call') names.push(node.name)
    return undefined
  })
  return names
}

/** The sizes of exponents, a root's among them; NaN for one that is no number. */
function exponentsOf(expression: Expression): number[] {
  const sizes: number[] = []
  fold<undefined>(expression, node => {
    if (node.kind === 'call' && node.name === 'sqrt') sizes.push(0.5)
    if (node.kind === 'power') {
      const exponent = node.right.kind === 'negate' ? node.right.argument : node.right
      sizes.push(exponent.kind === 'number' ? Math.abs(exponent.value) : NaN)
    }
    return undefined
  })
  return sizes
}
