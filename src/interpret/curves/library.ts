import { ConfigError } from '../../errors.ts'
import { parse, size, variables } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { listed, suggestion } from '../../formula/names.ts'
import { findPiece } from './domain.ts'
import { scalar } from './scalar.ts'

/** A known function f that may stand for an edge's curve as c f(a x + b) + d. */
export interface LibraryFunction {
  /** What users call it; case-sensitive. */
  readonly name: string
  /** f as a formula of u: its value, and by derive its slope. */
  readonly formula: string
  /** How much it costs beside a straight line (1): see the score in suggest.ts. Default: the number of nodes of its tree. */
  readonly complexity?: number
  /**
   * Where u may be: one piece of the line on which f is finite, without its poles. Curves are fitted with every row inside. Of
   * functions that are odd or even about a pole, one side is enough. Default: the piece that has u = 1, as far as trying tells.
   */
  readonly domain?: Domain
}

/** An interval of u. An end that is closed may be reached; from an open one (a pole, log's 0) rows keep a distance. */
export interface Domain {
  readonly low: number
  readonly high: number
  readonly closed: boolean
}

/** A library function with everything filled in. */
export interface SymbolicFunction {
  readonly name: string
  readonly formula: string
  readonly expression: Expression
  readonly complexity: number
  readonly domain: Domain
}

const LINE: Domain = { low: -Infinity, high: Infinity, closed: false }
const POSITIVE: Domain = { low: 0, high: Infinity, closed: false }
const NOT_NEGATIVE: Domain = { low: 0, high: Infinity, closed: true }
const UNIT: Domain = { low: -1, high: 1, closed: true }

/**
 * pykan 0.2.8's SYMBOLIC_LIB with its complexities, cosh (which it has too, commented out) and the Bessel function J0. '0'
 * removes an edge but for a constant.
 */
const standard: readonly LibraryFunction[] = [
  { name: '0', formula: '0', complexity: 0 },
  { name: 'x', formula: 'u', complexity: 1 },
  { name: 'x^2', formula: 'u^2', complexity: 2 },
  { name: 'x^3', formula: 'u^3', complexity: 3 },
  { name: 'x^4', formula: 'u^4', complexity: 3 },
  { name: 'x^5', formula: 'u^5', complexity: 3 },
  { name: '1/x', formula: '1/u', complexity: 2, domain: POSITIVE },
  { name: '1/x^2', formula: '1/u^2', complexity: 2, domain: POSITIVE },
  { name: '1/x^3', formula: '1/u^3', complexity: 3, domain: POSITIVE },
  { name: '1/x^4', formula: '1/u^4', complexity: 4, domain: POSITIVE },
  { name: '1/x^5', formula: '1/u^5', complexity: 5, domain: POSITIVE },
  { name: 'sqrt', formula: 'sqrt(u)', complexity: 2, domain: NOT_NEGATIVE },
  { name: 'x^1.5', formula: 'u*sqrt(u)', complexity: 4, domain: NOT_NEGATIVE },
  { name: '1/sqrt(x)', formula: '1/sqrt(u)', complexity: 2, domain: POSITIVE },
  { name: 'exp', formula: 'exp(u)', complexity: 2 },
  { name: 'log', formula: 'log(u)', complexity: 2, domain: POSITIVE },
  { name: 'abs', formula: 'abs(u)', complexity: 3 },
  { name: 'sin', formula: 'sin(u)', complexity: 2 },
  { name: 'cos', formula: 'cos(u)', complexity: 2 },
  {
    name: 'tan',
    formula: 'tan(u)',
    complexity: 3,
    domain: { low: -Math.PI / 2, high: Math.PI / 2, closed: false },
  },
  { name: 'tanh', formula: 'tanh(u)', complexity: 3 },
  { name: 'sgn', formula: 'sign(u)', complexity: 3 },
  { name: 'arcsin', formula: 'asin(u)', complexity: 4, domain: UNIT },
  { name: 'arccos', formula: 'acos(u)', complexity: 4, domain: UNIT },
  { name: 'arctan', formula: 'atan(u)', complexity: 4 },
  { name: 'arctanh', formula: 'atanh(u)', complexity: 4, domain: { ...UNIT, closed: false } },
  { name: 'gaussian', formula: 'gaussian(u)', complexity: 3 },
  { name: 'cosh', formula: 'cosh(u)', complexity: 4 },
  { name: 'j0', formula: 'besselj0(u)', complexity: 5 },
]

