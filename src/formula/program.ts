import { ConfigError } from '../errors.ts'
import { constants } from './functions.ts'
import type { FunctionName } from './functions.ts'
import { listed, suggestion } from './names.ts'
import { fold } from './tree.ts'
import type { Expression } from './tree.ts'
import { code, forward } from './vectors.ts'
import type { Operation } from './vectors.ts'

/**
 * Formulas as instructions over registers, in which equal subtrees are computed once, also those of different formulas: plain
 * data, which may cross to another thread.
 */
export interface Program {
  /** First values of the registers: numbers where they are numbers, else 0. */
  readonly initial: readonly number[]
  /** Registers that get a variable, by its place among the variables. */
  readonly loads: readonly { readonly target: number; readonly column: number }[]
  readonly instructions: readonly Operation[]
  /** Of the formulas: the register that holds the value, once the first `ends` instructions are done. */
  readonly results: readonly number[]
  readonly ends: readonly number[]
}

/**
 * The program of one or more formulas, each a continuation of those before it. u^2 becomes u*u, which is faster and rounds
 * correctly. Throws ConfigError for a variable that is not among the `variables`.
 */
export function assemble(expressions: readonly Expression[], variables: readonly string[]): Program {
  const assembler = new Assembler(variables)
  const results: number[] = []
  const ends: number[] = []
  for (const expression of expressions) {
    results.push(assembler.add(expression))
    ends.push(assembler.instructions.length)
  }
  const { initial, loads, instructions } = assembler
  return { initial, loads, instructions, results, ends }
}

/** Formulas on their way to a program: instructions that grow, in which equal subtrees share a register. */
export class Assembler {
  readonly instructions: Operation[] = []
  readonly loads: { readonly target: number; readonly column: number }[] = []
  /** First values of the registers. */
  readonly initial: number[] = []
  readonly #variables: readonly string[]
  /** The registers by what they hold. */
  readonly #registers = new Map<string, number>()

  constructor(variables: readonly string[]) {
    this.#variables = variables
  }

  /**
   * The register that gets an expression's value. Throws ConfigError for a variable that is not among the `variables`.
   * @param leaf the register of a node that is none of the ordinary ones, and undefined of every other
   */
  add(expression: Expression, leaf: (node: Expression) => number | undefined = () => undefined): number {
    return fold<number>(expression, (node, [left = 0, right]) => {
      const known = leaf(node)
      if (known !== undefined) return known
      if ('left' in node) {
        const square = node.kind === 'power' && node.right.kind === 'number' && node.right.value === 2
        return square && leaf(node.right) === undefined
          ? this.apply(code.square, left)
          : this.apply(code[node.kind], left, right)
      }
      if (node.kind === 'number') return this.number(node.value)
      if (node.kind === 'constant') return this.number(constants[node.name])
      if (node.kind === 'negate') return this.apply(code.negate, left)
      if (node.kind === 'call') return this.apply(code.call, left, right, node.name)
      const column = this.#variables.indexOf(node.name)
      if (column < 0) throw missingVariable(node.name, this.#variables)
      return this.register(`column ${column}`, target => this.loads.push({ target, column }))
    })
  }

  /** The register of a number. */
  number(value: number): number {
    return this.register(`number ${Object.is(value, -0) ? '-0' : value}`, target => {
      this.initial[target] = value
    })
  }

  /** The register of an operation on registers. */
  apply(kind: number, left: number, right = left, name?: FunctionName): number {
    return this.register(`${name ?? kind} ${left} ${right}`, target =>
      this.instructions.push({ target, code: kind, left, right, name }),
    )
  }

  /** The register of that key; `fill` is told of a new one. */
  register(key: string, fill: (target: number) => void = () => {}): number {
    const known = this.#registers.get(key)
    if (known !== undefined) return known
    const target = this.initial.push(0) - 1
    this.#registers.set(key, target)
    fill(target)
    return target
  }
}

/**
 * Runs the instructions from `start` up to `end` on `rows` values at a time. Values that do not exist are NaN.
 *
 * @param registers the numbers among them filled in (fillRegisters), and the variables
 */
export function runBlock(
  { instructions }: Program,
  registers: readonly Float64Array[],
  rows: number,
  start: number,
  end: number,
): void {
  for (let k = start; k < end; k++) {
    const instruction = instructions[k]!
    const { target, left, right } = instruction
    forward(instruction, registers[target]!, registers[left]!, registers[right]!, rows)
  }
}

/** Writes the program's numbers into their registers; once is enough. */
export function fillRegisters({ initial }: Program, registers: readonly Float64Array[]): void {
  initial.forEach((value, register) => registers[register]!.fill(value))
}

function missingVariable(name: string, names: readonly string[]): ConfigError {
  const have = names.length === 0 ? 'No variables were given.' : `The variables are ${listed(names)}.`
  return new ConfigError(
    `The formula uses the variable '${name}', which has no values.${suggestion(name, names)} ${have}`,
  )
}
