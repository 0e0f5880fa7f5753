/** Edges by hand: webkan symbolify --suggest, --fix and --unfix. */
import { InvalidArgumentError } from 'commander'
import { ConfigError } from '../errors.ts'
import type { LibraryChoice, LibraryFunction } from '../interpret/curves/library.ts'
import { affineExpression } from '../interpret/curves/candidate.ts'
import type { Suggestion } from '../interpret/curves/suggest.ts'
import { normalise, toText, variable } from '../formula/index.ts'
import { inputNames } from '../model/formulas.ts'
import type { KAN } from '../kan.ts'
import { edgeNumber } from '../model/fix.ts'
import { checkFunction } from './functions.ts'
import { equation, listing, noBreak, pairs, paragraph } from './layout.ts'
import { count, jsonLine, r2Text } from './report.ts'

/** An edge: from input i to output j of layer l. */
export interface EdgePlace {
  readonly l: number
  readonly i: number
  readonly j: number
}

/** An edge and a function of the library. */
interface NamedEdge extends EdgePlace {
  readonly name: string
}

/** What is to be done to edges, as typed. */
export interface EdgeOptions {
  readonly suggest?: readonly EdgePlace[]
  readonly fix?: readonly NamedEdge[]
  readonly unfix?: readonly EdgePlace[]
  /** Where --fix finds functions of one's own. */
  readonly functions?: LibraryChoice
}

/** Reads `0:1:0,1:0:0`, and adds it to what was given before. */
export function edgePlaces(text: string, before: readonly EdgePlace[] = []): EdgePlace[] {
  return [...before, ...text.split(',').map(readPlace)]
}

/** Reads `0:1:0=sin,1:0:0=exp`, and adds it to what was given before. */
export function namedEdges(text: string, before: readonly NamedEdge[] = []): NamedEdge[] {
  const edges = text.split(',').map(part => {
    const [place = '', ...name] = part.split('=')
    return { ...readPlace(place), name: name.join('=').trim() }
  })
  if (edges.some(({ name }) => name === ''))
    throw new InvalidArgumentError('Name the function of each edge, as in 0:1:0=sin,1:0:0=exp.')
  return [...before, ...edges]
}

function readPlace(text: string): EdgePlace {
  const parts = /^\s*(\d+):(\d+):(\d+)\s*$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined)
    throw new InvalidArgumentError('Name an edge by layer:input:output, each counted from 0, as in 0:1:0.')
  const [l = 0, i = 0, j = 0] = parts
  return { l, i, j }
}

/** Whether edges are to be looked at or changed by hand. */
export function hasEdgeOptions({ suggest, fix, unfix }: EdgeOptions): boolean {
  return (suggest ?? fix ?? unfix) !== undefined
}

/** The model with splines and functions on edges as asked for. Throws ConfigError as fix and unfix do. */
export function withEdges(kan: KAN, { fix = [], unfix = [], functions = [] }: EdgeOptions): KAN {
  const freed = unfix.reduce((model, { l, i, j }) => model.unfix(l, i, j), kan)
  return fix.reduce((model, { l, i, j, name }) => model.fix(l, i, j, functionOf(name, functions)), freed)
}

function functionOf(name: string, functions: LibraryChoice): string | LibraryFunction {
  return functions.find(given => typeof given !== 'string' && given.name === name) ?? name
}

/**
 * Throws ConfigError for edges and functions that there are not, before rows are read or asked for, and then for a model without
 * statistics where `path` names one and a function is to be fitted: they tell where its rows are.
 */
export function checkEdges(
  kan: KAN,
  { suggest = [], fix = [], unfix = [], functions = [] }: EdgeOptions,
  path?: string,
): void {
  for (const { l, i, j } of [...suggest, ...fix]) edgeNumber(kan, l, i, j)
  unfix.reduce((model, { l, i, j }) => model.unfix(l, i, j), kan)
  for (const { name } of fix) checkFunction(functionOf(name, functions))
  if (path !== undefined && kan.statistics === undefined && suggest.length + fix.length > 0)
    throw new ConfigError(
      `${path} has no statistics, which tell where the rows are that a function shall fit: give --data TABLE with the rows that matter, or the --function that the model was fitted to. (--unfix needs neither.)`,
    )
}

/** The functions that an edge may have, the best of them. */
interface EdgeSuggestions extends EdgePlace {
  readonly suggestions: readonly Suggestion[]
}

/** Suggestions that are shown; --json has all. */
const MOST = 8

