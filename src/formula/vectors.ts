import { functions } from './functions.ts'
import type { FunctionName } from './functions.ts'

/** What an instruction does with its registers; each register holds one number a row. */
export const code = {
  add: 0,
  subtract: 1,
  multiply: 2,
  divide: 3,
  power: 4,
  square: 5,
  negate: 6,
  call: 7,
  /** left log(right), and 0 where the logarithm does not exist: the derivative of v^u by u, from v^u and v. */
  timesLog: 8,
} as const

/** One operation, on registers by their numbers. */
export interface Operation {
  /** The register that gets the result. */
  readonly target: number
  readonly code: number
  readonly left: number
  readonly right: number
  /** The function of a call. */
  readonly name: FunctionName | undefined
}

/** target = left op right for the first rows, with the operations that compile (evaluate.ts) uses. */
export function forward(
  { code: kind, name }: Operation,
  target: Float64Array,
  left: Float64Array,
  right: Float64Array,
  rows: number,
): void {
  switch (kind) {
    case code.add:
      for (let i = 0; i < rows; i++) target[i] = left[i]! + right[i]!
      break
    case code.subtract:
      for (let i = 0; i < rows; i++) target[i] = left[i]! - right[i]!
      break
    case code.multiply:
      for (let i = 0; i < rows; i++) target[i] = left[i]! * right[i]!
      break
    case code.divide:
      for (let i = 0; i < rows; i++) target[i] = left[i]! / right[i]!
      break
    case code.power:
      for (let i = 0; i < rows; i++) target[i] = left[i]! ** right[i]!
      break
    case code.square:
      for (let i = 0; i < rows; i++) target[i] = left[i]! * left[i]!
      break
    case code.negate:
      for (let i = 0; i < rows; i++) target[i] = -left[i]!
      break
    case code.timesLog:
      for (let i = 0; i < rows; i++) target[i] = right[i]! > 0 ? left[i]! * Math.log(right[i]!) : 0
      break
    default: {
      const { value } = functions[name!]
      for (let i = 0; i < rows; i++) target[i] = value(left[i]!, right[i]!)
    }
  }
}

/** into += adjoint partial, for the first rows. */
export function addProduct(
  into: Float64Array,
  adjoint: Float64Array,
  partial: Float64Array,
  rows: number,
): void {
  for (let i = 0; i < rows; i++) into[i] = into[i]! + adjoint[i]! * partial[i]!
}

/** into += sign adjoint. */
export function addSigned(into: Float64Array, adjoint: Float64Array, sign: number, rows: number): void {
  for (let i = 0; i < rows; i++) into[i] = into[i]! + sign * adjoint[i]!
}

/** into += sign adjoint above / below: the derivatives of a quotient. */
export function addQuotient(
  into: Float64Array,
  adjoint: Float64Array,
  above: Float64Array | undefined,
  below: Float64Array,
  rows: number,
): void {
  if (above === undefined) for (let i = 0; i < rows; i++) into[i] = into[i]! + adjoint[i]! / below[i]!
  else for (let i = 0; i < rows; i++) into[i] = into[i]! - (adjoint[i]! * above[i]!) / below[i]!
}
