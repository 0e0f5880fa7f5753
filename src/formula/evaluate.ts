import { ConfigError, ShapeError } from '../errors.ts'
import { constants, functions } from './functions.ts'
import type { FunctionName } from './functions.ts'
import { listed, suggestion } from './names.ts'
import { fold } from './tree.ts'
import type { Expression } from './tree.ts'

/** The value of a formula at the numbers x[start], x[start + 1], ..: one a variable, in the order given to compile. */
export type CompiledFormula = (x: ArrayLike<number>, start?: number) => number

/** What an instruction does with its registers. */
const operation = {
  add: 0,
  subtract: 1,
  multiply: 2,
  divide: 3,
  power: 4,
  square: 5,
  negate: 6,
  call: 7,
} as const

interface Instruction {
  /** The register that gets the result. */
  readonly target: number
  readonly code: number
  readonly left: number
  readonly right: number
  /** The function of a call. */
  readonly value: (u: number, v: number) => number
}

/** Registers, their first values, and the instructions that fill the others in order. */
class Program {
  readonly instructions: Instruction[] = []
  readonly loads: { readonly target: number; readonly column: number }[] = []
  readonly initial: number[] = []
  /** The registers by what they hold, so that equal subtrees share one. */
  readonly #registers = new Map<string, number>()

  number(value: number): number {
    return this.#register(`number ${Object.is(value, -0) ? '-0' : value}`, target => {
      this.initial[target] = value
    })
  }

  load(column: number): number {
    return this.#register(`column ${column}`, target => this.loads.push({ target, column }))
  }

  apply(code: number, left: number, right = left, name?: FunctionName): number {
    const value = name === undefined ? Math.abs : functions[name].value
    return this.#register(`${name ?? code} ${left} ${right}`, target =>
      this.instructions.push({ target, code, left, right, value }),
    )
  }

  #register(key: string, fill: (target: number) => void): number {
    const known = this.#registers.get(key)
    if (known !== undefined) return known
    const target = this.initial.push(0) - 1
    this.#registers.set(key, target)
    fill(target)
    return target
  }
}

/**
 * Makes a function of the formula: a list of instructions over registers, run by one loop (never eval). Equal subtrees are
 * computed once. u^2 is u*u, which is faster and rounds correctly; other powers are Math.pow's. Values that do not
 * exist, and rows that are too short, give NaN.
 *
 * `variables` name the numbers of a row; not all need occur. Throws ConfigError for a variable that is not among them.
 */
export function compile(expression: Expression, variables: readonly string[]): CompiledFormula {
  const program = new Program()
  const result = fold<number>(expression, (node, [left = 0, right]) => {
    if ('left' in node) {
      const squared = node.kind === 'power' && node.right.kind === 'number' && node.right.value === 2
      return squared
        ? program.apply(operation.square, left)
        : program.apply(operation[node.kind], left, right)
    }
    if (node.kind === 'number') return program.number(node.value)
    if (node.kind === 'constant') return program.number(constants[node.name])
    if (node.kind === 'negate') return program.apply(operation.negate, left)
    if (node.kind === 'call') return program.apply(operation.call, left, right, node.name)
    const column = variables.indexOf(node.name)
    if (column < 0) throw missingVariable(node.name, variables)
    return program.load(column)
  })

  const { instructions, loads } = program
  const values = Float64Array.from(program.initial)
  return (x, start = 0) => {
    for (const { target, column } of loads) values[target] = x[start + column]!
    for (const instruction of instructions)
      values[instruction.target] = execute(instruction, values[instruction.left]!, values[instruction.right]!)
    return values[result]!
  }
}

function execute({ code, value }: Instruction, u: number, v: number): number {
  switch (code) {
    case operation.add:
      return u + v
    case operation.subtract:
      return u - v
    case operation.multiply:
      return u * v
    case operation.divide:
      return u / v
    case operation.power:
      return u ** v
    case operation.square:
      return u * u
    case operation.negate:
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

function missingVariable(name: string, names: readonly string[]): ConfigError {
  const have = names.length === 0 ? 'No variables were given.' : `The variables are ${listed(names)}.`
  return new ConfigError(
    `The formula uses the variable '${name}', which has no values.${suggestion(name, names)} ${have}`,
  )
}