/** Suggestions for edges as text, or as a line of JSON. Throws ConfigError as suggest does. */
export function suggestionText(
  kan: KAN,
  places: readonly EdgePlace[],
  functions: LibraryChoice | undefined,
  {
    json,
    dim,
    width,
  }: { readonly json: boolean; readonly dim: (text: string) => string; readonly width: number },
): string {
  const all = places.map(place => ({
    ...place,
    suggestions: kan.suggest(place.l, place.i, place.j, functions ? { library: functions } : {}),
  }))
  if (json) return jsonLine({ edges: all.map(edge => edgeJson(kan, edge)) })
  return all.map(edge => edgeText(kan, edge, dim, width)).join('')
}

function edgeJson(kan: KAN, { l, i, j, suggestions }: EdgeSuggestions): object {
  return {
    edge: [l, i, j],
    input: l === 0 ? inputNames(kan)[i] : null,
    functions: suggestions.map(({ name, r2, complexity, score, a, b, c, d }) => ({
      name,
      r2,
      complexity,
      score,
      a,
      b,
      c,
      d,
    })),
  }
}

function edgeText(
  kan: KAN,
  { l, i, j, suggestions }: EdgeSuggestions,
  dim: (text: string) => string,
  width: number,
): string {
  const from = l === 0 ? ` from ${inputNames(kan)[i]}` : ''
  const rows: [name: string, r2: string, complexity: string, score: string, curve: string][] = []
  for (const { name, r2, complexity, score, formula, ...numbers } of suggestions) {
    const curve = `  ${toText(normalise(affineExpression(formula, numbers, variable('u'))), { digits: 4 })}`
    const same = rows.find(row => row[4] === curve)
    if (same) same[0] += `, ${name}`
    else rows.push([name, r2Text(r2), String(complexity), score.toFixed(2), curve])
    if (rows.length === MOST) break
  }
  const otherwise = [...ownSpelling].filter(([name]) => rows.some(row => row[0].split(', ').includes(name)))
  const spelling = otherwise.map(([name, written]) => ` ${name} is ${written} in formulas.`).join('')
  return [
    `\n${paragraph(`edge ${l}:${i}:${j}${from}: --fix ${l}:${i}:${j}=NAME takes one, best first`, width)}`,
    listing(
      [['function', 'R2', 'complexity', 'score', '  curve, u as the network has it'], ...rows],
      dim,
      width,
    ),
    paragraph(
      `score: half the complexity, with 1/2 for each of a and b in f(a u + b) that matters, and half of log2(1 - R2 + 1e-9); the lower the better.${spelling}`,
      width,
    ),
  ].join('')
}

/** Functions that formulas write otherwise than the library. */
const ownSpelling: ReadonlyMap<string, string> = new Map([
  ['j0', 'besselj0'],
  ['j1', 'besselj1'],
  ['sgn', 'sign'],
  ['gaussian', 'exp(-u^2)'],
])

/** Digits of a formula whose constants were not fitted to rows: its curves were, one by one. */
const DIGITS = 6

/** What a model's edges are now, and its formula where all are known functions. */
export function edgesText(
  kan: KAN,
  out: string | undefined,
  {
    json,
    dim,
    bold,
    width,
  }: {
    readonly json: boolean
    readonly dim: (text: string) => string
    readonly bold: (text: string) => string
    readonly width: number
  },
): string {
  const splines = kan.mask.reduce((sum, present) => sum + (present === 0 ? 0 : 1), 0)
  const known = kan.layout.layers.flatMap(({ symbolic = [], outputs }, l) =>
    symbolic.map(({ edge, name }) => `${l}:${Math.floor(edge / outputs)}:${edge % outputs} ${name}`),
  )
  const expressions = splines === 0 ? kan.formula({ plain: true }) : []
  const texts = expressions.map(expression => toText(expression, json ? {} : { digits: DIGITS }))
  if (json) return jsonLine({ functions: known, splines, formulas: texts, out: out ?? null })
  const target = (j: number): string => (texts.length > 1 ? `y${j + 1}` : (kan.encoder?.target.column ?? 'y'))
  return [
    '\n',
    pairs(
      [
        ['functions', known.map(text => text.replace(' ', noBreak)).join(', ') || 'none'],
        ['splines', count(splines, 'edge')],
      ],
      dim,
      width,
    ),
    ...texts.map((text, j) => `\n${equation(target(j), text, bold, width)}`),
    texts.length === 0
      ? ''
      : `\n${paragraph(
          `Constants as the curves gave them, to ${DIGITS} digits. Errors, the formula's and the network's: not measured. ` +
            'Give --data TABLE, or the --function that the model was fitted to: it refits the constants, and prints both errors.',
          width,
        )}`,
    `\n${paragraph(
      out === undefined
        ? 'Not saved; add --out MODEL.safetensors to keep the model with these functions.'
        : `Saved to ${out}.`,
      width,
    )}`,
  ].join('')
}
