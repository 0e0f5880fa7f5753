/**
 * `npm run study [-- NAME ...] [-- --fresh]`: what takes too long for tests. Resumable; results go to bench/results as dated JSON, and a
 * summary to the terminal, from where it is copied into bench/STUDIES.md.
 */
import { runStudy } from './resumable.ts'
import { optimizerRuns, summariseOptimizers } from './studies/optimizers.ts'
import { robustnessRuns, summariseRobustness } from './studies/robustness.ts'
import { sparsityRuns, summariseSparsity } from './studies/sparsity.ts'
import { staircaseRuns, summariseStaircase } from './studies/staircase.ts'
import { summariseTables, tableRuns } from './studies/tables.ts'
import { summariseToys, toyRuns } from './studies/toys.ts'

const studies: Record<string, (fresh: boolean) => Promise<string>> = {
  tables: async fresh => summariseTables(await runStudy('tables', tableRuns, { fresh })),
  optimizers: async fresh => summariseOptimizers(await runStudy('optimizers', optimizerRuns, { fresh })),
  staircase: async fresh => summariseStaircase(await runStudy('staircase', staircaseRuns, { fresh })),
  toys: async fresh => summariseToys(await runStudy('toys', toyRuns, { fresh })),
  robustness: async fresh => summariseRobustness(await runStudy('robustness', robustnessRuns, { fresh })),
  sparsity: async fresh => summariseSparsity(await runStudy('sparsity', sparsityRuns, { fresh })),
}

const names = process.argv.slice(2).filter(argument => !argument.startsWith('--'))
const fresh = process.argv.includes('--fresh')
for (const name of names.length > 0 ? names : Object.keys(studies)) {
  const study = studies[name]
  if (!study) throw new Error(`There is no study '${name}'; there are ${Object.keys(studies).join(', ')}.`)
  process.stdout.write(`${name}\n\n${await study(fresh)}\n\n`)
}
