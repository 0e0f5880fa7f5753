import { ConfigError, ShapeError } from '../errors.ts'
import { constants, functions } from './functions.ts'
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
  readonly code: number
  readonly left: number
  readonly right: number
  readonly value: (u: number, v: number) => number
}

/**
 * Makes a function of the formula: a list of instructions over registers, run by one loop (never eval). Equal subtrees are
 * computed once. u^2 is u*u, which is faster and rounds correctly; other powers are Math.pow's. The function must not
 * be called again from inside itself (it cannot be) and keeps its registers between calls.
 *
 * `variables` name the numbers of a row; not all need occur. Throws ConfigError for a variable that is not among them.
 */
export function compile(expression: Expression, variables: readonly string[]): CompiledFormula {
  const loads: { readonly register: number; readonly column: number }[] = []
  const preset: number[] = []
  const instructions: (Instruction & { readonly register: number })[] = []
  const registers = new Map<string, number>()
  /** The register of a subtree with this key; `fill` says what to do when it is new. */
  const register = (key: string, fill: (register: number) => void): number => {
    const known = registers.get(key)
    if (known !== undefined) return known
    const fresh = registers.size
    registers.set(key, fresh)
    preset.push(0)
    fill(fresh)
    return fresh
  }
  const emit = (
    code: number,
    left: number,
    right = left,
    value: Instruction['value'] = Math.abs,
    name = '',
  ): number =>
    register(`${code} ${left} ${right} ${name}`, register =>
      instructions.push({ code, left, right, value, register }),
    )
  const literal = (value: number): number =>
    register(`number ${Object.is(value, -0) ? '-0' : value}`, register => {
      preset[register] = value
    })

  const result = fold<number>(expression, (node, parts) => {
    if ('left' in node) {
      const squared = node.kind === 'power' && node.right.kind === 'number' && node.right.value === 2
      return squared ? emit(operation.square, parts[0]!) : emit(operation[node.kind], parts[0]!, parts[1])
    }
    if (node.kind === 'number') return literal(node.value)
    if (node.kind === 'constant') return literal(constants[node.name])
    if (node.kind === 'negate') return emit(operation.negate, parts[0]!)
    if (node.kind === 'call')
      return emit(operation.call, parts[0]!, parts[1], functions[node.name].value, node.name)
    const column = variables.indexOf(node.name)
    if (column < 0) throw missingVariable(node.name, variables)
    return register(`variable ${column}`, register => loads.push({ register, column }))
  })

  const values = Float64Array.from(preset)
  return (x, start = 0) => {
    for (const { register, column } of loads) values[register] = x[start + column]!
    for (const { code, left, right, value, register } of instructions) {
      const u = values[left]!
      const v = values[right]!
      switch (code) {
        case operation.add:
          values[register] = u + v
          break
        case operation.subtract:
          values[register] = u - v
          break
        case operation.multiply:
          values[register] = u * v
          break
        case operation.divide:
          values[register] = u / v
          break
        case operation.power:
          values[register] = u ** v
          break
        case operation.square:
          values[register] = u * u
          break
        case operation.negate:
          values[register] = -u
          break
        default:
          values[register] = value(u, v)
      }
    }
    return values[result]!
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
