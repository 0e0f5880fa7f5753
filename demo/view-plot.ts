/** A plot with axes and numbers as one SVG: lines over a shared x. Used for an edge's curve and for functions of one input. */
import { linePath, ticks, toPixel } from './axes.ts'
import type { Axis } from './axes.ts'
import { formatRound, formatTick } from './format.ts'
import { svg } from './svg.ts'
import type { Attributes } from './svg.ts'

export interface PlotLine {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly class: string
}

export interface Plot {
  readonly across: readonly [number, number]
  readonly up: readonly [number, number]
  readonly lines: readonly PlotLine[]
  readonly acrossLabel: string
  readonly upLabel: string
  /** Values to name along y, where round ones would not do. */
  readonly upTicks?: readonly number[]
  /** Values along x to mark on the axis. */
  readonly marks?: readonly number[]
  readonly description: string
}

const margin = { left: 50, right: 14, top: 26, bottom: 34 }
/** Pixels of a digit, and between the numbers and their axis. */
const digit = 6.4
const numberGap = 8

/** Replaces what `place` shows. A plot has a few dozen elements: making them anew ten times a second costs under 1 ms. */
export function drawPlot(place: HTMLElement, height: number, plot: Plot): void {
  const width = Math.floor(place.clientWidth)
  if (width === 0) return
  const up: Axis = { low: plot.up[0], high: plot.up[1], from: height - margin.bottom, to: margin.top }
  const numbers = upNumbers(up, plot.upTicks)
  const longest = Math.max(0, ...numbers.map(({ text }) => text.length))
  const across: Axis = {
    low: plot.across[0],
    high: plot.across[1],
    from: Math.max(margin.left, longest * digit + numberGap),
    to: width - margin.right,
  }
  const figure = svg('svg', {
    role: 'img',
    'aria-label': plot.description,
    class: 'plot',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
  })
  drawAcross(figure, across, up, plot.acrossLabel)
  drawUp(figure, across, up, numbers, plot.upLabel)
  for (const mark of plot.marks ?? []) {
    const x = toPixel(across, mark).toFixed(1)
    figure.append(svg('path', { class: 'mark', d: `M${x} ${up.from}V${up.from - 5}` }))
  }
  for (const line of plot.lines)
    figure.append(svg('path', { class: `line ${line.class}`, d: linePath(line.x, line.y, across, up) }))
  place.replaceChildren(figure)
}

function drawAcross(figure: SVGElement, across: Axis, up: Axis, label: string): void {
  const { values, step } = ticks(across.low, across.high, (across.to - across.from) / 80, 0.01)
  figure.append(svg('path', { class: 'axis', d: `M${across.from} ${up.from}H${across.to}` }))
  for (const value of values) {
    const x = toPixel(across, value)
    figure.append(
      svg('path', { class: 'axis', d: `M${x.toFixed(1)} ${up.from}v4` }),
      svg('text', { class: 'tick', x, y: up.from + 17, 'text-anchor': 'middle' }, formatTick(value, step)),
    )
  }
  figure.append(axisLabel(label, { x: across.to, y: up.from + 31, 'text-anchor': 'end' }))
}

interface AxisNumber {
  readonly value: number
  readonly text: string
}

function upNumbers(up: Axis, wanted: readonly number[] | undefined): AxisNumber[] {
  if (wanted) return wanted.map(value => ({ value, text: formatRound(value) }))
  const { values, step } = ticks(up.low, up.high, (up.from - up.to) / 34)
  return values.map(value => ({ value, text: formatTick(value, step) }))
}

function drawUp(
  figure: SVGElement,
  across: Axis,
  up: Axis,
  numbers: readonly AxisNumber[],
  label: string,
): void {
  for (const { value, text } of numbers) {
    const y = toPixel(up, value)
    figure.append(
      svg('path', {
        class: value === 0 ? 'zero' : 'grid',
        d: `M${across.from} ${y.toFixed(1)}H${across.to}`,
      }),
      svg('text', { class: 'tick', x: across.from - numberGap, y: y + 4, 'text-anchor': 'end' }, text),
    )
  }
  figure.append(axisLabel(label, { x: across.from, y: 12 }))
}

/** A variable, as x1 or φ, is set in italics with its index below the line; words are words. */
function axisLabel(label: string, attributes: Attributes): SVGTextElement {
  const [, letter, index] = /^(\p{L})(\d*)$/u.exec(label) ?? []
  if (letter === undefined) return svg('text', attributes, label)
  return svg('text', { ...attributes, class: 'variable' }, letter, svg('tspan', { dy: 3 }, index ?? ''))
}
