import type { Expression } from '../tree.ts'
import type { NamedFormula } from './code.ts'
import type { DigitsOptions } from './digits.ts'
import { displayed, displayNotation } from './display.ts'
import type { Fence, Markup } from './display.ts'
import { greekLetters } from './greek.ts'
import { nameParts } from './names.ts'
import { printTree, separated } from './piece.ts'
import { refuseHuge } from './statements.ts'

/**
 * The formula in MathML (presentation markup of MathML Core, which every browser shows), as one <math> element; well-formed
 * XML as well as HTML. Throws ConfigError for `digits` outside 1 to 17, and for more than a million terms.
 */
export function toMathml(expression: Expression, options: DigitsOptions = {}): string {
  return block(content(expression, options))
}

/** A <math> element for each formula, with its name and an equals sign. */
export function mathmlEquations(formulas: readonly NamedFormula[], options: DigitsOptions = {}): string {
  return formulas
    .map(({ name, expression }) =>
      block(mathml.row(mathml.variable(name), element('mo', '='), content(expression, options))),
    )
    .map(text => `${text}\n`)
    .join('')
}

function content(expression: Expression, options: DigitsOptions): string {
  const tree = displayed(expression)
  refuseHuge(tree)
  return printTree(tree, displayNotation(mathml, options)).text
}

function block(text: string): string {
  return `<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">${text}</math>`
}

const fences: Readonly<Record<Fence, readonly [string, string]>> = {
  parentheses: ['(', ')'],
  bars: ['|', '|'],
  floor: ['⌊', '⌋'],
  ceiling: ['⌈', '⌉'],
}

const operators = { plus: '+', minus: '−', sign: '−', times: '⋅', invisible: '\u2062' } as const

const mathml: Markup = {
  digits: text => element('mn', text),
  // Upright, unlike a variable e.
  constant: name => (name === 'pi' ? element('mi', 'π') : '<mi mathvariant="normal">e</mi>'),
  variable: name => {
    const { base, kind, index } = nameParts(name)
    const text =
      kind === 'word' ? word(base) : element('mi', kind === 'greek' ? greekLetters.get(base)! : base)
    if (index === '') return text
    return `<msub>${text}${/^\d+$/.test(index) ? element('mn', index) : word(index)}</msub>`
  },
  row: (...parts) => element('mrow', separated(parts, '')),
  // A sign alone is spaced as a prefix.
  operator: name => (name === 'sign' ? '<mo form="prefix">−</mo>' : element('mo', operators[name])),
  fraction: (above, below) => element('mfrac', above + below),
  raised: (base, exponent) => element('msup', base + exponent),
  lowered: (base, index) => element('msub', base + index),
  root: (radicand, degree) =>
    degree === undefined ? element('msqrt', radicand) : element('mroot', radicand + degree),
  fenced: (kind, content) =>
    element('mrow', element('mo', fences[kind][0]) + content + element('mo', fences[kind][1])),
  functionName: name => element('mi', name),
  applied: (name, argument) => element('mrow', `${name}<mo>\u2061</mo>${argument}`),
  separated: parts => element('mrow', separated(parts, '<mo>,</mo>')),
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}

/** A column's name as upright text. */
function word(name: string): string {
  return element('mtext', escaped(name))
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])

/** XML has no control characters and no half surrogates, not even escaped. */
function escaped(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, character => ENTITIES.get(character)!)
    .replaceAll(/\s/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
}
