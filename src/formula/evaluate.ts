import { ShapeError } from '../errors.ts'
import { functions } from './functions.ts'
import { assemble } from './program.ts'
import type { Expression } from './tree.ts'
import { code } from './vectors.ts'
import type { Operation } from './vectors.ts'

/** The value of a formula at the numbers x[start], x[start + 1], ..: one a variable, in the order given to compile. */
export type CompiledFormula = (x: ArrayLike<number>, start?: number) => number

interface Step extends Operation {
  /** The function of a call. */
  readonly value: (u: number, v: number) => number
}

/**
 * Makes a function of the formula: a list of instructions over registers, run by one loop (never eval). Equal subtrees are
 * computed once. u^2 is u*u, which is faster and rounds correctly; other powers are Math.pow's. Values that do not
 * exist, and rows that are too short, give NaN.
 *
 * `variables` name the numbers of a row; not all need occur. Throws ConfigError for a variable that is not among them.
 */
export function compile(expression: Expression, variables: readonly string[]): CompiledFormula {
  const program = assemble([expression], variables)
  const { loads } = program
  const result = program.results[0]!
  const steps = program.instructions.map((instruction): Step => {
    const { name } = instruction
    return { ...instruction, value: name === undefined ? Math.abs : functions[name].value }
  })
  const values = Float64Array.from(program.initial)
  return (x, start = 0) => {
    for (const { target, column } of loads) values[target] = x[start + column]!
    for (const step of steps) values[step.target] = execute(step, values[step.left]!, values[step.right]!)
    return values[result]!
  }
}

function execute({ code: kind, value }: Step, u: number, v: number): number {
  switch (kind) {
    case code.add:
      return u + v
    case code.subtract:
      return u - v
    case code.multiply:
      return u * v
    case code.divide:
      return u / v
    case code.power:
      return u ** v
    case code.square:
      return u * u
    case code.negate:
      return -u
    default:
      return value(u, v)
  }
}

/**
 * The formula at every row of x, row-major [rows][variables]; values that do not exist are NaN. Throws ConfigError as
 * compile does, and ShapeError when x has not rows * variables numbers.
 */
export function evaluateRows(
  expression: Expression,
  variables: readonly string[],
  x: ArrayLike<number>,
  rows: number,
): Float64Array {
  const inputs = variables.length
  if (!Number.isSafeInteger(rows) || rows < 0)
    throw new ShapeError(`rows is ${rows}; give a whole number, at least 0.`)
  if (x.length !== rows * inputs)
    throw new ShapeError(
      `x has ${x.length} numbers; ${rows} rows of ${inputs} variables need ${rows * inputs}.`,
    )
  const formula = compile(expression, variables)
  const y = new Float64Array(rows)
  for (let row = 0; row < rows; row++) y[row] = formula(x, row * inputs)
  return y
}
