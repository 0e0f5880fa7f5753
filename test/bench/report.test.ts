import { describe, expect, it } from 'vitest'
import { renderPage } from '../../bench/report/page.ts'
import { plotsOf, renderPlot } from '../../bench/report/plots.ts'
import { DARK_PAGE, LIGHT_PAGE, MARKS, TEXT } from '../../bench/report/theme.ts'
import { benchFile, figure } from './fixture.ts'

describe('renderPage', () => {
  it('shows the newest run of each machine in full, and the others in a line', () => {
    const early = { name: 'early', file: benchFile({ began: '2030-05-01T00:00:00.000Z' }) }
    const late = { name: 'late', file: benchFile({ figures: [figure('step', 'A', 'webkan CPU', 3)] }) }
    const { gpu: _, ...withoutGpu } = benchFile()
    const elsewhere = { name: 'elsewhere', file: { ...withoutGpu, noGpu: 'There is none.' } }
    const { text, shown } = renderPage([early, elsewhere, late])
    expect(shown.map(({ name }) => name)).toEqual(['late', 'elsewhere'])
    expect(text.match(/^## .*/gm)).toEqual([
      '## 2030-05-04: A processor, 4 cores, A GPU',
      '## 2030-05-04: A processor, 4 cores, no GPU',
      '## Earlier runs: ms a step',
    ])
    expect(text).toContain('no GPU: There is none.')
    expect(text).toContain('| early | A processor, 4 cores, A GPU | 0.500 |  | 8 |  |  | 4 |  |  |  |  |')
  })

  it('puts ours first, and beside it how many times longer each peer takes', () => {
    const { text } = renderPage([{ name: 'run', file: benchFile() }])
    expect(text).toContain(
      [
        '|  | A | C |',
        '| --- | --- | --- |',
        '| webkan GPU | 0.500 (0.250 to 1) | 8 (4 to 16) |',
        '| dense gpu | 1 (0.500 to 2), **2x** |  |',
      ].join('\n'),
    )
    expect(text).toContain(
      ['| webkan CPU | 4 (2 to 8) |', '| dense cpu | 30 (15 to 60), **7.50x** |'].join('\n'),
    )
  })

  it('names the kernel variants that a time belongs to', () => {
    const chosen = { ...figure('step', 'C', 'webkan GPU', 8), detail: { kernels: 'forward=tile4' } }
    const { text } = renderPage([{ name: 'run', file: benchFile({ figures: [chosen] }) }])
    expect(text).toContain('| C | forward=tile4 |')
  })

  it('lists a group that it has no section for', () => {
    const figures = [figure('waits of a page', 'A', 'webkan GPU', 8)]
    const { text } = renderPage([{ name: 'run', file: benchFile({ figures }) }])
    expect(text).toContain('### Waits of a page')
    expect(text).toContain('| A | webkan GPU | 8 (4 to 16) | ms |')
  })

  it('says what did not run and why, on one line that breaks no table', () => {
    const { text } = renderPage([{ name: 'run', file: benchFile() }])
    expect(text).toContain('| step | E | dense gpu | Not run: a \\| step would take long. |')
    expect(text).toContain('- did not run: absent; away. It is not installed.')
  })

  it('links the plots that there are', () => {
    const { text } = renderPage([{ name: 'run', file: benchFile() }])
    const links = [...text.matchAll(/\(plots\/(.*?)\.svg\)/g)].map(match => match[1]!)
    expect(links).toHaveLength(3)
    expect(new Set(links)).toEqual(new Set(plotsOf(benchFile()).map(({ name }) => `run-${name}`)))
  })
})

describe('renderPlot', () => {
  it('draws every side, in one picture for both colour schemes', async () => {
    const plots = plotsOf(benchFile())
    expect(plots.map(({ name }) => name)).toEqual(['steps', 'growth-with-G', 'population'])
    const [steps, growth] = await Promise.all(plots.map(renderPlot))
    for (const side of ['webkan CPU', 'webkan GPU', 'dense cpu', 'dense gpu'])
      expect(steps).toContain(`>${side}</text>`)
    expect(growth).toContain('webkan GPU, forward + backward')
    expect(steps).toMatch(/^<svg[^>]*><style>@media \(prefers-color-scheme: dark\)/)
    // What the style sheet repaints is there to be repainted.
    expect(steps).toContain(`fill="${TEXT.light}"`)
  })
})

/** WCAG 2.1's contrast ratio of two colours written as #rrggbb. */
function contrast(a: string, b: string): number {
  const luminance = (color: string): number => {
    const [red, green, blue] = [1, 3, 5].map(start => {
      const value = Number.parseInt(color.slice(start, start + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
  }
  const [dark, light] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (light! + 0.05) / (dark! + 0.05)
}

describe('the colours', () => {
  it.each(MARKS)('%s is seen on light and on dark pages', color => {
    expect(contrast(color, LIGHT_PAGE)).toBeGreaterThanOrEqual(3)
    expect(contrast(color, DARK_PAGE)).toBeGreaterThanOrEqual(3)
  })

  it('are read on both', () => {
    expect(contrast(TEXT.light, LIGHT_PAGE)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(TEXT.dark, DARK_PAGE)).toBeGreaterThanOrEqual(4.5)
  })
})
