import {
  add,
  call,
  constant,
  divide,
  functionNames,
  functions,
  multiply,
  negate,
  number,
  power,
  subtract,
  variable,
} from '../../src/formula/index.ts'
import type { Expression, FunctionName } from '../../src/formula/index.ts'
import type { Random } from '../../src/random.ts'

/** One of the values. */
export function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.integer(values.length)]!
}

/** What a random tree is made of. */
export interface Ingredients {
  readonly numbers: readonly number[]
  readonly names: readonly string[]
  readonly calls: readonly FunctionName[]
}

const everything: Ingredients = {
  numbers: [0, -0, 1, -1, 2, -2.5, 0.1, 1 / 3, 1e21, -1e-7, 5e-324, Number.MAX_VALUE, 123456789.125],
  // Names that would be read otherwise without quotes stand beside plain ones.
  names: ['x1', 'x', 'theta_0', 'Größe', 'e', 'pi', 'sin', 'PI', 'J0', 'x₁', 'period days', 'a`b', '`', '2x'],
  calls: functionNames,
}

const operators = [add, subtract, multiply, divide, power]

/** A random tree of any nodes, at most `depth` levels below its root. */
export function randomTree(random: Random, depth: number, from: Ingredients = everything): Expression {
  const kind = depth === 0 ? random.integer(3) : random.integer(10)
  const part = (): Expression => randomTree(random, depth - 1, from)
  if (kind === 0) return number(pick(random, from.numbers))
  if (kind === 1) return constant(pick(random, ['pi', 'e']))
  if (kind === 2) return variable(pick(random, from.names))
  if (kind === 3) return negate(part())
  if (kind <= 5) {
    const name = pick(random, from.calls)
    return call(name, ...functions[name].derivatives.map(part))
  }
  return pick(random, operators)(part(), part())
}
