import { call, children, complexity, divide, fold, multiply, negative, number } from '../../formula/index.ts'
import { power, size, sum, toText, variables, withChildren } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { inDigits, mapOf, mapThrough, rebased, rounded, scaled, valueOf, written } from './affinemaps.ts'
import type { AffineMap } from './affinemaps.ts'
import type { LevelGroup, Levels } from './levels.ts'

/** Larger formulas stay as they are: nobody reads them. */
const LARGEST = 300

/**
 * The formula with affine maps in the place of other functions of the levels u, v of one text, of which one at most is 1, so that
 *
 *     f(u, v) = f(0, 0) + (f(1, 0) - f(0, 0)) u + (f(0, 1) - f(0, 0)) v
 *
 * on every row. In a product all factors that are functions of one text become one, exp(a u + b v + x) being the product
 * (1 + (e^a - 1) u + (e^b - 1) v) exp(x). A map that stands alone above or below a fraction's line stays there; none is taken that
 * makes the formula more complex.
 */
export function withLevels(expression: Expression, levels: Levels): Expression {
  if (!(size(expression) <= LARGEST) || !variables(expression).some(name => levels.has(name)))
    return expression
  return fold<Expression>(expression, (node, parts) => {
    const isSame = children(node).every((child, c) => child === parts[c])
    const own = isSame ? node : productOf([{ base: withChildren(node, parts), isBelow: false }])
    const tried = gathered(own, levels) ?? mapped(own, levels)
    // The numbers before it may go into the map.
    const least = tried && complexity(withNumbersInside(tried, levels))
    return tried !== undefined && least! <= complexity(own) ? tried : own
  })
}

/** The sum with terms that are alike but for the levels of one text as one: x - u x/2 - 3 v x is x (1 - u/2 - 3 v). */
function gathered(node: Expression, levels: Levels): Expression | undefined {
  if (node.kind !== 'add' && node.kind !== 'subtract') return undefined
  const alike = new Map<string, { readonly rest: readonly Factor[]; readonly own: Expression[] }>()
  for (const term of termsOf(node)) {
    const factors = signedFactorsOf(term)
    const isOwn = ({ base }: Factor): boolean => base.kind === 'number' || groupOf(base, levels) !== undefined
    const rest = factors.filter(factor => !isOwn(factor))
    const key = toText(productOf(rest))
    const same = alike.get(key)
    const own = productOf(factors.filter(isOwn))
    if (same === undefined) alike.set(key, { rest, own: [own] })
    else same.own.push(own)
  }
  let isOther = false
  const terms = [...alike.values()].map(({ rest, own }) => {
    const all = own.reduce((total, one) => sum(total, one))
    const map = rest.length > 0 && own.length > 1 && groupOf(all, levels) ? mapThrough(all) : undefined
    if (map) isOther = true
    return productOf([...rest, { base: map ? written(map) : all, isBelow: false }])
  })
  const tried = isOther ? terms.reduce((total, term) => sum(total, term)) : node
  return complexity(tried) < complexity(node) ? tried : undefined
}

function signedFactorsOf(term: Expression): Factor[] {
  return term.kind === 'negate'
    ? [{ base: number(-1), isBelow: false }, ...factorsOf(term.argument)]
    : factorsOf(term)
}

/** The product with one affine map for each text; undefined where it has no others. */
function mapped(node: Expression, levels: Levels): Expression | undefined {
  const rest: Factor[] = []
  const groups = new Map<LevelGroup, Factor[]>()
  for (const factor of factorsOf(node).flatMap(one => split(one, levels))) {
    const group = groupOf(factor.base, levels)
    const same = group && groups.get(group)
    if (group === undefined) rest.push(factor)
    else if (same === undefined) groups.set(group, [factor])
    else same.push(factor)
  }
  let isOther = false
  for (const own of groups.values()) {
    const isMap = own.length === 1 && mapOf(own[0]!.base) !== undefined
    const map = isMap ? undefined : mapThrough(productOf(own))
    if (map !== undefined) isOther = true
    rest.push(...(map === undefined ? own : [{ base: written(map), isBelow: false }]))
  }
  return isOther ? productOf(rest) : undefined
}

/**
 * The formula with numbers multiplied into the affine maps of levels that they stand before, where that is no more complex:
 * 2 n (1 + u/2) is n (2 + u), and 2.5 n (1 + u) stays.
 */
export function withFactorsInside(expression: Expression, levels: Levels): Expression {
  return fold<Expression>(expression, (node, parts) => withNumbersInside(withChildren(node, parts), levels))
}

function withNumbersInside(node: Expression, levels: Levels): Expression {
  const own = placed(node, levels)
  if (own === undefined || own.factor === 1) return node
  const { map, isBelow, factor, others } = own
  const base = written(rounded(scaled(map, isBelow ? 1 / factor : factor)))
  const tried = productOf([...others, { base, isBelow }])
  return complexity(tried) <= complexity(node) ? tried : node
}

/** The formula with the constants of maps before them: n (2 + u) is 2 n (1 + u/2). */
export function withFactorsBefore(expression: Expression, levels: Levels): Expression {
  return fold<Expression>(expression, (node, parts) => {
    const whole = withChildren(node, parts)
    let before = 1
    let isChanged = false
    const others: Factor[] = []
    const factors = factorsOf(whole)
    for (const factor of factors) {
      const { base, isBelow } = factor
      const map = levelSum(base, levels) ? mapOf(base)! : undefined
      if (map !== undefined && map.constant !== 0 && factors.length > 1) {
        isChanged = true
        before *= map.constant ** (isBelow ? -1 : 1)
        others.push({ base: written(rounded(scaled(map, 1 / map.constant))), isBelow })
      } else if (base.kind === 'number') before *= base.value ** (isBelow ? -1 : 1)
      else others.push(factor)
    }
    return isChanged ? productOf([{ base: number(inDigits(before)), isBelow: false }, ...others]) : whole
  })
}

