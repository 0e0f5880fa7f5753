import { functions } from '../../../src/formula/index.ts'

/**
 * A small Excel: the value of a formula in English notation, NaN where Excel shows an error. By Microsoft's "Calculation
 * operators and precedence in Excel": first the sign (-2^2 is 4), then ^, then * and /, then + and -, each from left to right
 * (2^3^2 is 64). Numbers keep 15 digits, and whatever is not finite is an error.
 */
export function excelValue(formula: string, cells: ReadonlyMap<string, number>): number {
  if (!formula.startsWith('=')) throw new Error(`'${formula}' is no formula of Excel: it has no = in front.`)
  return new Sheet(formula.slice(1), cells).value()
}

const TOKEN = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?)|([A-Z][A-Z0-9]*)(?=\()|(\$?[A-Z]+\$?\d+)|([-+*/^(),]))/y

class Sheet {
  readonly #tokens: string[] = []
  readonly #cells: ReadonlyMap<string, number>
  #index = 0

  constructor(text: string, cells: ReadonlyMap<string, number>) {
    this.#cells = cells
    TOKEN.lastIndex = 0
    while (TOKEN.lastIndex < text.length) {
      const start = TOKEN.lastIndex
      const match = TOKEN.exec(text)
      if (match === null) throw new Error(`Excel does not read '${text.slice(start)}'.`)
      this.#tokens.push(match[0].trim())
    }
  }

  value(): number {
    const value = this.#sum()
    if (this.#index < this.#tokens.length) throw new Error(`Excel does not expect '${this.#next()}'.`)
    return value
  }

  #sum(): number {
    let value = this.#product()
    for (;;) {
      if (this.#takes('+')) value = checked(value + this.#product())
      else if (this.#takes('-')) value = checked(value - this.#product())
      else return value
    }
  }

  #product(): number {
    let value = this.#power()
    for (;;) {
      if (this.#takes('*')) value = checked(value * this.#power())
      else if (this.#takes('/')) value = checked(value / this.#power())
      else return value
    }
  }

  #power(): number {
    let value = this.#signed()
    while (this.#takes('^')) {
      const exponent = this.#signed()
      value = value === 0 && exponent === 0 ? NaN : checked(value ** exponent)
    }
    return value
  }

  #signed(): number {
    if (this.#takes('-')) return -this.#signed()
    return this.#takes('+') ? this.#signed() : this.#primary()
  }

  #primary(): number {
    if (this.#takes('(')) {
      const value = this.#sum()
      this.#closed()
      return value
    }
    const token = this.#next()
    if (/^\d/.test(token)) return Number(Number(token).toPrecision(15))
    if (!this.#takes('(')) {
      const value = this.#cells.get(token)
      if (value === undefined) throw new Error(`Excel knows no cell '${token}' here.`)
      return value
    }
    const args: number[] = []
    if (this.#takes(')')) return called(token, args)
    do args.push(this.#sum())
    while (this.#takes(','))
    this.#closed()
    return called(token, args)
  }

  #closed(): void {
    if (!this.#takes(')')) throw new Error(`Excel expects ')' in place of '${this.#tokens[this.#index]}'.`)
  }

  #next(): string {
    const token = this.#tokens[this.#index++]
    if (token === undefined) throw new Error('The formula ends too early for Excel.')
    return token
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#index] !== token) return false
    this.#index++
    return true
  }
}

function checked(value: number): number {
  return Number.isFinite(value) ? value : NaN
}

/** The functions of Excel that the printer uses, with the arguments that Microsoft's reference gives them. */
const sheetFunctions: Readonly<Record<string, (...args: number[]) => number>> = {
  PI: () => Math.PI,
  SIN: Math.sin,
  COS: Math.cos,
  TAN: Math.tan,
  ASIN: Math.asin,
  ACOS: Math.acos,
  ATAN: Math.atan,
  ATAN2: (x = NaN, y = NaN) => (x === 0 && y === 0 ? NaN : Math.atan2(y, x)),
  SINH: Math.sinh,
  COSH: Math.cosh,
  TANH: Math.tanh,
  ASINH: Math.asinh,
  ACOSH: Math.acosh,
  ATANH: Math.atanh,
  EXP: Math.exp,
  LN: Math.log,
  LOG10: Math.log10,
  LOG: (x = NaN, base = 10) => Math.log(x) / Math.log(base),
  SQRT: Math.sqrt,
  ABS: Math.abs,
  SIGN: Math.sign,
  INT: Math.floor,
  MIN: Math.min,
  MAX: Math.max,
  ERF: (x = NaN) => functions.erf.value(x),
  BESSELJ: (x = NaN, order = NaN) => functions[order === 0 ? 'besselj0' : 'besselj1'].value(x),
}

function called(name: string, args: readonly number[]): number {
  const found = sheetFunctions[name]
  if (found === undefined) throw new Error(`Excel has no function ${name}.`)
  return args.some(Number.isNaN) ? NaN : checked(found(...args))
}
