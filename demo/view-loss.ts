/** The errors of training and validation by step, on a logarithmic scale. */
import uPlot from 'uplot'
import { formatCount, formatNumber, formatPower } from './format.ts'
import type { History } from './snapshot.ts'
import { setText } from './svg.ts'

/** More points than the chart has pixels are not seen. */
const mostPoints = 600
const height = 236

export class LossView {
  readonly #place: HTMLElement
  readonly #key: HTMLElement
  #chart: uPlot | undefined
  #changes: History['changes'] = []

  /** `key` gets the last values; the place gets the chart and its text alternative. */
  constructor(place: HTMLElement, key: HTMLElement) {
    this.#place = place
    this.#key = key
    new ResizeObserver(() => this.#chart?.setSize({ width: this.#pixels(), height })).observe(place)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#chart?.redraw(false))
  }

  draw(history: History): void {
    if (this.#pixels() === 0) return
    this.#chart ??= new uPlot(this.#options(), [[], [], []], this.#place)
    this.#changes = history.changes
    this.#chart.setData(aligned(history))
    const last = history.training.at(-1)
    const validation = history.validation.at(-1)
    const step = history.training.length
    const [first] = history.training
    const changed = history.changes
      .map(change => `, ${change.label} from step ${formatCount(change.step)}`)
      .join('')
    this.#place.setAttribute(
      'aria-label',
      last === undefined || first === undefined
        ? 'Chart of the error by step: no step yet.'
        : `Chart of the error by step, logarithmic. Training goes from ${formatNumber(first)} to ${formatNumber(last)} in ` +
            `${formatCount(step)} steps${changed}${validation ? `; validation is at ${formatNumber(validation.error)}` : ''}.`,
    )
    const [training, checked] = this.#key.querySelectorAll('output')
    if (training) setText(training, last === undefined ? '–' : formatNumber(last))
    if (checked) setText(checked, validation ? formatNumber(validation.error) : '–')
  }

  #pixels(): number {
    return Math.floor(this.#place.clientWidth)
  }

  #options(): uPlot.Options {
    const ink = (name: string) => (): string => getComputedStyle(this.#place).getPropertyValue(name)
    const font = `11px ${getComputedStyle(document.body).fontFamily}`
    const axis: uPlot.Axis = {
      stroke: ink('--muted'),
      font,
      ticks: { stroke: ink('--rule'), width: 1, size: 4 },
      grid: { stroke: ink('--hairline'), width: 1 },
    }
    return {
      width: this.#pixels(),
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [10, 14, 0, 0],
      scales: {
        x: { time: false, range: (_, low, high) => [Math.min(0, low), Math.max(10, high)] },
        y: { distr: 3, range: (_, low, high) => decades(low, high) },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 30,
          gap: 4,
          space: 64,
          incrs: wholeSteps,
          values: (_, steps) => steps.map(formatCount),
        },
        {
          ...axis,
          size: 46,
          gap: 4,
          splits: (_, __, low, high) => powers(low, high),
          // uPlot would empty some of these.
          filter: (_, errors) => errors,
          values: (_, errors) => errors.map(error => formatPower(Math.round(Math.log10(error)))),
        },
      ],
      series: [
        {},
        { stroke: ink('--first'), width: 1.5, points: { show: false }, spanGaps: true },
        { stroke: ink('--second'), width: 1.5, dash: [5, 3], points: { show: false }, spanGaps: true },
      ],
      hooks: { drawClear: [chart => this.#markChanges(chart, ink)] },
    }
  }

  /** A line at every change of the network, named on top where there is room. Canvas pixels. */
  #markChanges(chart: uPlot, ink: (name: string) => () => string): void {
    const { ctx, bbox } = chart
    ctx.save()
    ctx.strokeStyle = ink('--rule')()
    ctx.fillStyle = ink('--muted')()
    ctx.lineWidth = devicePixelRatio
    ctx.font = `${11 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`
    ctx.textBaseline = 'top'
    ctx.textAlign = 'left'
    ctx.setLineDash([])
    const gap = 4 * devicePixelRatio
    let end = -Infinity
    for (const { step, label } of this.#changes) {
      const x = Math.round(chart.valToPos(step, 'x', true))
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
      const width = ctx.measureText(label).width
      if (x < end || x + gap + width > bbox.left + bbox.width) continue
      ctx.fillText(label, x + gap, bbox.top + gap)
      end = x + 2 * gap + width
    }
    ctx.restore()
  }
}

/** Distances between ticks: there is no half step. */
const wholeSteps = Array.from({ length: 7 }, (_, power) =>
  [1, 2, 5].map(factor => factor * 10 ** power),
).flat()

/** Powers of ten in the range, at most ten of them. */
function powers(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9)
  const last = Math.floor(Math.log10(high) + 1e-9)
  const stride = Math.ceil((last - first + 1) / 10)
  const all = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
  return all.filter((_, i) => i % stride === 0)
}

/** Whole decades around the values, at least one. */
function decades(low: number | null, high: number | null): [number, number] {
  if (!low || !high || !(low > 0) || !Number.isFinite(high)) return [0.01, 1]
  const from = Math.floor(Math.log10(low) + 1e-9)
  const to = Math.max(from + 1, Math.ceil(Math.log10(high) - 1e-9))
  return [10 ** from, 10 ** to]
}

/** Both series over one list of steps; null where a series has no value. A logarithm has no zero: those are left out. */
function aligned({ training, validation }: History): [number[], (number | null)[], (number | null)[]] {
  const stride = Math.max(1, Math.ceil(training.length / mostPoints))
  const rows = new Map<number, [number | null, number | null]>()
  for (let i = 0; i < training.length; i += stride) rows.set(i, [positive(training[i]), null])
  if (training.length > 0) rows.set(training.length - 1, [positive(training.at(-1)), null])
  const skip = Math.max(1, Math.ceil(validation.length / mostPoints))
  for (let i = validation.length - 1; i >= 0; i -= skip) {
    const { step, error } = validation[i]!
    rows.set(step, [rows.get(step)?.[0] ?? null, positive(error)])
  }
  const steps = [...rows.keys()].toSorted((a, b) => a - b)
  return [steps, steps.map(step => rows.get(step)![0]), steps.map(step => rows.get(step)![1])]
}

function positive(value: number | undefined): number | null {
  return value !== undefined && value > 0 && Number.isFinite(value) ? value : null
}
