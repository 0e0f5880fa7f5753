/** `npm run bench:report`: bench/RESULTS.md and the plots in bench/plots, from all results files in bench/results. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderPage } from './report/page.ts'
import { plotsOf, renderPlot } from './report/plots.ts'
import { readBenches } from './results.ts'

const here = import.meta.dirname
const plotFolder = join(here, 'plots')

const benches = readBenches(join(here, 'results'))
const page = renderPage(benches)
mkdirSync(plotFolder, { recursive: true })
// Plots of results that are gone, or no longer shown, go as well.
for (const name of readdirSync(plotFolder)) rmSync(join(plotFolder, name))
for (const { name, file } of page.shown)
  for (const plot of plotsOf(file))
    writeFileSync(join(plotFolder, `${name}-${plot.name}.svg`), await renderPlot(plot))
writeFileSync(join(here, 'RESULTS.md'), page.text)
process.stdout.write(`bench/RESULTS.md: ${page.shown.length} of ${benches.length} runs in full\n`)