/** Known by name, for those who ask for them; suggestions do not try them of their own accord. */
const further: readonly LibraryFunction[] = [
  { name: 'sinh', formula: 'sinh(u)', complexity: 4 },
  { name: 'arcsinh', formula: 'asinh(u)', complexity: 4 },
  { name: 'arccosh', formula: 'acosh(u)', complexity: 4, domain: { low: 1, high: Infinity, closed: true } },
  { name: 'cbrt', formula: 'cbrt(u)', complexity: 4 },
  { name: 'erf', formula: 'erf(u)', complexity: 4 },
  { name: 'sigmoid', formula: 'sigmoid(u)', complexity: 4 },
  { name: 'silu', formula: 'silu(u)', complexity: 5 },
  { name: 'relu', formula: 'relu(u)', complexity: 3 },
  { name: 'j1', formula: 'besselj1(u)', complexity: 5 },
]

/** Other names of library functions: pykan's doublets, and the names of the formula language. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['zero', '0'],
  ['x^0.5', 'sqrt'],
  ['1/x^0.5', '1/sqrt(x)'],
  ['sign', 'sgn'],
  ['ln', 'log'],
  ['asin', 'arcsin'],
  ['acos', 'arccos'],
  ['atan', 'arctan'],
  ['atanh', 'arctanh'],
  ['asinh', 'arcsinh'],
  ['acosh', 'arccosh'],
  ['besselj0', 'j0'],
  ['J0', 'j0'],
  ['besselj1', 'j1'],
  ['J1', 'j1'],
])

/** The library that suggestions come from unless another is given. */
export const standardLibrary: readonly SymbolicFunction[] = standard.map(onLine)

const everyName: ReadonlyMap<string, SymbolicFunction> = new Map(
  [...standardLibrary, ...further.map(onLine)].map(known => [known.name, known]),
)

/** Every name of the library, those that suggestions try of their own accord first. */
export const libraryNames: readonly string[] = [...everyName.keys()]

/** How messages say what a function of one's own looks like. */
export const OWN_FUNCTION = "{ name: 'lorentz', formula: '1/(1 + u^2)' }"

/** What users may name as functions: names of the library, and functions of their own. */
export type LibraryChoice = readonly (string | LibraryFunction)[]

/**
 * A function by its name, first among the user's own, then in webkan's library. Names are case-sensitive.
 * Throws ConfigError with the nearest name and those there are.
 */
export function findFunction(name: string, own: readonly SymbolicFunction[] = []): SymbolicFunction {
  const found =
    own.find(known => known.name === name) ?? everyName.get(name) ?? everyName.get(otherNames.get(name) ?? '')
  if (found !== undefined) return found
  const names = [...own.map(known => known.name), ...everyName.keys()]
  const question = suggestion(name, [...names, ...otherNames.keys()])
  throw new ConfigError(
    `There is no function '${name}' in the library.${question} It has ${listed(names)}; give a function of your own as ${OWN_FUNCTION}.`,
  )
}

/** A choice of functions, in its order, each once; without one the standard library. Throws ConfigError. */
export function resolveLibrary(choice?: LibraryChoice): readonly SymbolicFunction[] {
  if (choice === undefined) return standardLibrary
  if (choice.length === 0)
    throw new ConfigError(
      `The library is an empty list; give names and functions: ['x', 'sin', { name: 'lorentz', formula: '1/(1 + u^2)' }].`,
    )
  const chosen = new Map<string, SymbolicFunction>()
  for (const entry of choice) {
    const known = typeof entry === 'string' ? findFunction(entry) : complete(entry)
    chosen.set(known.name, known)
  }
  return [...chosen.values()]
}

/** One of our own: without a domain, on all of the line. */
function onLine(known: LibraryFunction): SymbolicFunction {
  return complete({ domain: LINE, ...known })
}

/** Checks a function and fills in what it leaves out. Throws ConfigError. */
export function complete({ name, formula, complexity, domain: given }: LibraryFunction): SymbolicFunction {
  if (typeof name !== 'string' || name === '' || typeof formula !== 'string')
    throw new ConfigError(
      `A library function is ${JSON.stringify({ name, formula })}; it needs a name and a formula of u: ${OWN_FUNCTION}.`,
    )
  const expression = parse(formula)
  const strange = variables(expression).find(variable => variable !== 'u')
  if (strange !== undefined)
    throw new ConfigError(
      `The formula of the library function '${name}' has the variable '${strange}'; write it in u, as in '1/(1 + u^2)'.`,
    )
  const cost = complexity ?? size(expression)
  if (typeof cost !== 'number' || !(cost >= 0) || cost === Infinity)
    throw new ConfigError(
      `The complexity of the library function '${name}' is ${cost}; give a number of at least 0 (a straight line has 1).`,
    )
  const domain = given ?? findPiece(scalar(expression))
  if (!(domain.low < domain.high))
    throw new ConfigError(
      `The domain of the library function '${name}' is from ${domain.low} to ${domain.high}; its low end must be below its high one.`,
    )
  return { name, formula, expression, complexity: cost, domain }
}
