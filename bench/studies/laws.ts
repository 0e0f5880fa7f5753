/**
 * Laws in real tables, by the command with its defaults, and with the logarithmic scales that it suggests or that the law has: six
 * planets with all their rows, the others with a fifth held out.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const root = join(import.meta.dirname, '..', '..')

/** A table, what to look for in it, and what it should come to. */
interface Law {
  readonly table: string
  readonly target: string
  readonly options: readonly string[]
  readonly law: string
}

const gasColumns = 'amount_mol,temperature_k,volume_l,pressure_kpa'

const laws: readonly Law[] = [
  { table: 'kepler', target: 'period_days', options: ['--test', '0'], law: '365.25 a^1.5' },
  { table: 'ideal_gas', target: 'pressure_kpa', options: [], law: '8.314 n T / V' },
  { table: 'ideal_gas', target: 'pressure_kpa', options: ['--log', gasColumns], law: '8.314 n T / V' },
  {
    table: 'ideal_gas',
    target: 'pressure_kpa',
    options: ['--log', gasColumns, '--test', '0'],
    law: '8.314 n T / V',
  },
  { table: 'hubble', target: 'velocity_km_s', options: [], law: 'a line' },
  { table: 'leavitt', target: 'magnitude', options: [], law: 'a line of the logarithm of the period' },
  {
    table: 'leavitt',
    target: 'magnitude',
    options: ['--log', 'log10_period_days'],
    law: 'a line of the logarithm of the period',
  },
  {
    table: 'leavitt',
    target: 'magnitude',
    options: ['--log', 'log10_period_days', '--functions', 'x'],
    law: 'a line of the logarithm of the period',
  },
  {
    table: 'leavitt',
    target: 'magnitude',
    options: ['--log', 'log10_period_days', '--test', '0'],
    law: 'a line of the logarithm of the period',
  },
  {
    table: 'planck',
    target: 'spectral_radiance',
    options: ['--log', 'frequency_hz,spectral_radiance', '--missing', 'drop'],
    law: 'a nu^3 / (exp(b nu / T) - 1)',
  },
]

interface Errors {
  readonly rmse: number
  readonly r2: number
  readonly log?: { readonly rmse: number; readonly r2: number }
}

interface Listed {
  readonly formula: string
  readonly complexity: number
  readonly train: Errors
  readonly test: Errors | null
}

/** The part of `webkan discover --json` that the study keeps. */
export interface LawResult extends Listed {
  readonly stop: string
  readonly seconds: number
  readonly network: { readonly train: Errors; readonly test: Errors | null }
  readonly pareto: readonly Listed[]
}

/** What a user types after the table and the target. */
function keyOf({ table, options }: Law): string {
  return [table, ...options].join(' ')
}

async function find({ table, target, options }: Law): Promise<LawResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'dist', 'cli.js'),
    'discover',
    join(root, 'examples', 'data', `${table}.csv`),
    '--target',
    target,
    ...options,
    '--json',
  ])
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as LawResult
  const { formula, complexity, train, test, stop, seconds, network, pareto } = result
  return { formula, complexity, train, test, stop, seconds, network, pareto }
}

export const lawRuns: readonly StudyRun<LawResult>[] = laws.map(law => ({
  key: keyOf(law),
  run: () => find(law),
}))

/** What the rows themselves say, so that nobody looks for more in them. */
const ROWS =
  'The thirty states of the gas have noise of 8.5 per cent: their geometric mean of P V / (n T), which is the best R by ' +
  'logarithms, is 8.00, with a standard error of 0.12; the least squares of P have R at 7.04, as a few large pressures decide it. ' +
  'The Cepheids bend away from a line of the logarithm, which leaves 0.25 magnitudes: of the 21 that a fifth held out leaves, the ' +
  'root is nearer by more than it costs, and of the five held out, two of which have the longest periods, the line.'

/** One line a run, and the list of formulas of each. */
export function summariseLaws(file: StudyFile<LawResult>): string {
  const r2 = ({ r2: own, log }: Errors): string =>
    log === undefined ? own.toFixed(4) : `${log.r2.toFixed(4)} of the logarithm`
  const table = markdownTable(
    ['table', 'options', 'law', 'found', 'R2, train', 'R2, test', "the network's, test", 'seconds'],
    laws.map(own => {
      const { formula, train, test, network, seconds } = file.results[keyOf(own)]!
      return [
        own.table,
        own.options.length === 0 ? '' : `\`${own.options.join(' ')}\``,
        own.law,
        `\`${formula}\``,
        r2(train),
        test ? r2(test) : '',
        network.test ? r2(network.test) : '',
        seconds.toFixed(1),
      ]
    }),
  )
  const lists = laws.map(own => {
    const { pareto, train: chosen } = file.results[keyOf(own)]!
    const lines = pareto.map(({ formula, complexity, train }) => [
      String(complexity),
      (train.log ?? train).rmse.toPrecision(3),
      `\`${formula}\``,
    ])
    const head = chosen.log === undefined ? 'train RMSE' : 'train RMSE of the logarithm'
    return `### ${keyOf(own)}\n\n${markdownTable(['complexity', head, 'formula'], lines)}`
  })
  return [table, ROWS, ...lists].join('\n\n')
}
