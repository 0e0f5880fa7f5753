/**
 * `npm run study [-- NAME ...] [-- --fresh]`: what takes too long for tests. Resumable; each study's results go to
 * bench/results as dated JSON. After each study bench/STUDIES.md is written anew, from the newest whole results of every
 * study; `npm run study -- --report` does only that.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newestResults, runStudy } from './resumable.ts'
import type { StudyFile, StudyRun } from './resumable.ts'
import { discoverRuns, summariseDiscover } from './studies/discover.ts'
import { feynmanRuns, summariseFeynman } from './studies/feynman.ts'
import { lawRuns, summariseLaws } from './studies/laws.ts'
import { noisyRuns, summariseNoisy } from './studies/noisy.ts'
import { optimizerRuns, summariseOptimizers } from './studies/optimizers.ts'
import { robustnessRuns, summariseRobustness } from './studies/robustness.ts'
import { sparsityRuns, summariseSparsity } from './studies/sparsity.ts'
import { staircaseRuns, summariseStaircase } from './studies/staircase.ts'
import { startRuns, summariseStarts } from './studies/starts.ts'
import { summariseTables, tableRuns } from './studies/tables.ts'
import { summariseToys, toyRuns } from './studies/toys.ts'

/** A study with its results' type closed over. */
interface Study {
  readonly title: string
  run(fresh: boolean): Promise<string>
  /** The section of its newest results, or undefined. */
  section(): string | undefined
}

function study<Result>(
  name: string,
  title: string,
  runs: readonly StudyRun<Result>[],
  summarise: (file: StudyFile<Result>) => string,
): [string, Study] {
  return [
    name,
    {
      title,
      run: async fresh => summarise(await runStudy(name, runs, { fresh })),
      section() {
        const file = newestResults(name, runs)
        if (!file) return undefined
        const { processor, cores, node } = file.machine
        return `## ${title}\n\n${file.date}, ${processor}, ${cores} cores, Node ${node}.\n\n${summarise(file)}\n`
      },
    },
  ]
}

const studies = new Map<string, Study>([
  study('tables', 'Real tables, the defaults of `webkan fit`, five seeds', tableRuns, summariseTables),
  study(
    'optimizers',
    'exp(sin(pi x1) + x2^2) on [2, 5, 1], G 3, 1000 samples, ten seeds, one start each',
    optimizerRuns,
    summariseOptimizers,
  ),
  study(
    'staircase',
    'The staircase: exp(sin(pi x1) + x2^2) on [2, 1, 1], the defaults of fit',
    staircaseRuns,
    summariseStaircase,
  ),
  study(
    'starts',
    'How often one start is enough: exp(sin(pi x1) + x2^2) on [2, 1, 1], G 3, 1000 samples, CPU, 100 seeds',
    startRuns,
    summariseStarts,
  ),
  study(
    'toys',
    "The KAN paper's other toy functions, 3000 samples, the defaults of fit",
    toyRuns,
    summariseToys,
  ),
  study(
    'robustness',
    'Never NaN: exp(sin(pi x1) + x2^2) on [2, 5, 1], 100 seeds on each engine',
    robustnessRuns,
    summariseRobustness,
  ),
  study(
    'sparsity',
    'From [2, 5, 1] to [2, 1, 1] with three edges: lambda 1e-2, then prune(), 100 seeds',
    sparsityRuns,
    summariseSparsity,
  ),
  study(
    'discover',
    'A formula found again: exp(sin(pi x1) + x2^2), one call of discover a seed, 50 seeds',
    discoverRuns,
    summariseDiscover,
  ),
  study(
    'feynman',
    'Thirty equations of the Feynman list, the defaults of discover, three seeds',
    feynmanRuns,
    summariseFeynman,
  ),
  study('noisy', 'Laws with noise, the defaults of discover', noisyRuns, summariseNoisy),
  study('laws', 'Laws in real tables, by `webkan discover`', lawRuns, summariseLaws),
])

const HEAD = `# Studies

What takes too long for tests, measured by \`npm run study\` (bench/study.ts writes this page; every single run is in
bench/results). RMSE are of 1000 test samples, in the function's own units.
`

/** Writes bench/STUDIES.md: a section for each study whose runs are all there. */
function writeReport(): void {
  const sections = [...studies.values()].flatMap(each => each.section() ?? [])
  writeFileSync(join(import.meta.dirname, 'STUDIES.md'), [HEAD, ...sections].join('\n'))
}

const names = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const [fresh, reportOnly] = ['--fresh', '--report'].map(flag => process.argv.includes(flag))
if (reportOnly !== true)
  for (const name of names.length > 0 ? names : studies.keys()) {
    const chosen = studies.get(name)
    if (!chosen) throw new Error(`There is no study '${name}'; there are ${[...studies.keys()].join(', ')}.`)
    process.stdout.write(`${chosen.title}\n\n${await chosen.run(fresh === true)}\n\n`)
    writeReport()
  }
writeReport()
