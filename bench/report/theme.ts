/** Colours of the plots, readable on a white page and on a dark one. */
import type { Config } from 'vega-lite'

/** Backgrounds of pages: GitHub's. */
export const LIGHT_PAGE = '#ffffff'
export const DARK_PAGE = '#0d1117'

/** What is there for comparison. */
export const GREY = '#7c8590'

/** Marks: each has a contrast of 3 or more on both pages (WCAG 2.1, 1.4.11). */
export const MARKS = [
  '#2f81f7',
  '#d4690b',
  '#1a9a50',
  '#b15fd6',
  '#e5484d',
  '#0e96a3',
  '#9a7427',
  GREY,
  '#d6409f',
  '#6e7bdc',
] as const

/** Text and lines of a light page, and what takes their place on a dark one: text has a contrast of 4.5 or more (1.4.3). */
export const TEXT = { light: '#4b535b', dark: '#c9d1d9' } as const
const LINES = { light: '#d8dee4', dark: '#30363d' } as const

/** A rule that repaints what was drawn for a light page; SVG attributes give way to style sheets. */
const STYLE = `<style>@media (prefers-color-scheme: dark) {
[fill="${TEXT.light}"] { fill: ${TEXT.dark} } [stroke="${TEXT.light}"] { stroke: ${TEXT.dark} }
[stroke="${LINES.light}"] { stroke: ${LINES.dark} }
}</style>`

/** The picture with the style sheet as its first child. */
export function withDarkMode(svg: string): string {
  return svg.replace(/<svg[^>]*>/, start => start + STYLE)
}

/** Vega-Lite's configuration in these colours, on no background. */
export const CONFIG: Config = {
  background: 'transparent',
  font: 'system-ui, -apple-system, "Segoe UI", sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: TEXT.light,
    titleColor: TEXT.light,
    gridColor: LINES.light,
    domainColor: LINES.light,
    tickColor: LINES.light,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: TEXT.light, titleColor: TEXT.light, labelLimit: 320, labelFontSize: 11 },
  header: { labelColor: TEXT.light, titleColor: TEXT.light, labelFontSize: 12 },
  title: { color: TEXT.light, fontSize: 13, fontWeight: 'normal', anchor: 'start' },
  range: { category: [...MARKS] },
}
