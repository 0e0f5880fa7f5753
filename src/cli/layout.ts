/** Output is laid out for this many columns where nobody knows better: the narrowest terminal in common use. */
export const pageWidth = 80

/** The most columns of a terminal that are used: longer lines are hard to follow. */
export const widestPage = 120

/** The fewest: below them tables would break everywhere. */
export const narrowestPage = 40

const indent = '  '

/** Breaks a text at spaces into lines of at most `width` characters; a longer word stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Where formulas break, best first: before a sum's sign, before a product's, behind a parenthesis, and headings at spaces. */
const breaks: readonly (readonly [at: RegExp, glue: string])[] = [
  [/ (?=[+-] )/g, ' '],
  [/(?=[*/])/g, ''],
  [/(?<=\()/g, ''],
  [/ /g, ' '],
]

/**
 * Breaks a formula into lines of at most `width` characters, each operator with what follows it; names between backticks stay
 * whole.
 */
export function wrapFormula(text: string, width: number): string[] {
  const lines: string[] = []
  const add = (part: string, glue: string, level: number): void => {
    const last = lines.at(-1)
    const at = breaks[level]
    if (last !== undefined && last.length + glue.length + part.length <= width)
      lines[lines.length - 1] = `${last}${glue}${part}`
    else if (part.length <= width || at === undefined) lines.push(part)
    else splitAt(part, at[0]).forEach((piece, k) => add(piece, k === 0 ? glue : at[1], level + 1))
  }
  add(text, '', 0)
  return lines
}

/** The parts of a formula between breaks, which may take a space away, but none in a name. */
function splitAt(text: string, at: RegExp): string[] {
  const visible = text.replaceAll(/`[^`]*`/g, name => '_'.repeat(name.length))
  const parts: string[] = []
  let start = 0
  for (const { index, 0: space } of visible.matchAll(at)) {
    if (index > start) parts.push(text.slice(start, index))
    start = index + space.length
  }
  return [...parts, text.slice(start)]
}

/** Shown as a space, at which paragraphs and pairs do not break. */
export const noBreak = '\u00A0'

function wrapParts(text: string, width: number): string[] {
  return wrap(text, width).map(line => line.replaceAll(noBreak, ' '))
}

/** A text as indented lines, each painted. */
export function paragraph(
  text: string,
  width = pageWidth,
  paint: (text: string) => string = line => line,
): string {
  return wrapParts(text, width - indent.length)
    .map(line => `${indent}${paint(line)}\n`)
    .join('')
}

/** Names and texts side by side, the texts wrapped and aligned. `dim` paints the names after they are padded. */
export function pairs(
  entries: readonly (readonly [string, string])[],
  dim: (text: string) => string,
  width = pageWidth,
): string {
  const nameWidth = Math.max(...entries.map(([name]) => name.length)) + 2
  const lines = entries.flatMap(([name, text]) =>
    wrapParts(text, width - indent.length - nameWidth).map(
      (line, i) => `${indent}${dim((i === 0 ? name : '').padEnd(nameWidth))}${line}`,
    ),
  )
  return `${lines.join('\n')}\n`
}

/** A formula with the name of its value, wrapped and indented; `paint` paints each line. */
export function equation(
  name: string,
  formula: string,
  paint: (text: string) => string,
  width = pageWidth,
): string {
  const lines = wrapFormula(`${name} = ${formula}`, width - indent.length - 4)
  return lines.map((line, i) => `${indent}${i === 0 ? '' : '    '}${paint(line)}\n`).join('')
}

/** A grid of texts: the first column to the left, the others, numbers, to the right. The first row is the heading. */
export function grid(rows: readonly (readonly string[])[], dim: (text: string) => string): string {
  const widths = rows[0]!.map((_, place) => Math.max(...rows.map(row => (row[place] ?? '').length)))
  const lines = rows.map((row, i) => {
    const line = row.map((cell, place) =>
      place === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[place]!),
    )
    return indent + (i === 0 ? dim(line.join('   ')) : line.join('   '))
  })
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}

/** Characters before each text of a listing, such as `> `. */
const MARK = 2

/**
 * Rows of numbers, to the right, with a text as the last column, to the left, wrapped to the width of the page, after two characters
 * that mark it. The first row is the heading.
 */
export function listing(
  rows: readonly (readonly [...numbers: string[], text: string])[],
  dim: (text: string) => string,
  width = pageWidth,
): string {
  const places = rows[0]!.length - 1
  const widths = Array.from({ length: places }, (_, place) =>
    Math.max(...rows.map(row => row[place]!.length)),
  )
  const gap = '   '
  const left = indent.length + widths.reduce((sum, own) => sum + own + gap.length, 0)
  const lines = rows.flatMap((row, i) => {
    const numbers = widths.map((own, place) => row[place]!.padStart(own)).join(gap)
    const [mark, text] = [row[places]!.slice(0, MARK), row[places]!.slice(MARK)]
    return wrapFormula(text, Math.max(narrowestPage / 2, width - left - 4) - MARK).map((part, k) => {
      const line = k === 0 ? `${indent}${numbers}${gap}${mark}${part}` : `${' '.repeat(left + 4)}${part}`
      return i === 0 ? dim(line) : line
    })
  })
  return `${lines.map(line => line.trimEnd()).join('\n')}\n`
}
