import type { FunctionName } from '../functions.ts'
import type { CallNode } from '../tree.ts'
import { rounded } from './digits.ts'
import type { DigitsOptions } from './digits.ts'
import { ATOM, FACTOR, POWER, PRODUCT, shortest, SIGN, SUM } from './piece.ts'
import type { Notation, Piece } from './piece.ts'
import { definitions, rewriter } from './rewrite.ts'

/** A piece of a formula as it is set on paper. */
export interface DisplayPiece extends Piece {
  /** It begins with a minus, so that no other operator may stand before it. */
  readonly minus?: boolean
  /** It begins with a digit, so that a product with it needs a sign. */
  readonly digit?: boolean
  /** The piece with an exponent on the function's name: sin^2(x). */
  readonly raised?: (exponent: string) => string
}

/** How a markup language writes the parts of a formula; all arguments are markup already, unless they are numbers or names. */
export interface Markup {
  /** Decimal digits without a sign or an exponent. */
  readonly digits: (text: string) => string
  readonly constant: (name: 'pi' | 'e') => string
  /** A column's name. */
  readonly variable: (name: string) => string
  readonly row: (...parts: readonly string[]) => string
  readonly operator: (name: 'plus' | 'minus' | 'sign' | 'times' | 'invisible') => string
  readonly fraction: (above: string, below: string) => string
  readonly raised: (base: string, exponent: string) => string
  readonly lowered: (base: string, index: string) => string
  readonly root: (radicand: string, degree?: string) => string
  readonly fenced: (kind: Fence, content: string) => string
  /** The name of a function; some are named otherwise than here. */
  readonly functionName: (name: string) => string
  /** A function's name before its argument in parentheses. */
  readonly applied: (name: string, argument: string) => string
  readonly separated: (parts: readonly string[]) => string
}

/** What stands around: parentheses, |x|, and the brackets of floor and ceil. */
export type Fence = 'parentheses' | 'bars' | 'floor' | 'ceiling'

/** What is written out in place of a name that few know. */
export const displayed = /* @__PURE__ */ rewriter(definitions)

/** Names on paper, where they are not the same. */
const names: Readonly<Partial<Record<FunctionName, string>>> = {
  asin: 'arcsin',
  acos: 'arccos',
  atan: 'arctan',
  asinh: 'arsinh',
  acosh: 'arcosh',
  atanh: 'artanh',
  log: 'ln',
  sign: 'sgn',
}

/** Logarithms and Bessel functions: a name with an index. */
const indexed: Readonly<Partial<Record<FunctionName, readonly [string, string]>>> = {
  log10: ['log', '10'],
  log2: ['log', '2'],
  besselj0: ['J', '0'],
  besselj1: ['J', '1'],
}

/**
 * The notation of formulas on paper, for any markup. Sums and products are written without the parentheses that only fix the
 * order of rounding: a + (b + c) is a + b + c.
 */
export function displayNotation(markup: Markup, options: DigitsOptions): Notation<DisplayPiece> {
  const { row, operator, fenced } = markup
  const round = rounded(options)

  const inside = (piece: DisplayPiece, least: number): string =>
    piece.binds < least ? fenced('parentheses', piece.text) : piece.text
  /** An operand that an operator precedes. */
  const after = (piece: DisplayPiece, least: number): string =>
    piece.minus === true ? fenced('parentheses', piece.text) : inside(piece, least)
  const plain = (text: string): DisplayPiece => ({ text, binds: ATOM })

  const numeral = (value: number): DisplayPiece => {
    const [mantissa = '', exponent] = shortest(Math.abs(value)).split('e')
    let text = markup.digits(mantissa)
    let binds = ATOM
    if (exponent !== undefined) {
      const index = exponent.replace('+', '')
      const power = markup.raised(
        markup.digits('10'),
        index.startsWith('-') ? row(operator('sign'), markup.digits(index.slice(1))) : markup.digits(index),
      )
      text = mantissa === '1' ? power : row(text, operator('times'), power)
      binds = mantissa === '1' ? POWER : FACTOR
    }
    const minus = value < 0 || Object.is(value, -0)
    return minus
      ? { text: row(operator('sign'), text), binds: Math.min(SIGN, binds), minus }
      : { text, binds, digit: true }
  }

  const named = (node: CallNode, parts: readonly DisplayPiece[]): DisplayPiece => {
    const index = indexed[node.name]
    const name =
      index === undefined
        ? markup.functionName(names[node.name] ?? node.name)
        : markup.lowered(markup.functionName(index[0]), markup.digits(index[1]))
    const argument = fenced('parentheses', markup.separated(parts.map(part => part.text)))
    return {
      text: markup.applied(name, argument),
      binds: POWER,
      raised: exponent => markup.applied(markup.raised(name, exponent), argument),
    }
  }

  /** The functions that have a shape of their own. */
  const shapes: Readonly<Partial<Record<FunctionName, (argument: string) => DisplayPiece>>> = {
    exp: argument => ({ text: markup.raised(markup.constant('e'), argument), binds: POWER }),
    sqrt: argument => plain(markup.root(argument)),
    cbrt: argument => plain(markup.root(argument, markup.digits('3'))),
    abs: argument => plain(fenced('bars', argument)),
    floor: argument => plain(fenced('floor', argument)),
    ceil: argument => plain(fenced('ceiling', argument)),
  }

  return {
    number: value => numeral(round(value)),
    constant: name => plain(markup.constant(name)),
    variable: ({ name }) => plain(markup.variable(name)),
    negate: argument => ({
      text: row(operator('sign'), after(argument, PRODUCT)),
      binds: Math.min(SIGN, argument.binds),
      minus: true,
    }),
    binary: {
      add: (left, right) => sum(left, 'plus', right, SUM),
      subtract: (left, right) => sum(left, 'minus', right, PRODUCT),
      multiply: (left, right) => {
        const digit = right.digit === true && right.binds >= PRODUCT
        return {
          ...begun(left, PRODUCT),
          text: row(inside(left, PRODUCT), operator(digit ? 'times' : 'invisible'), after(right, PRODUCT)),
          binds: PRODUCT,
        }
      },
      divide: (left, right) => ({ text: markup.fraction(left.text, right.text), binds: FACTOR }),
      power: (left, right, { right: exponent }) => {
        const whole = exponent.kind === 'number' && Number.isInteger(exponent.value) && exponent.value > 1
        return {
          text:
            whole && left.raised !== undefined
              ? left.raised(right.text)
              : markup.raised(inside(left, ATOM), right.text),
          binds: POWER,
          ...(left.binds === ATOM ? begun(left, ATOM) : {}),
        }
      },
    },
    call: (node, parts) => shapes[node.name]?.(parts[0]!.text) ?? named(node, parts),
  }

  function sum(left: DisplayPiece, sign: 'plus' | 'minus', right: DisplayPiece, least: number): DisplayPiece {
    return { ...begun(left, SUM), text: row(left.text, operator(sign), after(right, least)), binds: SUM }
  }

  /** How a piece begins whose first part is this one. */
  function begun(first: DisplayPiece, least: number): Pick<DisplayPiece, 'minus' | 'digit'> {
    return first.binds < least ? {} : { minus: first.minus ?? false, digit: first.digit ?? false }
  }
}
