import { aliases, functionNames, functions, isConstantName, isFunctionName } from './functions.ts'
import type { FunctionName } from './functions.ts'
import { canonicalName, listed, reservedInOtherCase, reservedNames, shown, suggestion } from './names.ts'
import { formulaError, tokenize } from './tokens.ts'
import type { Mark, Token } from './tokens.ts'
import { add, call, constant, divide, multiply, negate, number, power, subtract, variable } from './tree.ts'
import type { Expression } from './tree.ts'

export interface ParseFormulaOptions {
  /**
   * The variables there are. A name outside them is an error; a variable named like a constant (e) or a function
   * hides it, except before a parenthesis. Without this, every name that has no meaning of its own is a variable.
   */
  readonly variables?: readonly string[]
}

/** How tightly an operator binds. A sign binds tighter than a product and looser than a power: -x^2 is -(x^2). */
const SUM = 1
const PRODUCT = 2
const SIGN = 3
const POWER = 4

/** Parentheses, signs and exponents inside each other: each costs a few frames of the stack. */
const DEEPEST_NESTING = 256

/**
 * Reads a formula: `exp(sin(pi*x1) + x2^2)`. Nothing is ever executed.
 *
 * - `+ - * /` group to the left; `^` (or `**`) to the right, and its exponent may have a sign: 2^-3. x² is x^2.
 * - -x^2 is -(x^2); a sign before a number alone makes a negative number.
 * - A product needs no sign before a name or a parenthesis: 2x, 2(x + 1), 2 pi x1, (a)(b), x1 x2. Refused where it would
 *   be read in two ways: after a division (1/2x) and directly after an exponent (e^2x; x^2 y, with a space, is (x^2) y).
 *   A name directly before a parenthesis is a function: x(x + 1) is refused, pi(x + 1) is not.
 * - Names have letters, digits and underscores; subscripts are digits (x₁ is x1), x_1 is another variable than x1. Any
 *   other name stands between backticks: `period days`. Names are case-sensitive. π is pi.
 *
 * Throws ConfigError with the place and the remedy; also for more than 100,000 characters or 256 nested parentheses.
 */
export function parse(text: string, options: ParseFormulaOptions = {}): Expression {
  return new Parser(text, options.variables).formula()
}

