import { functions } from './functions.ts'
import type { FunctionName } from './functions.ts'
import { parse } from './parse.ts'
import { Assembler } from './program.ts'
import type { Expression, NumberNode } from './tree.ts'
import { addProduct, addQuotient, addSigned, code, forward } from './vectors.ts'
import type { Operation } from './vectors.ts'

/** Rows that go through the instructions together: 2 KiB a register, so that a formula's registers stay in the cache. */
const BLOCK = 256

/** The registers of the partial derivatives by left and right of a power, square or call. */
interface Partials {
  readonly left?: number | undefined
  readonly right?: number | undefined
}

/** What a formula is made ready for. */
export interface TapeOptions {
  /** The numbers of the formula (its very nodes) that are parameters: their values are given at each call. Default none. */
  readonly free?: readonly NumberNode[]
  /** Whether `roundings` will be asked for, which needs the derivatives by all intermediate values. Default false. */
  readonly roundings?: boolean
}

/**
 * A formula made ready for many rows and changing numbers: values, and by one sweep back (reverse-mode differentiation:
 * Griewank and Walther, "Evaluating Derivatives", 2008, section 3.2) the derivatives of each row's value by all free
 * numbers, for about four evaluations, however many they are. Values have the bits that compile gives. A derivative that
 * does not exist is 0 in the Jacobian, such as that of sqrt(c x) by c at x = 0: the row says nothing about c there.
 *
 * `variables` name the columns. Throws ConfigError for a variable that is not among them.
 */
export class Tape {
  /** Those that give the value, then those that give partial derivatives. */
  readonly #instructions: readonly Operation[]
  /** Of those that give the value, as far as the sweep back needs them. */
  readonly #partials: readonly Partials[]
  readonly #registers: readonly Float64Array[]
  readonly #loads: Assembler['loads']
  /** The registers of the free numbers; -1 for one that does not occur. */
  readonly #free: Int32Array
  /** The sums of each register's effect on the value, for the registers whose effect is asked for. */
  readonly #adjoints: (Float64Array | undefined)[]
  readonly #result: number

  constructor(
    expression: Expression,
    variables: readonly string[],
    { free = [], roundings = false }: TapeOptions = {},
  ) {
    const index = new Map<Expression, number>(free.map((node, k) => [node, k]))
    this.#free = new Int32Array(free.length).fill(-1)
    const assembler = new Assembler(variables)
    const { instructions, loads, initial } = assembler
    this.#result = assembler.add(expression, node => {
      const k = index.get(node)
      return k === undefined ? undefined : (this.#free[k] = assembler.register(`free ${k}`))
    })
    this.#instructions = instructions
    this.#loads = loads

    const active = initial.map(() => roundings)
    for (const { target } of loads) active[target] = false
    for (const target of this.#free) if (target >= 0) active[target] = true
    for (const { target, left, right } of instructions)
      active[target] = roundings || active[left]! || active[right]!
    this.#partials = instructions.slice().map(instruction => addPartials(assembler, instruction, active))
    this.#registers = initial.map(value => new Float64Array(BLOCK).fill(value))
    this.#adjoints = active.map(isActive => (isActive ? new Float64Array(BLOCK) : undefined))
  }

  /** f at every row, into y: columns[i][row] is variable i, numbers[k] the k-th free number. */
  values(columns: readonly Float64Array[], numbers: ArrayLike<number>, y: Float64Array): void {
    this.#set(numbers)
    for (let first = 0; first < y.length; first += BLOCK)
      this.#forward(columns, first, Math.min(BLOCK, y.length - first), this.#partials.length, y)
  }

  /** As `values`, and d f(row) / d numbers[k] into jacobian[k][row]. */
  jacobian(
    columns: readonly Float64Array[],
    numbers: ArrayLike<number>,
    y: Float64Array,
    jacobian: readonly Float64Array[],
  ): void {
    this.#set(numbers)
    for (let first = 0; first < y.length; first += BLOCK) {
      const rows = Math.min(BLOCK, y.length - first)
      this.#forward(columns, first, rows, this.#instructions.length, y)
      this.#backward(rows)
      for (let k = 0; k < this.#free.length; k++) {
        const adjoint = this.#adjoints[this.#free[k]!]
        const out = jacobian[k]!
        for (let i = 0; i < rows; i++) {
          const slope = adjoint === undefined ? 0 : adjoint[i]!
          out[first + i] = Number.isFinite(slope) ? slope : 0
        }
      }
    }
  }

