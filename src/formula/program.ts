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
  const assembler = new Assembler()
  const results: number[] = []
  const ends: number[] = []
  for (const expression of expressions) {
    results.push(fold<number>(expression, (node, parts) => assembler.node(node, parts, variables)))
    ends.push(assembler.instructions.length)
  }
  const { initial, loads, instructions } = assembler
  return { initial, loads, instructions, results, ends }
}

class Assembler {
  readonly instructions: Operation[] = []
  readonly loads: { readonly target: number; readonly column: number }[] = []
  readonly initial: number[] = []
  /** The registers by what they hold, so that equal subtrees share one. */
  readonly #registers = new Map<string, number>()

  /** The register of a node whose children are in the registers `parts`. */
  node(node: Expression, [left = 0, right]: readonly number[], variables: readonly string[]): number {
    if ('left' in node) {
      const squared = node.kind === 'power' && node.right.kind === 'number' && node.right.value === 2
      return squared ? this.#apply(code.square, left) : this.#apply(code[node.kind], left, right)
    }
    if (node.kind === 'number') return this.#number(node.value)
    if (node.kind === 'constant') return this.#number(constants[node.name])
    if (node.kind === 'negate') return this.#apply(code.negate, left)
    if (node.kind === 'call') return this.#apply(code.call, left, right, node.name)
    const column = variables.indexOf(node.name)
    if (column < 0) throw missingVariable(node.name, variables)
    return this.#register(`column ${column}`, target => this.loads.push({ target, column }))
  }

  #number(value: number): number {
    return this.#register(`number ${Object.is(value, -0) ? '-0' : value}`, target => {
      this.initial[target] = value
    })
  }

  #apply(kind: number, left: number, right = left, name?: FunctionName): number {
    return this.#register(`${name ?? kind} ${left} ${right}`, target =>
      this.instructions.push({ target, code: kind, left, right, name }),
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
