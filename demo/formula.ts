/** Typesets a plain formula, such as exp(sin(pi x1) + x2^2): italic variables, indices, powers, Greek. */
import { html } from './svg.ts'

const tokens = /([a-zA-Z]+)(\d*)|\^(\d+)|[\s\S]/g
const functions = new Set(['exp', 'sin', 'cos', 'floor', 'log', 'tanh'])
const signs: Record<string, string> = { '-': '−', '*': '·', ' ': ' ' }

export function typeset(formula: string): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const [text, word, index, power] of unbroken(formula).matchAll(tokens)) {
    if (power !== undefined) fragment.append(html('sup', {}, power))
    else if (word === undefined) fragment.append(signs[text] ?? text)
    else if (word === 'pi') fragment.append(html('i', {}, 'π'))
    else if (word === 'sqrt') fragment.append('√')
    else if (functions.has(word) || word.length > 2) fragment.append(word)
    else {
      fragment.append(html('i', {}, word))
      if (index) fragment.append(html('sub', {}, index))
    }
  }
  return fragment
}

/** Lines break before + and =, but not within the innermost parentheses; the other spaces hold what they stand between together. */
function unbroken(formula: string): string {
  return formula
    .split(/(\([^()]*\))/)
    .map((part, p) => part.replaceAll(p % 2 === 1 ? ' ' : / (?![+=])/g, '\u00a0'))
    .join('')
}

/** The name of a library's function, such as x^2, for places that hold only text: x². */
export function functionText(name: string): string {
  return name.replaceAll(/\^(\d)/g, (_, digit: string) => superscripts[Number(digit)]!)
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const subscripts = '₀₁₂₃₄₅₆₇₈₉'

/** x₁, for places that hold only text. */
export function variableName(input: number, inputs: number): string {
  return inputs === 1 ? 'x' : `x${subscript(input + 1)}`
}

export function subscript(value: number): string {
  return [...String(value)].map(digit => subscripts[Number(digit)]).join('')
}
