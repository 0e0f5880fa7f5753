/** The plots of a run: Vega-Lite specifications from its figures, and their pictures. */
import { Error as ERRORS, logger, parse, View } from 'vega'
import { compile } from 'vega-lite'
import type { TopLevelSpec } from 'vega-lite'
import { OURS } from '../figure.ts'
import type { Figure } from '../figure.ts'
import { GROWTH_WITH_BATCH, GROWTH_WITH_G, GROWTH_WITH_WIDTH, POPULATION, STEP } from '../groups.ts'
import type { BenchFile } from '../results.ts'
import { CONFIG, GREY, MARKS, withDarkMode } from './theme.ts'

/** A plot by its name in file names, with what it shows in words. */
export interface Plot {
  readonly name: string
  readonly caption: string
  readonly spec: TopLevelSpec
}

/** A figure as the plots take it. */
interface Point {
  readonly name: string
  readonly side: string
  readonly minimum: number
  readonly median: number
  readonly maximum: number
}

function pointsOf(figures: readonly Figure[], group: string): Point[] {
  return figures
    .filter(figure => figure.group === group)
    .map(({ name, side, spread: { minimum, median, maximum } }) => ({ name, side, minimum, median, maximum }))
}

/** A logarithmic axis of milliseconds, with a line for each power of ten. */
function milliseconds(points: readonly Point[]) {
  const first = Math.floor(Math.log10(Math.min(...points.map(({ minimum }) => minimum))))
  const last = Math.ceil(Math.log10(Math.max(...points.map(({ maximum }) => maximum))))
  const values = Array.from({ length: last - first + 1 }, (_, n) => 10 ** (first + n))
  return {
    type: 'quantitative' as const,
    scale: { type: 'log' as const, domain: [10 ** first, 10 ** last] },
    axis: { values, format: '~g' },
    title: 'ms, median and spread',
  }
}

/** Step times: a row a shape and side, from the fastest to the slowest. */
function stepPlot(figures: readonly Figure[]): Plot[] {
  const values = pointsOf(figures, STEP)
  if (values.length === 0) return []
  const fastestFirst = values.toSorted((a, b) => a.median - b.median)
  const y = {
    field: 'side',
    type: 'nominal' as const,
    title: null,
    sort: [...new Set(fastestFirst.map(({ side }) => side))],
    axis: { labelLimit: 320, grid: true },
  }
  // Ours in two colours of their own, everyone else in grey: the names stand beside.
  const color = {
    field: 'side',
    type: 'nominal' as const,
    legend: null,
    scale: {
      domain: y.sort,
      range: y.sort.map(side => (side === OURS.gpu ? MARKS[1] : side === OURS.cpu ? MARKS[0] : GREY)),
    },
  }
  const spec: TopLevelSpec = {
    data: { values },
    facet: { row: { field: 'name', type: 'nominal', title: null, header: { labelAngle: 0 } } },
    resolve: { scale: { y: 'independent' } },
    spec: {
      width: 420,
      height: { step: 16 },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 2 },
          encoding: {
            x: { field: 'minimum', ...milliseconds(values) },
            x2: { field: 'maximum' },
            y,
            color,
          },
        },
        {
          mark: { type: 'point', filled: true, size: 60, opacity: 1 },
          encoding: { x: { field: 'median', ...milliseconds(values) }, y, color },
        },
      ],
    },
    config: CONFIG,
  }
  return [{ name: 'steps', caption: 'Milliseconds a training step, by shape', spec }]
}

/** How a time grows along one axis: a line a side, both axes logarithmic. */
function linePlot(
  figures: readonly Figure[],
  group: string,
  name: string,
  axis: string,
  caption: string,
): Plot[] {
  const values = pointsOf(figures, group).map(point => ({ ...point, at: Number(point.name) }))
  if (values.length === 0) return []
  const at = [...new Set(values.map(point => point.at))]
  const x = {
    field: 'at',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, nice: false },
    axis: { values: at, format: 'd' },
    title: axis,
  }
  const color = {
    field: 'side',
    type: 'nominal',
    title: null,
    legend: { orient: 'bottom', columns: 2 },
  } as const
  const spec: TopLevelSpec = {
    data: { values },
    width: 420,
    height: 240,
    layer: [
      {
        mark: { type: 'line', point: { filled: true, size: 40 } },
        encoding: { x, y: { field: 'median', ...milliseconds(values) }, color },
      },
      {
        mark: { type: 'rule' },
        encoding: {
          x,
          y: { field: 'minimum', ...milliseconds(values) },
          y2: { field: 'maximum' },
          color,
        },
      },
    ],
    config: CONFIG,
  }
  return [{ name, caption, spec }]
}

/** The growths, and what each is along, for the axis. */
const GROWTH = [
  { group: GROWTH_WITH_G, axis: 'G, grid intervals' },
  { group: GROWTH_WITH_WIDTH, axis: 'nodes a layer' },
  { group: GROWTH_WITH_BATCH, axis: 'rows a batch' },
] as const

/** All plots that a run has figures for. */
export function plotsOf({ figures }: Pick<BenchFile, 'figures'>): Plot[] {
  return [
    ...stepPlot(figures),
    ...GROWTH.flatMap(({ group, axis }) =>
      linePlot(
        figures,
        group,
        group.replaceAll(' ', '-'),
        axis,
        `Milliseconds, ${group}, around [64, 64, 64], batch 1024, G 5`,
      ),
    ),
    ...linePlot(
      figures,
      POPULATION,
      'population',
      'networks side by side',
      'Milliseconds a step of a population',
    ),
  ]
}

/** The picture, as SVG that follows the reader's colour scheme. */
export async function renderPlot({ spec }: Plot): Promise<string> {
  // It warns of layers in facets that might have sources of their own; ours have one.
  const compiled = compile(spec, { logger: logger(ERRORS) })
  const view = new View(parse(compiled.spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return `${withDarkMode(svg)}\n`
}