/** A product's map, the number beside it, and its other factors. */
interface Placed {
  readonly map: AffineMap
  readonly isBelow: boolean
  readonly factor: number
  readonly others: readonly Factor[]
}

function placed(node: Expression, levels: Levels): Placed | undefined {
  const factors = factorsOf(node)
  const found = factors.find(({ base }) => levelSum(base, levels))
  const map = found && mapOf(found.base)
  if (map === undefined || factors.length < 2) return undefined
  const isNumber = ({ base }: Factor): boolean => base.kind === 'number'
  return {
    map,
    isBelow: found!.isBelow,
    factor: valueOf(productOf(factors.filter(isNumber))),
    others: factors.filter(factor => factor !== found && !isNumber(factor)),
  }
}

/**
 * The formula with that level for the one that stands for 0 which makes maps the least complex, of equal ones the one with the
 * fewest minus signs: 2 - wood is glass + 1, where one of them is 1 on every row.
 */
export function withPlainBases(expression: Expression, levels: Levels): Expression {
  return fold<Expression>(expression, (node, parts) => {
    const own = withChildren(node, parts)
    const group = levelSum(own, levels) ? groupOf(own, levels) : undefined
    if (!group?.isComplete) return own
    const map = mapOf(own)!
    let best = { tree: own, cost: costOf(own, map) }
    for (const name of group.names) {
      const other = rounded(rebased(map, name, group.names))
      const tree = written(other)
      const cost = costOf(tree, other)
      if (cost < best.cost) best = { tree, cost }
    }
    return best.tree
  })
}

/** A minus sign weighs less than anything that complexity counts. */
function costOf(tree: Expression, { slopes }: AffineMap): number {
  return complexity(tree) + [...slopes.values()].filter(slope => slope < 0).length / (slopes.size + 1)
}

/**
 * The formula with affine maps of levels on the other side of fractions' lines: n/(T (1 + u)) for n (1 - u/2)/T. They say the
 * same where no level makes them 0, and one may have the plainer numbers.
 */
export function withMapsTurned(expression: Expression, levels: Levels): Expression {
  const factors = factorsOf(expression).map(({ base, isBelow }): Factor => {
    const inverse = levelSum(base, levels) && mapThrough(divide(number(1), base))
    if (inverse) return { base: written(inverse), isBelow: !isBelow }
    const parts = children(base).map(part => withMapsTurned(part, levels))
    return { base: withChildren(base, parts), isBelow }
  })
  return productOf(factors)
}

/** A factor of a product, or a divisor. */
interface Factor {
  readonly base: Expression
  readonly isBelow: boolean
}

function factorsOf(node: Expression, isBelow = false): Factor[] {
  if (node.kind === 'multiply') return [...factorsOf(node.left, isBelow), ...factorsOf(node.right, isBelow)]
  if (node.kind === 'divide') return [...factorsOf(node.left, isBelow), ...factorsOf(node.right, !isBelow)]
  return [{ base: node, isBelow }]
}

function productOf(factors: readonly Factor[]): Expression {
  const all = factors.flatMap(({ base, isBelow }) => factorsOf(base, isBelow))
  const side = (below: boolean): Expression =>
    all
      .filter(({ isBelow }) => isBelow === below)
      .reduce<Expression>((total, { base }) => (isOne(total) ? base : multiply(total, base)), number(1))
  const divisor = side(true)
  return isOne(divisor) ? side(false) : divide(side(false), divisor)
}

function isOne(node: Expression): boolean {
  return node.kind === 'number' && node.value === 1
}

/** exp(u + x) as exp(u) exp(x), and 2^(u + x) likewise, where u is a function of the levels of one text. */
function split({ base, isBelow }: Factor, levels: Levels): Factor[] {
  const exponent = exponentOf(base)
  if (exponent === undefined) return [{ base, isBelow }]
  const parts = new Map<LevelGroup | undefined, Expression>()
  for (const term of termsOf(exponent)) {
    const group = groupOf(term, levels)
    parts.set(group, sum(parts.get(group) ?? number(0), term))
  }
  return [...parts.values()].map(part => ({
    base: base.kind === 'power' ? power(base.left, part) : call('exp', part),
    isBelow,
  }))
}

/** v of exp(v), and of 2^v. */
function exponentOf(node: Expression): Expression | undefined {
  if (node.kind === 'power') return node.left.kind === 'number' ? node.right : undefined
  return node.kind === 'call' && node.name === 'exp' ? node.arguments[0] : undefined
}

function termsOf(node: Expression): Expression[] {
  if (node.kind === 'add') return [...termsOf(node.left), ...termsOf(node.right)]
  if (node.kind === 'subtract') return [...termsOf(node.left), ...termsOf(node.right).map(negative)]
  return node.kind === 'negate' ? termsOf(node.argument).map(negative) : [node]
}

/** The text whose levels are all the variables that the formula has. */
function groupOf(node: Expression, levels: Levels): LevelGroup | undefined {
  const [first, ...others] = variables(node)
  const group = first === undefined ? undefined : levels.get(first)
  return group !== undefined && others.every(name => group.names.includes(name)) ? group : undefined
}

/** Whether it is such a map of several terms. */
function levelSum(node: Expression, levels: Levels): boolean {
  const isSum = node.kind === 'add' || node.kind === 'subtract'
  return isSum && groupOf(node, levels) !== undefined && mapOf(node) !== undefined
}
