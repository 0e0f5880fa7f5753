/** Target beside prediction: heat maps for two inputs and more, lines for one. */
import { paddedRange } from './axes.ts'
import { cividis, colorAt, differenceDark, differenceLight } from './colors.ts'
import type { Rgb } from './colors.ts'
import { formatNumber, formatTick } from './format.ts'
import { variableName } from './formula.ts'
import type { Snapshot } from './snapshot.ts'
import { html, setText } from './svg.ts'
import { drawPlot } from './view-plot.ts'

type Drawn = Pick<Snapshot, 'function' | 'picture'>

/** Draws one function's fit into its place; made anew when the number of inputs changes. */
export class FitView {
  readonly #place: HTMLElement
  readonly #dark = matchMedia('(prefers-color-scheme: dark)')
  #maps: HeatMaps | undefined
  #drawn: Drawn | undefined

  constructor(place: HTMLElement) {
    this.#place = place
    const again = (): void => {
      if (this.#drawn) this.draw(this.#drawn)
    }
    this.#dark.addEventListener('change', again)
    new ResizeObserver(again).observe(place)
  }

  draw(drawn: Drawn): void {
    const changed = drawn.function !== this.#drawn?.function
    this.#drawn = drawn
    if (changed) {
      this.#maps = drawn.function.inputs > 1 ? new HeatMaps(drawn.function) : undefined
      this.#place.replaceChildren(...(this.#maps ? [this.#maps.element] : [html('div'), html('div')]))
    }
    if (this.#maps) this.#maps.draw(drawn, this.#dark.matches)
    else drawLines(this.#place, drawn)
  }
}

function differences({ picture }: Drawn): Float64Array {
  return picture.prediction.map((value, p) => value - picture.target[p]!)
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

function drawLines(place: HTMLElement, drawn: Drawn): void {
  const { picture } = drawn
  const [first, second] = place.children
  if (!(first instanceof HTMLElement && second instanceof HTMLElement)) return
  const [low, high] = drawn.function.range
  const x = Float64Array.from(
    { length: picture.points },
    (_, p) => low + ((high - low) * p) / (picture.points - 1),
  )
  const error = differences(drawn)
  const [smallest, greatest] = paddedRange(picture.target, 0)
  drawPlot(first, 250, {
    across: drawn.function.range,
    up: paddedRange([...picture.target, ...picture.prediction]),
    lines: [
      { x, y: picture.target, class: 'target' },
      { x, y: picture.prediction, class: 'prediction' },
    ],
    acrossLabel: 'x',
    upLabel: 'target (grey) and prediction',
    description:
      `Target and prediction over x from ${low} to ${high}. The target goes from ${formatNumber(smallest)} to ` +
      `${formatNumber(greatest)}.`,
  })
  const most = roundUp(largest(error))
  drawPlot(second, 150, {
    across: drawn.function.range,
    up: [-most, most],
    upTicks: [-most, 0, most],
    lines: [{ x, y: error, class: 'validation' }],
    acrossLabel: 'x',
    upLabel: 'prediction − target',
    description: `Prediction minus target over x; the largest error is ${formatNumber(largest(error))}.`,
  })
}

/** The next round number: a scale that does not move with every step. */
function roundUp(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return (
    [1, 1.5, 2, 3, 4, 6, 8, 10].map(factor => factor * power).find(candidate => candidate >= value) ?? value
  )
}

interface HeatMap {
  readonly element: HTMLElement
  readonly canvas: HTMLCanvasElement
}

/** Three maps over the first two inputs, and their colour scales. */
class HeatMaps {
  readonly element: HTMLElement
  readonly #target: HeatMap
  readonly #prediction: HeatMap
  readonly #error: HeatMap
  readonly #valueScale = new ColorScale('Value')
  readonly #errorScale = new ColorScale('Error')
  readonly #worst = html('p', { class: 'worst' })

  constructor(fn: Snapshot['function']) {
    this.#target = heatMap('Target', fn)
    this.#prediction = heatMap('Prediction', fn)
    this.#error = heatMap('Error', fn)
    const scales = html(
      'div',
      { class: 'scales' },
      this.#valueScale.element,
      this.#errorScale.element,
      this.#worst,
    )
    if (fn.inputs > 2) {
      const others = Array.from({ length: fn.inputs - 2 }, (_, i) => variableName(i + 2, fn.inputs)).join(
        ', ',
      )
      scales.append(html('p', {}, `A slice: ${others} at 0.`))
    }
    this.element = html(
      'div',
      { class: 'maps' },
      this.#target.element,
      this.#prediction.element,
      this.#error.element,
      scales,
    )
  }

  draw(drawn: Drawn, dark: boolean): void {
    const { target, prediction, points } = drawn.picture
    const [low, high] = paddedRange(target, 0)
    const value = (v: number): Rgb => colorAt(cividis, (v - low) / (high - low))
    paint(this.#target.canvas, target, points, value)
    paint(this.#prediction.canvas, prediction, points, value)
    this.#valueScale.draw([low, high], value)
    const error = differences(drawn)
    const worst = largest(error)
    const most = roundUp(worst)
    const map = dark ? differenceDark : differenceLight
    const difference = (v: number): Rgb => colorAt(map, (v / most + 1) / 2)
    paint(this.#error.canvas, error, points, difference)
    this.#errorScale.draw([-most, most], difference)
    setText(this.#worst, `Largest error ${formatNumber(worst)}`)
    describe(this.#target, `Heat map of the target, from ${formatNumber(low)} to ${formatNumber(high)}.`)
    const [predictedLow, predictedHigh] = paddedRange(prediction, 0)
    describe(
      this.#prediction,
      `Heat map of the prediction, from ${formatNumber(predictedLow)} to ${formatNumber(predictedHigh)}.`,
    )
    describe(this.#error, `Heat map of prediction minus target; the largest error is ${formatNumber(worst)}.`)
  }
}

/** Numbers at the ends and the middle of an axis, with the variable's name between two of them. */
function axis(
  side: 'up' | 'across',
  first: string,
  middle: string,
  last: string,
  index: string,
): HTMLElement {
  return html(
    'div',
    { class: side, 'aria-hidden': 'true' },
    html('span', { class: 'first' }, first),
    html('span', { class: 'middle' }, middle),
    html('span', { class: 'last' }, last),
    html('span', { class: 'name' }, html('i', {}, 'x'), html('sub', {}, index)),
  )
}

function describe({ canvas }: HeatMap, text: string): void {
  if (canvas.getAttribute('aria-label') !== text) canvas.setAttribute('aria-label', text)
}

function heatMap(title: string, fn: Snapshot['function']): HeatMap {
  const canvas = html('canvas', { role: 'img' })
  const [low = '', middle = '', high = ''] = [fn.range[0], (fn.range[0] + fn.range[1]) / 2, fn.range[1]].map(
    value => formatTick(value, 0.5 * (fn.range[1] - fn.range[0])),
  )
  const element = html(
    'div',
    { class: 'map' },
    html('h3', {}, title),
    axis('up', low, middle, high, '2'),
    canvas,
    axis('across', low, middle, high, '1'),
  )
  return { element, canvas }
}

/** Cells [x2][x1], x2 upwards. */
function paint(
  canvas: HTMLCanvasElement,
  values: Float64Array,
  points: number,
  color: (value: number) => Rgb,
): void {
  if (canvas.width !== points) canvas.width = canvas.height = points
  const context = canvas.getContext('2d')
  if (!context) return
  const image = context.createImageData(points, points)
  for (let p = 0; p < values.length; p++) {
    const at = 4 * ((points - 1 - Math.floor(p / points)) * points + (p % points))
    image.data.set(color(values[p]!), at)
    image.data[at + 3] = 255
  }
  context.putImageData(image, 0, 0)
}

/** A horizontal bar of colours with numbers below it. */
class ColorScale {
  readonly element: HTMLElement
  readonly #canvas = html('canvas', { width: 64, height: 1, 'aria-hidden': 'true' })
  readonly #numbers = [html('span'), html('span'), html('span')]

  constructor(name: string) {
    this.element = html(
      'div',
      { class: 'scale' },
      html('h3', {}, name),
      this.#canvas,
      html('div', { class: 'numbers' }, ...this.#numbers),
    )
  }

  draw([low, high]: readonly [number, number], color: (value: number) => Rgb): void {
    const context = this.#canvas.getContext('2d')
    if (!context) return
    const image = context.createImageData(64, 1)
    for (let p = 0; p < 64; p++) image.data.set([...color(low + ((high - low) * p) / 63), 255], 4 * p)
    context.putImageData(image, 0, 0)
    const values = [low, (low + high) / 2, high]
    this.#numbers.forEach((span, n) => setText(span, formatNumber(values[n]!, 2)))
  }
}