/** Pratt's top-down operator precedence ("Top down operator precedence", 1973) over the tokens of one text. */
class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  readonly #variables: readonly string[] | undefined
  #index = 0
  #depth = 0
  /** The token after the latest exponent: a factor that touches it might be meant as part of it. */
  #exponentEnd = -1

  constructor(text: string, names: readonly string[] | undefined) {
    this.#text = text
    this.#tokens = tokenize(text)
    this.#variables = names
  }

  formula(): Expression {
    const first = this.#next
    if (first.kind === 'end')
      throw this.#error(first, 'The formula is empty', 'Write one, like exp(sin(pi*x1) + x2^2).')
    const expression = this.#expression(SUM)
    const next = this.#next
    if (next.kind === 'end') return expression
    if (this.#sees(')'))
      throw this.#error(next, "This ')' closes nothing", "Remove it, or add a '(' before it.")
    throw this.#unexpected(next)
  }

  /** What binds at least as tightly as `least`. */
  #expression(least: number): Expression {
    if (++this.#depth > DEEPEST_NESTING)
      throw this.#error(
        this.#next,
        `The formula is nested more than ${DEEPEST_NESTING} deep`,
        'Remove parentheses that change nothing.',
      )
    let left = this.#prefix()
    let divided = false
    for (;;) {
      const token = this.#next
      if (token.kind === 'superscript') {
        this.#index++
        left = power(left, number(token.value))
      } else if (this.#sees('^')) {
        this.#index++
        left = power(left, this.#expression(POWER))
        this.#exponentEnd = this.#index
      } else if (least <= PRODUCT && (this.#sees('*') || this.#sees('/'))) {
        divided = this.#sees('/')
        this.#index++
        left = (divided ? divide : multiply)(left, this.#expression(SIGN))
      } else if (least <= PRODUCT && (token.kind === 'name' || this.#sees('('))) {
        this.#refuseAmbiguousProduct(token, divided)
        left = multiply(left, this.#expression(SIGN))
      } else if (least <= SUM && (this.#sees('+') || this.#sees('-'))) {
        const join = this.#sees('+') ? add : subtract
        this.#index++
        left = join(left, this.#expression(PRODUCT))
      } else break
    }
    this.#depth--
    return left
  }

  #prefix(): Expression {
    const token = this.#next
    const first = this.#index++
    if (token.kind === 'number') return number(token.value)
    if (token.kind === 'name') return this.#named(token, token.name, token.quoted)
    if (token.kind === 'mark') {
      if (token.mark === '(') {
        const inner = this.#expression(SUM)
        this.#close(token)
        return inner
      }
      if (token.mark === '+') return this.#expression(SIGN)
      if (token.mark === '-') {
        const operand = this.#expression(SIGN)
        const bare = operand.kind === 'number' && this.#index === first + 2
        return bare ? number(-operand.value) : negate(operand)
      }
    }
    throw token.kind === 'end'
      ? this.#error(token, 'The formula ends too early', 'Add a value here.')
      : this.#error(token, 'A value is missing here', 'Put a number, a name or a parenthesis.')
  }

  /** A function with its arguments, a constant or a variable. */
  #named(token: Token, written: string, quoted: boolean): Expression {
    const names = this.#variables
    if (quoted) {
      if (names === undefined || names.includes(written)) return variable(written)
      throw this.#unknown(token, written, names)
    }
    const name = canonicalName(written)
    const found = aliases.get(name) ?? name
    if (this.#sees('(') && (isFunctionName(found) || found === 'pow')) return this.#call(token, found)
    const own = names?.includes(written) ? written : name
    if (names?.includes(own)) return this.#factor(token, own)
    if (found === 'π') return constant('pi')
    if (isConstantName(found)) return constant(found)
    if (reservedNames.has(name))
      throw this.#error(
        token,
        `The function ${name} has no parentheses`,
        this.#sees('^') || this.#next.kind === 'superscript'
          ? `Write ${name}(x)^2 for the square of its value.`
          : `Write ${name}(x), or \`${name}\` for a variable of that name.`,
      )
    if (names !== undefined && !this.#sees('(')) throw this.#unknown(token, name, names)
    const lower = reservedInOtherCase(name)
    if (lower !== undefined)
      throw this.#error(
        token,
        `'${name}' is written '${lower}'`,
        `Names are case-sensitive. Write \`${name}\` for a variable of that name.`,
      )
    return this.#factor(token, name)
  }

  /** A variable, which must not look like a function. */
  #factor(token: Token, name: string): Expression {
    if (!this.#sees('(')) return variable(name)
    if (this.#variables?.includes(name) === true)
      throw this.#error(
        token,
        `The variable '${shown(name)}' is used like a function`,
        `For a product write ${shown(name)}*(...).`,
      )
    const near = suggestion(name, [...functionNames, ...aliases.keys()])
    throw this.#error(
      token,
      `There is no function '${shown(name)}'`,
      `${near} For a product write ${shown(name)}*(...).`.trimStart(),
    )
  }

  #unknown(token: Token, name: string, names: readonly string[]): Error {
    const near = suggestion(name, [...names, ...reservedNames]).trimStart()
    const have = names.length === 0 ? 'There are no variables.' : `The variables are ${listed(names)}.`
    return this.#error(token, `There is no variable '${shown(name)}'`, near === '' ? have : `${near} ${have}`)
  }

  #call(token: Token, name: FunctionName | 'pow'): Expression {
    const open = this.#next
    this.#index++
    const args: Expression[] = []
    if (!this.#sees(')')) {
      args.push(this.#expression(SUM))
      while (this.#sees(',')) {
        this.#index++
        args.push(this.#expression(SUM))
      }
    }
    this.#close(open)
    const wanted = name === 'pow' ? 2 : functions[name].derivatives.length
    if (args.length !== wanted) {
      const shown = wanted === 1 ? '1 argument' : '2 arguments'
      const remedy = wanted === 1 ? `Write ${name}(x).` : `Write ${name}(x, y).`
      throw this.#error(token, `${name} takes ${shown} and was given ${args.length}`, remedy)
    }
    return name === 'pow' ? power(args[0]!, args[1]!) : call(name, ...args)
  }

  #close(open: Token): void {
    if (!this.#sees(')')) {
      if (this.#next.kind === 'end') throw this.#error(open, "This '(' is never closed", "Add a ')'.")
      throw this.#unexpected(this.#next)
    }
    this.#index++
  }

  /** A token that cannot follow a value: a comma or a number. */
  #unexpected(token: Token): Error {
    return this.#sees(',')
      ? this.#error(token, 'This comma separates no arguments', 'Decimals are written with a point: 0.5.')
      : this.#error(token, 'Two factors stand side by side', 'Write * between them.')
  }

  #refuseAmbiguousProduct(token: Token, divided: boolean): void {
    if (divided)
      throw this.#error(
        token,
        'A product without a sign after a division can be read in two ways',
        'Write (1/2)*x or 1/(2*x) in place of 1/2x.',
      )
    const before = this.#tokens[this.#index - 1]!
    const closed = before.kind === 'mark' && before.mark === ')'
    if (this.#index === this.#exponentEnd && before.end === token.start && !closed)
      throw this.#error(
        token,
        'A product without a sign after an exponent can be read in two ways',
        'Write e^2*x or e^(2*x) in place of e^2x.',
      )
  }

  get #next(): Token {
    return this.#tokens[this.#index]!
  }

  #sees(mark: Mark): boolean {
    const token = this.#next
    return token.kind === 'mark' && token.mark === mark
  }

  #error(token: Token, problem: string, remedy: string): Error {
    return formulaError(this.#text, token.start, token.end, problem, remedy)
  }
}
