/**
 * `npm run study [-- --fresh]`: what takes too long for tests. Resumable; results go to bench/results as dated JSON, and a summary
 * to the terminal, from where it is copied into README.md.
 */
import { runStudy } from './resumable.ts'
import { summariseTables, tableRuns } from './studies/tables.ts'

const fresh = process.argv.includes('--fresh')
const file = await runStudy('tables', tableRuns, { fresh })
process.stdout.write(`${summariseTables(file)}\n`)