  /**
   * To first order a bound of what rounding does to each row's value, into `bound`: the sum over all intermediate values
   * and constants v of |v df/dv| 2^-53 (each is right to half a unit in the last place; functions and powers to one unit:
   * twice that; whole constants are exact). Infinite where a derivative does not exist. Needs the option `roundings`.
   */
  roundings(columns: readonly Float64Array[], numbers: ArrayLike<number>, bound: Float64Array): void {
    this.#set(numbers)
    const units = this.#registers.map(([value]) => (Number.isSafeInteger(value) ? 0 : 2 ** -53))
    for (const { target, code: kind } of this.#instructions)
      units[target] = kind === code.call || kind === code.power ? 2 ** -52 : 2 ** -53
    const y = new Float64Array(bound.length)
    for (let first = 0; first < bound.length; first += BLOCK) {
      const rows = Math.min(BLOCK, bound.length - first)
      this.#forward(columns, first, rows, this.#instructions.length, y)
      this.#backward(rows)
      const out = bound.subarray(first, first + rows).fill(0)
      for (const [target, adjoint] of this.#adjoints.entries()) {
        if (adjoint === undefined) continue
        const values = this.#registers[target]!
        for (let i = 0; i < rows; i++) out[i] = out[i]! + units[target]! * Math.abs(values[i]! * adjoint[i]!)
      }
      for (let i = 0; i < rows; i++) if (Number.isNaN(out[i]!)) out[i] = Infinity
    }
  }

  #set(numbers: ArrayLike<number>): void {
    for (let k = 0; k < this.#free.length; k++) this.#registers[this.#free[k]!]?.fill(numbers[k]!)
  }

  #forward(
    columns: readonly Float64Array[],
    first: number,
    rows: number,
    instructions: number,
    y: Float64Array,
  ): void {
    const registers = this.#registers
    for (const { target, column } of this.#loads)
      registers[target]!.set(columns[column]!.subarray(first, first + rows))
    for (let k = 0; k < instructions; k++) {
      const instruction = this.#instructions[k]!
      const { target, left, right } = instruction
      forward(instruction, registers[target]!, registers[left]!, registers[right]!, rows)
    }
    y.set(registers[this.#result]!.subarray(0, rows), first)
  }

  #backward(rows: number): void {
    for (const adjoint of this.#adjoints) adjoint?.fill(0)
    this.#adjoints[this.#result]?.fill(1)
    const registers = this.#registers
    for (let k = this.#partials.length - 1; k >= 0; k--) {
      const { code: kind, target, left, right } = this.#instructions[k]!
      const adjoint = this.#adjoints[target]
      if (adjoint === undefined) continue
      const [toLeft, toRight] = [this.#adjoints[left], this.#adjoints[right]]
      switch (kind) {
        case code.add:
        case code.subtract:
          if (toLeft !== undefined) addSigned(toLeft, adjoint, 1, rows)
          if (toRight !== undefined) addSigned(toRight, adjoint, kind === code.add ? 1 : -1, rows)
          break
        case code.multiply:
          if (toLeft !== undefined) addProduct(toLeft, adjoint, registers[right]!, rows)
          if (toRight !== undefined) addProduct(toRight, adjoint, registers[left]!, rows)
          break
        case code.divide:
          if (toLeft !== undefined) addQuotient(toLeft, adjoint, undefined, registers[right]!, rows)
          if (toRight !== undefined) addQuotient(toRight, adjoint, registers[target], registers[right]!, rows)
          break
        case code.negate:
          if (toLeft !== undefined) addSigned(toLeft, adjoint, -1, rows)
          break
        default: {
          const partials = this.#partials[k]!
          if (partials.left !== undefined) addProduct(toLeft!, adjoint, registers[partials.left]!, rows)
          if (partials.right !== undefined) addProduct(toRight!, adjoint, registers[partials.right]!, rows)
        }
      }
    }
  }
}

/** Adds what gives the partial derivatives of a square, a power or a call, by those of its registers that are active. */
function addPartials(assembler: Assembler, operation: Operation, active: readonly boolean[]): Partials {
  const { code: kind, target, left, right, name } = operation
  if (!active[target]!) return {}
  const [byLeft, byRight] = [active[left]!, active[right]!]
  if (kind === code.square)
    return byLeft ? { left: assembler.apply(code.multiply, assembler.number(2), left) } : {}
  if (kind === code.power) {
    const lower = (): number => assembler.apply(code.subtract, right, assembler.number(1))
    return {
      left: byLeft
        ? assembler.apply(code.multiply, right, assembler.apply(code.power, left, lower()))
        : undefined,
      right: byRight ? assembler.apply(code.timesLog, target, left) : undefined,
    }
  }
  if (kind !== code.call || name === undefined) return {}
  const [first, second] = derivativesOf(name)
  const leaf = (node: Expression): number | undefined => {
    if (node.kind !== 'variable') return undefined
    return node.name === 'u' ? left : right
  }
  return {
    left: byLeft ? assembler.add(first!, leaf) : undefined,
    right: second !== undefined && byRight ? assembler.add(second, leaf) : undefined,
  }
}

/** The derivatives of the functions as trees of u and v, parsed when first asked for. */
const templates = new Map<FunctionName, readonly Expression[]>()

function derivativesOf(name: FunctionName): readonly Expression[] {
  let derivatives = templates.get(name)
  if (derivatives === undefined) {
    derivatives = functions[name].derivatives.map(text => parse(text, { variables: ['u', 'v'] }))
    templates.set(name, derivatives)
  }
  return derivatives
}
