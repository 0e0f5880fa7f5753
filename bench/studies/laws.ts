/**
 * Laws in real tables, by the command with its defaults: six planets and thirty states of a gas with all their rows, the
 * others with a fifth held out.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const root = join(import.meta.dirname, '..', '..')

/** A table, what to look for in it, and what it should come to. */
const laws = [
  { name: 'kepler', target: 'period_days', options: ['--test', '0'], law: '365.25 a^1.5' },
  { name: 'ideal_gas', target: 'pressure_kpa', options: ['--test', '0'], law: '8.314 n T / V' },
  { name: 'hubble', target: 'velocity_km_s', options: [], law: 'a line' },
  { name: 'leavitt', target: 'magnitude', options: [], law: 'a line of the logarithm of the period' },
  {
    name: 'planck',
    target: 'spectral_radiance',
    options: ['--log', 'frequency_hz,spectral_radiance', '--missing', 'drop', '--seconds', '30'],
    law: 'a nu^3 / (exp(b nu / T) - 1)',
  },
] as const

interface Errors {
  readonly rmse: number
  readonly r2: number
  readonly log?: { readonly r2: number }
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

async function find({ name, target, options }: (typeof laws)[number]): Promise<LawResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(root, 'dist', 'cli.js'),
    'discover',
    join(root, 'examples', 'data', `${name}.csv`),
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
  key: law.name,
  run: () => find(law),
}))

/** One line a table, and the list of formulas of each. */
export function summariseLaws(file: StudyFile<LawResult>): string {
  const r2 = ({ r2: own, log }: Errors): string =>
    log === undefined ? own.toFixed(4) : `${log.r2.toFixed(4)} of the logarithm`
  const table = markdownTable(
    ['', 'law', 'found', 'R2, train', 'R2, test', "the network's, test", 'seconds'],
    laws.map(({ name, law }) => {
      const { formula, train, test, network, seconds } = file.results[name]!
      return [
        name,
        law,
        `\`${formula}\``,
        r2(train),
        test ? r2(test) : '',
        network.test ? r2(network.test) : '',
        seconds.toFixed(1),
      ]
    }),
  )
  const lists = laws.map(({ name }) => {
    const lines = file.results[name]!.pareto.map(({ formula, complexity, train }) => [
      String(complexity),
      train.rmse.toPrecision(3),
      `\`${formula}\``,
    ])
    return `### ${name}\n\n${markdownTable(['complexity', 'train RMSE', 'formula'], lines)}`
  })
  return [table, ...lists].join('\n\n')
}
