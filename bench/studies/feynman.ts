/**
 * The first 30 equations of the AI Feynman list (Udrescu and Tegmark, "AI Feynman", Science Advances 6, 2020) with at most four
 * variables, three seeds each: 1000 samples in the list's ranges, the defaults of discover, 1000 fresh points.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { discover } from 'webkan'
import { compile, parse } from 'webkan/formula'
import { median } from '../resumable.ts'
import type { StudyFile, StudyRun } from '../resumable.ts'
import { markdownTable } from './markdown.ts'

const EQUATIONS = 30
const MOST_VARIABLES = 4
const SEEDS = [0, 1, 2]
const ROWS = 1000
const EXACT = 1e-9
const CLOSE = 1e-6
const WANTED = 20

interface Equation {
  readonly name: string
  readonly formula: string
  readonly variables: readonly { readonly name: string; readonly low: number; readonly high: number }[]
}

/** The list: its cells hold no commas. */
function readEquations(): Equation[] {
  const path = join(import.meta.dirname, '..', '..', 'test', 'formula', 'feynman_equations.csv')
  const [, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  return lines.map(line => {
    const [name = '', , , formula = '', , ...cells] = line.split(',')
    const variables = Array.from({ length: Math.floor(cells.length / 3) }, (_, v) => ({
      name: cells[3 * v]!,
      low: Number(cells[3 * v + 1]),
      high: Number(cells[3 * v + 2]),
    }))
    return { name, formula, variables: variables.filter(variable => variable.name !== '') }
  })
}

const equations = readEquations()
  .filter(({ variables }) => variables.length <= MOST_VARIABLES)
  .slice(0, EQUATIONS)

/** Uniform numbers (Mulberry32), so that the samples are the same on every machine and owe nothing to the library. */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Points where the equation has a value. */
function sample({ formula, variables }: Equation, seed: number): { x: Float64Array; y: Float64Array } {
  const random = uniform(seed)
  const value = compile(
    parse(formula),
    variables.map(({ name }) => name),
  )
  const x = new Float64Array(ROWS * variables.length)
  const y = new Float64Array(ROWS)
  for (let row = 0; row < ROWS;) {
    const point = variables.map(({ low, high }) => low + (high - low) * random())
    y[row] = value(point)
    x.set(point, row * variables.length)
    if (Number.isFinite(y[row])) row++
  }
  return { x, y }
}

/** What is kept of a Discovery. */
export interface FeynmanResult {
  readonly found: string
  readonly complexity: number
  /**
   * RMSE of the printed formula and of its network on fresh points, over the deviation of the values there; null where the
   * formula has no value at one.
   */
  readonly relative: number | null
  readonly network: number
  readonly structure: string
  readonly starts: number
  readonly stop: string
  readonly seconds: number
}

async function find(equation: Equation, seed: number): Promise<FeynmanResult> {
  const train = sample(equation, 2 * seed + 1)
  const test = sample(equation, 2 * seed + 2)
  const names = equation.variables.map(({ name }) => name)
  const { text, complexity, starts, stop, seconds, network, ...found } = await discover(train, {
    names,
    test,
    seed,
  })
  return {
    found: text,
    complexity,
    relative: finite(found.test!.relative),
    network: network.test!.relative,
    structure: `${network.target} = ${network.structure}`,
    starts,
    stop,
    seconds,
  }
}

/** JSON has no Infinity. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

function errorOf({ relative }: FeynmanResult): number {
  return relative ?? Infinity
}

function keyOf({ name }: Equation, seed: number): string {
  return `${name}, seed ${seed}`
}

// Seed after seed, so that an interrupted study has a whole list for each seed that is done.
export const feynmanRuns: readonly StudyRun<FeynmanResult>[] = SEEDS.flatMap(seed =>
  equations.map(equation => ({ key: keyOf(equation, seed), run: () => find(equation, seed) })),
)

/** One line an equation, and how many are exact. */
export function summariseFeynman(file: StudyFile<FeynmanResult>): string {
  const lines = equations.map(equation => ({
    equation,
    results: SEEDS.map(seed => file.results[keyOf(equation, seed)]!),
  }))
  const countOf = (limit: number, seed: number): number =>
    lines.filter(({ results }) => errorOf(results[seed]!) <= limit).length
  const all = Object.values(file.results)
  const table = markdownTable(
    ['', 'equation', 'exact', 'largest relative RMSE', 'median seconds', 'found'],
    lines.map(({ equation, results }) => {
      const exact = results.filter(result => errorOf(result) <= EXACT).length
      const best = results.toSorted((a, b) => errorOf(a) - errorOf(b))[0]!
      const shown = exact > 0 ? `\`${best.found}\`` : ''
      return [
        equation.name,
        `\`${equation.formula}\``,
        `${exact} of ${SEEDS.length}`,
        Math.max(...results.map(errorOf)).toExponential(1),
        median(results.map(({ seconds }) => seconds)).toFixed(1),
        shown,
      ]
    }),
  )
  const counts = SEEDS.map(seed => countOf(EXACT, seed))
  return [
    `Exact (relative RMSE at most ${EXACT} on fresh points), by seed: ${counts.join(', ')} of ${EQUATIONS}; asked for: ${WANTED}.`,
    `Below ${CLOSE}: ${SEEDS.map(seed => countOf(CLOSE, seed)).join(', ')}. Median ${median(all.map(({ seconds }) => seconds)).toFixed(1)} s a call.`,
    '',
    table,
  ].join('\n')
}
