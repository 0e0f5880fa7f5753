import { withChildren } from '../../../formula/index.ts'
import type { Expression, NumberNode } from '../../../formula/index.ts'
import { freeNumbers } from '../../constants/constants.ts'
import type { HoldNumber } from '../../constants/constants.ts'
import { Significance } from '../../constants/significance.ts'

/** Rows that other ways to write a formula are tried on. */
export interface Trial {
  /** Writes the numbers of a formula as a person would, but for those that are held; `factors` as ColumnTable.normalised has it. */
  readonly snap: (
    tried: Expression,
    hold: (node: NumberNode) => boolean,
    factors?: 'inside' | 'before',
  ) => Expression
  /** Fits the numbers of a formula, but for those that are held: one that several places share stays one. */
  readonly polish: (tried: Expression, hold: HoldNumber) => Expression
  /** Mean squared error of a formula. */
  readonly squares: (tried: Expression) => number
  readonly rows: number
}

/** An error, as a share of the targets' deviation, that is rounding. */
const ROUNDING = 1e-12

/** Whether the rows have nothing against another formula in the place of this one: as for one number in snap (see Significance). */
export function acceptance(
  expression: Expression,
  { squares, rows }: Pick<Trial, 'squares' | 'rows'>,
): (tried: Expression) => boolean {
  const own = rows * squares(expression)
  const judge = new Significance(own, rows, freeNumbers(expression).length, ROUNDING, 0)
  return tried => judge.allows(rows * squares(tried), own)
}

/** The node with these parts; the node itself where they are its own, so that numbers in several places stay one. */
export function rebuilt(node: Expression, parts: readonly Expression[]): Expression {
  const isSame =
    'left' in node
      ? parts[0] === node.left && parts[1] === node.right
      : node.kind === 'call'
        ? parts.every((part, i) => part === node.arguments[i])
        : node.kind !== 'negate' || parts[0] === node.argument
  return isSame ? node : withChildren(node, parts)
}
