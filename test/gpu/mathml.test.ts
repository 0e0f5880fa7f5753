import { describe, expect, it } from 'vitest'
import { compile, format, parse, variable } from '../../src/formula/index.ts'
import { expectAgreement, names, samples } from '../formula/print/samples.ts'

/** The <math> element of well-formed XML; throws with the parser's message where it is not. */
function parsedXml(text: string): Element {
  const document = new DOMParser().parseFromString(text, 'application/xml')
  const problem = document.querySelector('parsererror')
  if (problem !== null) throw new Error(`${problem.textContent}\n${text}`)
  return document.documentElement
}

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['+', '+'],
  ['−', '-'],
  ['⋅', '*'],
  ['\u2062', '*'],
  ['\u2061', ''],
  ['(', '('],
  [')', ')'],
  [',', ','],
  ['⌊', 'floor('],
  ['⌋', ')'],
  ['⌈', 'ceil('],
  ['⌉', ')'],
])

const NAMES: ReadonlyMap<string, string> = new Map([
  ['π', 'pi'],
  ['ln', 'log'],
  ['sgn', 'sign'],
  ['arsinh', 'asinh'],
  ['arcosh', 'acosh'],
  ['artanh', 'atanh'],
  ['log_10', 'log10'],
  ['log_2', 'log2'],
  ['J_0', 'besselj0'],
  ['J_1', 'besselj1'],
  ['θ_0', 'theta_0'],
  ['x_1', 'x1'],
  ['x_2', 'x2'],
])

/** The formula that the markup means, as parse reads it. */
function readMathml(element: Element): string {
  const children = [...element.children]
  const parts = children.map(readMathml)
  const [first = '', second = ''] = parts
  const text = element.textContent
  switch (element.localName) {
    case 'mo':
      return text === '|' ? '|' : OPERATORS.get(text)!
    case 'mn':
      return text
    case 'mi':
      return NAMES.get(text) ?? text
    case 'mtext':
      return `\`${text}\``
    case 'msub':
      return NAMES.get(children.map(child => child.textContent).join('_'))!
    case 'mfrac':
      return `((${first})/(${second}))`
    case 'msqrt':
      return `sqrt(${parts.join('')})`
    case 'mroot':
      return second === '3' ? `cbrt(${first})` : 'a root that is not cubic'
    case 'msup':
      return `${first}^(${second})`
    case 'mrow':
      return readRow(children, parts)
    default:
      return parts.join('')
  }
}

function readRow(children: readonly Element[], parts: readonly string[]): string {
  const [name, apply] = children
  // sin^2 (x): the exponent stands on the function's name.
  if (apply?.textContent === '\u2061' && name?.localName === 'msup') {
    const [base, exponent] = [...name.children].map(readMathml)
    return `${base}${parts[2]}^(${exponent})`
  }
  return parts[0] === '|' ? `abs(${parts.slice(1, -1).join('')})` : parts.join('')
}

describe('MathML', () => {
  it('is well-formed and means what the formulas are worth', () => {
    const list = samples(400)
    const values = list.map(({ expression, rows }) => {
      const text = readMathml(parsedXml(format(expression, 'mathml')))
      const formula = compile(parse(text), names)
      return rows.map(row => formula(row))
    })
    expectAgreement(list, values, 2000)
  })

  it('shows as a formula in the page', () => {
    document.body.innerHTML = format(parse('exp(sin(pi*x1) + x2^2)/(1 + x1)'), 'mathml')
    const math = document.querySelector('math')!
    expect(math.namespaceURI).toBe('http://www.w3.org/1998/Math/MathML')
    const [above, below] = [...math.querySelector('mfrac')!.children].map(each =>
      each.getBoundingClientRect(),
    )
    expect(above!.height).toBeGreaterThan(0)
    expect(above!.bottom).toBeLessThanOrEqual(below!.top)
    document.body.innerHTML = ''
  })

  it.each([
    ['a<b>&"c"', 'a<b>&"c"'],
    ['two\nlines\tand \x1f', 'two lines and \ufffd'],
    ['\ud800 half', '\ufffd half'],
    ['\uffff', '\ufffd'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    [']]>', ']]>'],
  ])('keeps %j inside its text', (name, shown) => {
    const math = parsedXml(format(variable(name), 'mathml'))
    expect([...math.children].map(child => child.localName)).toEqual(['mtext'])
    expect(math.textContent).toBe(shown)
  })

  it('sets names apart', () => {
    const shown = (name: string): string => parsedXml(format(variable(name), 'mathml')).innerHTML
    const tag = / xmlns="[^"]*"/g
    expect(shown('x1').replaceAll(tag, '')).toBe('<msub><mi>x</mi><mn>1</mn></msub>')
    expect(shown('theta').replaceAll(tag, '')).toBe('<mi>θ</mi>')
    expect(shown('m_sun').replaceAll(tag, '')).toBe('<msub><mi>m</mi><mtext>sun</mtext></msub>')
  })
})
