import { ConfigError } from '../errors.ts'
import { NAME } from './names.ts'

/** A piece of the text, with its place [start, end) in it. */
export type Token = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }
  /** Superscript digits: x² is x^2. */
  | { readonly kind: 'superscript'; readonly value: number }
  | { readonly kind: 'mark'; readonly mark: Mark }
  | { readonly kind: 'end' }
)

/** What is neither a number nor a name, in its one spelling. */
export type Mark = '+' | '-' | '*' | '/' | '^' | '(' | ')' | ','

/** Longer texts are refused before they are read. */
const LONGEST_FORMULA = 100_000

const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const QUOTED = /`((?:[^`]|``)+)`(?!`)/y
const SUPERSCRIPT = /⁻?[⁰¹²³⁴-⁹]+/y
const SPACE = /\s+/uy

/** Marks as people and programs write them; the one of two characters first. */
const MARKS: readonly (readonly [string, Mark])[] = [
  ['**', '^'],
  ['+', '+'],
  ['-', '-'],
  ['−', '-'],
  ['*', '*'],
  ['·', '*'],
  ['⋅', '*'],
  ['×', '*'],
  ['/', '/'],
  ['÷', '/'],
  ['^', '^'],
  ['(', '('],
  [')', ')'],
  [',', ','],
]

/** What to write in place of a character that formulas do not have. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['=', 'Give only what stands right of the equals sign.'],
  ['[', 'Use ( and ) to group.'],
  [']', 'Use ( and ) to group.'],
  ['{', 'Use ( and ) to group.'],
  ['}', 'Use ( and ) to group.'],
  ['|', 'Write abs(x) for the absolute value.'],
  ['√', 'Write sqrt(x).'],
  ['%', 'There is no remainder; write x - n*floor(x/n).'],
  ['`', 'A name in backticks needs a closing one and at least one character.'],
  ['"', 'Put an unusual name between backticks.'],
  ["'", 'Put an unusual name between backticks.'],
])

/**
 * The pieces of a formula; the last is the end. A name in backticks may hold anything, a backtick being doubled. Throws
 * ConfigError with the place.
 */
export function tokenize(text: string): Token[] {
  if (text.length > LONGEST_FORMULA)
    throw new ConfigError(
      `The formula has ${text.length} characters; at most ${LONGEST_FORMULA} are read. Shorten it.`,
    )
  const tokens: Token[] = []
  let start = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = start
    return pattern.exec(text)
  }
  while (start < text.length) {
    const space = match(SPACE)
    if (space !== null) {
      start += space[0].length
      continue
    }
    const token = numberAt(text, start, match(NUMBER)?.[0]) ?? otherAt(text, start, match)
    tokens.push(token)
    start = token.end
  }
  tokens.push({ kind: 'end', start: text.length, end: text.length })
  return tokens
}

function numberAt(text: string, start: number, digits: string | undefined): Token | undefined {
  if (digits === undefined) return undefined
  const value = Number(digits)
  const end = start + digits.length
  if (value === Infinity)
    throw formulaError(text, start, end, 'The number is too large', 'The largest is 1.797e308.')
  return { kind: 'number', value, start, end }
}

function otherAt(text: string, start: number, match: (pattern: RegExp) => RegExpExecArray | null): Token {
  const name = match(NAME)?.[0]
  if (name !== undefined) return { kind: 'name', name, quoted: false, start, end: start + name.length }
  const quoted = match(QUOTED)
  if (quoted !== null) {
    const name = quoted[1]!.replaceAll('``', '`')
    return { kind: 'name', name, quoted: true, start, end: start + quoted[0].length }
  }
  const raised = match(SUPERSCRIPT)?.[0]
  if (raised !== undefined) {
    const value = Number(raised.normalize('NFKC').replace('−', '-'))
    return { kind: 'superscript', value, start, end: start + raised.length }
  }
  const found = MARKS.find(([written]) => text.startsWith(written, start))
  if (found !== undefined) return { kind: 'mark', mark: found[1], start, end: start + found[0].length }
  const character = String.fromCodePoint(text.codePointAt(start)!)
  throw formulaError(
    text,
    start,
    start + character.length,
    `A formula has no '${JSON.stringify(character).slice(1, -1)}'`,
    REMEDIES.get(character) ?? 'Formulas have numbers, names, + - * / ^, parentheses and commas.',
  )
}

/** Characters shown on each side of the place where a formula is wrong. */
const SHOWN = 40

/**
 * A ConfigError (a formula is a setting that a person gives, on the command line or in a call) that says what is wrong at
 * text[start, end) and what to do, and shows the place:
 *
 *     There is no function 'sni' (character 5). Did you mean 'sin'?
 *       exp(sni(pi*x1))
 *           ^^^
 */
export function formulaError(
  text: string,
  start: number,
  end: number,
  problem: string,
  remedy: string,
): ConfigError {
  const message = `${problem} (character ${start + 1}). ${remedy}`
  if (text.trim() === '') return new ConfigError(message)
  const from = Math.max(0, start - SHOWN)
  const to = Math.min(text.length, Math.max(end, start + 1) + SHOWN, start + 2 * SHOWN)
  const before = (from > 0 ? '...' : '') + text.slice(from, start)
  const after = text.slice(start, to) + (to < text.length ? '...' : '')
  // Controls become spaces, one for one, so that the caret stays below its character.
  const excerpt = (before + after).replaceAll(/\p{Cc}/gu, ' ')
  const marks = '^'.repeat(Math.min(Math.max(1, end - start), 2 * SHOWN))
  return new ConfigError(`${message}\n  ${excerpt}\n  ${' '.repeat(before.length)}${marks}`)
}
