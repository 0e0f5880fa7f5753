/** Formulas: a safe parser (never eval), an immutable tree, evaluation, symbolic derivatives and printing. */
export { compile, evaluateRows } from './evaluate.ts'
export type { CompiledFormula } from './evaluate.ts'
export { complexity } from './complexity.ts'
export { derive } from './derive.ts'
export { constants, functionNames, functions } from './functions.ts'
export type { ConstantName, FunctionName, MathFunction } from './functions.ts'
export { normalise } from './normal/normalise.ts'
export type { NormaliseOptions } from './normal/normalise.ts'
export type { Bounds } from './normal/bounds.ts'
export { parse } from './parse.ts'
export type { ParseFormulaOptions } from './parse.ts'
export { Tape } from './tape.ts'
export type { TapeOptions } from './tape.ts'
export { format, formatAll, formatLegend, formatNames, isFormatName } from './print/format.ts'
export type { NamedFormula } from './print/code.ts'
export type { FormatName, FormatOptions } from './print/format.ts'
export { fromJson, toJson } from './print/json.ts'
export { toText } from './print/text.ts'
export type { TextOptions } from './print/text.ts'
export { wgslExpression, wgslHelpers } from './print/wgsl.ts'
export type { WgslExpression } from './print/wgsl.ts'
export { difference, negative, product, quotient, raised, simplify, sum } from './simplify.ts'
export {
  add,
  call,
  children,
  constant,
  divide,
  equals,
  fold,
  multiply,
  negate,
  number,
  power,
  size,
  substitute,
  subtract,
  variable,
  variables,
  withChildren,
} from './tree.ts'
export type {
  BinaryKind,
  BinaryNode,
  CallNode,
  ConstantNode,
  Expression,
  NegateNode,
  NumberNode,
  VariableNode,
} from './tree.ts'
