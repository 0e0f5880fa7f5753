/** Edges by hand: webkan symbolify --suggest, --fix and --unfix. */
import { InvalidArgumentError } from 'commander'
import { ConfigError } from '../errors.ts'
import type { LibraryChoice, LibraryFunction } from '../interpret/curves/library.ts'
import { affineExpression } from '../interpret/curves/candidate.ts'
import type { Suggestion } from '../interpret/curves/suggest.ts'
import { normalise, toText, variable } from '../formula/index.ts'
import { inputNames } from '../model/formulas.ts'
import type { KAN } from '../kan.ts'
import { equation, listing, pairs } from './layout.ts'
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
  const own = functions.filter(given => typeof given !== 'string')
  const functionOf = (name: string): string | LibraryFunction =>
    own.find(given => given.name === name) ?? name
  return fix.reduce((model, { l, i, j, name }) => model.fix(l, i, j, functionOf(name)), freed)
}

/** Throws ConfigError for a model without statistics, which tell where its rows are. */
export function checkStatistics({ statistics }: KAN, path: string): void {
  if (statistics === undefined)
    throw new ConfigError(
      `${path} has no statistics, which tell where the rows are that a function shall fit: give --data with the rows that matter.`,
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
  const rows = suggestions
    .slice(0, MOST)
    .map(
      ({ name, r2, complexity, score, formula, ...numbers }) =>
        [
          name,
          r2Text(r2),
          String(complexity),
          score.toFixed(2),
          `  ${toText(normalise(affineExpression(formula, numbers, variable('u'))), { digits: 4 })}`,
        ] as const,
    )
  return [
    `\n  edge ${l}:${i}:${j}${from}: --fix ${l}:${i}:${j}=NAME takes one, best first\n`,
    listing(
      [['function', 'R2', 'complexity', 'score', '  curve, u as the network has it'], ...rows],
      dim,
      width,
    ),
  ].join('')
}

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
  const texts = splines === 0 ? kan.formula({ plain: true }).map(expression => toText(expression)) : []
  if (json) return jsonLine({ functions: known, splines, formulas: texts, out: out ?? null })
  const target = (j: number): string => (texts.length > 1 ? `y${j + 1}` : (kan.encoder?.target.column ?? 'y'))
  return [
    '\n',
    pairs(
      [
        ['functions', known.join(', ') || 'none'],
        ['splines', count(splines, 'edge')],
      ],
      dim,
      width,
    ),
    ...texts.map((text, j) => `\n${equation(target(j), text, bold, width)}`),
    out === undefined
      ? '\n  Not saved; add --out MODEL.safetensors to keep the model with these functions.\n'
      : `\n  Saved to ${out}.\n`,
  ].join('')
}
