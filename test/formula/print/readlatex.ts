/** Turns the printer's LaTeX into a formula that parse reads, from its structure alone; throws where that is broken. */
export function readLatex(latex: string): string {
  return new Reader(latex).until('')
}

const FENCES: Readonly<Record<string, readonly [string, string]>> = {
  '(': [')', ''],
  '|': ['|', 'abs'],
  '\\lfloor': ['\\rfloor', 'floor'],
  '\\lceil': ['\\rceil', 'ceil'],
}

const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...'arcsin arccos arctan sinh cosh tanh sin cos tan min max'
    .split(' ')
    .map(name => [`\\${name}`, name] as const),
  ['\\ln', 'log'],
  ['\\log_{10}', 'log10'],
  ['\\log_{2}', 'log2'],
  ['J_{0}', 'besselj0'],
  ['J_{1}', 'besselj1'],
  ['\\operatorname{sgn}', 'sign'],
  ['\\operatorname{erf}', 'erf'],
  ['\\operatorname{atan2}', 'atan2'],
  ['\\operatorname{arsinh}', 'asinh'],
  ['\\operatorname{arcosh}', 'acosh'],
  ['\\operatorname{artanh}', 'atanh'],
])

const WORDS: ReadonlyMap<string, string> = new Map([
  ['\\mathrm{e}', 'e'],
  ['\\pi', 'pi'],
  ['\\theta_{0}', 'theta_0'],
  ['\\text{sound pressure [dB]}', '`sound pressure [dB]`'],
  ['x_{1}', 'x1'],
  ['x_{2}', 'x2'],
  [' \\cdot ', '*'],
  [' \\, ', '*'],
  [' + ', '+'],
  [' - ', '-'],
  ['-', '-'],
  [', ', ','],
])

class Reader {
  #rest: string

  constructor(latex: string) {
    this.#rest = latex
  }

  /** The formula up to the text that ends it. */
  until(end: string): string {
    let text = ''
    while (end === '' ? this.#rest !== '' : !this.#takes(end)) text += this.#part()
    return text
  }

  #part(): string {
    const number = /^\d+(?:\.\d+)?/.exec(this.#rest)?.[0]
    if (number !== undefined && this.#takes(number)) return number
    if (this.#takes('\\frac{')) return `((${this.until('}')})/(${this.#braces()}))`
    if (this.#takes('\\sqrt[3]{')) return `cbrt(${this.until('}')})`
    if (this.#takes('\\sqrt{')) return `sqrt(${this.until('}')})`
    if (this.#takes('\\left')) return this.#fenced()
    if (this.#takes('{')) return this.until('}')
    if (this.#takes('^{')) return `^(${this.until('}')})`
    for (const [written, name] of FUNCTIONS)
      if (this.#takes(written)) {
        const exponent = this.#takes('^{') ? `^(${this.until('}')})` : ''
        if (!this.#takes('\\left')) throw new Error(`${name} has no argument: ${this.#rest}`)
        return `${name}${this.#fenced()}${exponent}`
      }
    for (const [written, text] of WORDS) if (this.#takes(written)) return text
    throw new Error(`This is no LaTeX of ours: ${this.#rest}`)
  }

  #fenced(): string {
    for (const [open, [close, name]] of Object.entries(FENCES))
      if (this.#takes(`${open} `) || this.#takes(open)) return `${name}(${this.until(`\\right${close}`)})`
    throw new Error(`There is no such bracket: ${this.#rest}`)
  }

  #braces(): string {
    if (!this.#takes('{')) throw new Error(`A brace is missing: ${this.#rest}`)
    return this.until('}')
  }

  #takes(text: string): boolean {
    if (!this.#rest.startsWith(text)) return false
    this.#rest = this.#rest.slice(text.length)
    return true
  }
}
