/**
 * The kernels of layer.ts over all inputs of a layer, in WebAssembly with vectors of two float64. With the terms v of a row, the
 * matching rows c of the effective coefficients and a tile of up to four outputs j:
 *
 *     forward           y[j]       = bias[j] + sum_i sum_t v[t] c[t][j]
 *     coefGradient      dc[t][j]  += v[t] dy[j]
 *     inputGradient     dx[i]     += sum_j dy[j] sum_t v'[t] c[t][j]
 *
 * Rows come in runs that share their coefficients (bases.ts), so that the (k + 2) x 4 coefficients or sums of a tile stay in
 * registers over a run: a row costs k + 2 loads of a term, 2 (k + 2) multiplications and as many additions of vectors.
 *
 * Outputs are done in panels of two tiles, eight outputs: the panel's rows of y or dy are gathered into `scratch`,
 * [tile][row][4 outputs], 16 KiB for 256 rows, which stay in the first-level cache over all inputs and need no strides.
 * What eight does not divide is done in panels of 4, 2 and 1 outputs; a single output uses one lane.
 *
 * Addresses are in bytes. Preconditions: scratch holds 64 bytes a row of the stride, node-major arrays may be read up to the
 * stride, degree 1 to 3 padded to five terms, or more.
 */
import { assemble, f64, f64x2, get, i32, repeatUntilNot, repeatWhile, Scope, set, when } from './assembler.ts'
import type { Code, Local, ModuleFunction } from './assembler.ts'
import { bases } from './bases.ts'

/** Vectors of a tile; 'one' is a vector whose second lane is 0. */
type Tile = 2 | 1 | 'one'

const vectors = (tile: Tile): number => (tile === 2 ? 2 : 1)
const tileOutputs = (tile: Tile): number => (tile === 'one' ? 1 : 2 * tile)
const load = (tile: Tile): typeof f64x2.load => (tile === 'one' ? f64x2.loadOne : f64x2.load)
const store = (tile: Tile): typeof f64x2.store => (tile === 'one' ? f64x2.storeOne : f64x2.store)
/** Bytes of a tile's row in scratch, as a shift. */
const rowShift = (tile: Tile): number => (tile === 2 ? 5 : 4)

const PARAMETERS = [
  ...['inputs', 'outputs', 'runs', 'size', 'rowStride', 'scratch'],
  ...['order', 'starts', 'terms', 'c', 'inputStride', 'nodes', 'other'],
] as const

/** The one signature of the kernels; `terms` are values or slopes, `nodes` y or dy, `other` bias, dx or unused. */
export type LayerKernel = (...parameters: number[]) => void

class LayerScope extends Scope {
  readonly width: number
  /** Rows p of a run: where their place in `order` and their terms are, and where the terms end. */
  readonly place = this.local('i32')
  readonly term = this.local('i32')
  readonly end = this.local('i32')
  readonly j = this.local('i32')
  readonly i = this.local('i32')
  readonly run = this.local('i32')
  readonly start = this.local('i32')
  readonly first = this.local('i32')
  /** The rows of c that a run uses, at the panel's first output. */
  readonly rows: readonly Local[]
  readonly row = this.local('i32')
  readonly b = this.local('i32')
  readonly v = this.local('v128')

  constructor(width: number) {
    super(PARAMETERS.length)
    this.width = width
    this.rows = Array.from({ length: width }, () => this.local('i32'))
  }

  of(name: (typeof PARAMETERS)[number]): Code {
    return get(this.param(PARAMETERS.indexOf(name)))
  }

  vectors(count: number): Local[] {
    return Array.from({ length: count }, () => this.local('v128'))
  }
}

const bump = (local: Local, by: Code): Code => set(local, i32.add(get(local), by))
const bytes = (count: Code): Code => i32.shl(count, 3)

/** Goes over the outputs in panels; `j` is a panel's first output. */
function overPanels(s: LayerScope, body: (tiles: readonly Tile[]) => Code): Code {
  const panel = (tiles: readonly Tile[]): [fits: Code, ...body: Code[]] => {
    const outputs = i32.const(tiles.reduce((sum, tile) => sum + tileOutputs(tile), 0))
    return [i32.atLeast(s.of('outputs'), i32.add(get(s.j), outputs)), body(tiles), bump(s.j, outputs)]
  }
  return [
    ...set(s.j, i32.const(0)),
    ...repeatWhile(...panel([2, 2])),
    ...when(...panel([2])),
    ...when(...panel([1])),
    ...when(...panel(['one'])),
  ]
}

/** Goes over the inputs and their runs that have rows, with `rows` at the run's coefficients. */
function overRuns(s: LayerScope, body: Code): Code {
  const rowBytes = bytes(s.of('outputs'))
  const termBytes = i32.const(8 * s.width)
  const coefficients = i32.add(s.of('c'), i32.mul(get(s.i), s.of('inputStride')))
  const panel = i32.add(coefficients, bytes(get(s.j)))
  const base = i32.add(s.of('runs'), i32.const(s.width - 2))
  const spline = s.rows.slice(0, -1)
  return [
    ...set(s.i, i32.const(0)),
    ...set(s.start, s.of('starts')),
    ...repeatWhile(
      i32.less(get(s.i), s.of('inputs')),
      set(s.first, i32.mul(get(s.i), s.of('rowStride'))),
      set(s.place, i32.add(s.of('order'), i32.shl(get(s.first), 2))),
      set(s.term, i32.add(s.of('terms'), i32.mul(get(s.first), termBytes))),
      set(s.first, get(s.term)),
      set(s.rows[0]!, panel),
      set(s.rows.at(-1)!, i32.add(get(s.rows[0]!), i32.mul(base, rowBytes))),
      set(s.run, i32.const(0)),
      repeatWhile(
        i32.less(get(s.run), s.of('runs')),
        set(s.end, i32.add(get(s.first), i32.mul(i32.load(get(s.start), 4), termBytes))),
        when(
          i32.less(get(s.term), get(s.end)),
          ...spline.slice(1).map((row, t) => set(row, i32.add(get(spline[t]!), rowBytes))),
          body,
        ),
        bump(s.rows[0]!, rowBytes),
        bump(s.start, i32.const(4)),
        bump(s.run, i32.const(1)),
      ),
      bump(s.start, i32.const(4)),
      bump(s.i, i32.const(1)),
    ),
  ]
}

/** Goes over the rows of a run, once for each tile of the panel; `row` is the row's address in scratch. */
function overRows(s: LayerScope, tiles: readonly Tile[], tile: (t: TileScope) => TileCode): Code {
  const place = s.local('i32')
  const term = s.local('i32')
  return [
    ...tiles.flatMap((width, index) => {
      const { before, each, after } = tile({ width, offset: index * 32 })
      const scratch =
        index === 0 ? s.of('scratch') : i32.add(s.of('scratch'), i32.shl(s.of('rowStride'), rowShift(2)))
      return [
        ...before,
        ...set(place, get(s.place)),
        ...set(term, get(s.term)),
        ...repeatUntilNot(
          i32.less(get(term), get(s.end)),
          set(s.b, i32.load(get(place))),
          set(s.row, i32.add(scratch, i32.shl(get(s.b), rowShift(width)))),
          each(term),
          bump(place, i32.const(4)),
          bump(term, i32.const(8 * s.width)),
        ),
        ...after,
      ]
    }),
    ...set(s.place, get(place)),
    ...set(s.term, get(term)),
  ]
}

interface TileScope {
  readonly width: Tile
  /** Bytes from the panel's first output to the tile's. */
  readonly offset: number
}

interface TileCode {
  readonly before: Code
  /** @param term where the row's terms are */
  readonly each: (term: Local) => Code
  readonly after: Code
}

/** Loads the run's coefficients of a tile: [term][vector]. */
function loadCoefficients(s: LayerScope, { width, offset }: TileScope, c: readonly Local[][]): Code {
  return c.flatMap((row, t) =>
    row
      .slice(0, vectors(width))
      .flatMap((local, n) => set(local, load(width)(get(s.rows[t]!), offset + 16 * n))),
  )
}

/** sums[n] = sum_t v[t] c[t][n]. */
function combine(
  s: LayerScope,
  term: Local,
  width: Tile,
  c: readonly Local[][],
  sums: readonly Local[],
): Code {
  const used = sums.slice(0, vectors(width))
  return c.flatMap((row, t) => [
    ...set(s.v, f64x2.splat(get(term), 8 * t)),
    ...used.flatMap((sum, n) => {
      const product = f64x2.mul(get(s.v), get(row[n]!))
      return set(sum, t === 0 ? product : f64x2.add(get(sum), product))
    }),
  ])
}

/** Goes over the rows of the block two at a time, or one at a time where a tile has one output. */
function overBlock(s: LayerScope, step: number, body: Code): Code {
  return [
    ...set(s.b, i32.const(0)),
    ...repeatWhile(i32.less(get(s.b), s.of('size')), body, bump(s.b, i32.const(step))),
  ]
}

/** Copies a panel between scratch and the node-major array; what lies beyond `size` has no meaning. */
function movePanel(s: LayerScope, tiles: readonly Tile[], into: 'scratch' | 'nodes'): Code {
  const node = s.local('i32')
  const column = bytes(s.of('rowStride'))
  const [a, b] = [s.local('v128'), s.local('v128')]
  return tiles.flatMap((width, index) => {
    const tile = i32.add(s.of('scratch'), i32.shl(i32.mul(s.of('rowStride'), i32.const(index)), rowShift(2)))
    const first = i32.add(get(s.j), i32.const(4 * index))
    const from = i32.add(i32.add(s.of('nodes'), bytes(i32.mul(first, s.of('rowStride')))), bytes(get(s.b)))
    const start = [...set(s.row, i32.add(tile, i32.shl(get(s.b), rowShift(width)))), ...set(node, from)]
    if (width === 'one') {
      const copy =
        into === 'scratch'
          ? f64x2.store(get(s.row), f64x2.loadOne(get(node)))
          : f64x2.storeOne(get(node), f64x2.load(get(s.row)))
      return overBlock(s, 1, [...start, ...copy])
    }
    // Two rows and two outputs are a 2 x 2 matrix: its transpose goes over.
    const pairs = Array.from({ length: width }, (_, n) => {
      const second = i32.add(get(node), column)
      const rowBytes = 16 * width
      const next = n + 1 < width ? set(node, i32.add(second, column)) : []
      if (into === 'scratch')
        return [
          ...set(a, f64x2.load(get(node))),
          ...set(b, f64x2.load(second)),
          ...f64x2.store(get(s.row), f64x2.firsts(get(a), get(b)), 16 * n),
          ...f64x2.store(get(s.row), f64x2.seconds(get(a), get(b)), rowBytes + 16 * n),
          ...next,
        ]
      return [
        ...set(a, f64x2.load(get(s.row), 16 * n)),
        ...set(b, f64x2.load(get(s.row), rowBytes + 16 * n)),
        ...f64x2.store(get(node), f64x2.firsts(get(a), get(b))),
        ...f64x2.store(second, f64x2.seconds(get(a), get(b))),
        ...next,
      ]
    })
    return overBlock(s, 2, [...start, ...pairs.flat()])
  })
}

function forward(width: number): ModuleFunction {
  const s = new LayerScope(width)
  const c = Array.from({ length: width }, () => s.vectors(2))
  const sums = s.vectors(2)
  const startPanel = (tiles: readonly Tile[]): Code =>
    tiles.flatMap((tile, index) => {
      const scratch = i32.add(
        s.of('scratch'),
        i32.shl(i32.mul(s.of('rowStride'), i32.const(index)), rowShift(2)),
      )
      const bias = i32.add(s.of('other'), bytes(get(s.j)))
      const used = sums.slice(0, vectors(tile))
      return [
        ...used.flatMap((sum, n) => set(sum, load(tile)(bias, 32 * index + 16 * n))),
        ...overBlock(s, 1, [
          ...set(s.row, i32.add(scratch, i32.shl(get(s.b), rowShift(tile)))),
          ...used.flatMap((sum, n) => f64x2.store(get(s.row), get(sum), 16 * n)),
        ]),
      ]
    })
  const code = overPanels(s, tiles => [
    ...startPanel(tiles),
    ...overRuns(
      s,
      overRows(s, tiles, tile => ({
        before: loadCoefficients(s, tile, c),
        each: term => [
          ...combine(s, term, tile.width, c, sums),
          ...sums
            .slice(0, vectors(tile.width))
            .flatMap((sum, n) =>
              f64x2.store(get(s.row), f64x2.add(f64x2.load(get(s.row), 16 * n), get(sum)), 16 * n),
            ),
        ],
        after: [],
      })),
    ),
    ...movePanel(s, tiles, 'nodes'),
  ])
  return { name: 'forward', scope: s, code }
}

function coefGradient(width: number): ModuleFunction {
  const s = new LayerScope(width)
  const sums = Array.from({ length: width }, () => s.vectors(2))
  const dy = s.vectors(2)
  const code = overPanels(s, tiles => [
    ...movePanel(s, tiles, 'scratch'),
    ...overRuns(
      s,
      overRows(s, tiles, ({ width: tile, offset }) => {
        const used = dy.slice(0, vectors(tile))
        return {
          before: sums.flatMap(row => used.flatMap((_, n) => set(row[n]!, f64x2.zero))),
          each: term => [
            ...used.flatMap((d, n) => set(d, f64x2.load(get(s.row), 16 * n))),
            ...sums.flatMap((row, t) => [
              ...set(s.v, f64x2.splat(get(term), 8 * t)),
              ...used.flatMap((d, n) => set(row[n]!, f64x2.add(get(row[n]!), f64x2.mul(get(s.v), get(d))))),
            ]),
          ],
          after: sums.flatMap((row, t) =>
            used.flatMap((_, n) => {
              const at = offset + 16 * n
              const address = get(s.rows[t]!)
              return store(tile)(address, f64x2.add(load(tile)(address, at), get(row[n]!)), at)
            }),
          ),
        }
      }),
    ),
  ])
  return { name: 'coefGradient', scope: s, code }
}

function inputGradient(width: number): ModuleFunction {
  const s = new LayerScope(width)
  const c = Array.from({ length: width }, () => s.vectors(2))
  const sums = s.vectors(2)
  const dx = s.local('i32')
  const code = overPanels(s, tiles => [
    ...movePanel(s, tiles, 'scratch'),
    ...overRuns(
      s,
      overRows(s, tiles, tile => ({
        before: loadCoefficients(s, tile, c),
        each: term => {
          const used = sums.slice(0, vectors(tile.width))
          const products = used.map((sum, n) => f64x2.mul(get(sum), f64x2.load(get(s.row), 16 * n)))
          return [
            ...combine(s, term, tile.width, c, sums),
            ...set(s.v, products.length === 2 ? f64x2.add(products[0]!, products[1]!) : products[0]!),
            ...set(
              dx,
              i32.add(s.of('other'), bytes(i32.add(i32.mul(get(s.i), s.of('rowStride')), get(s.b)))),
            ),
            ...f64.store(
              get(dx),
              f64.add(f64.load(get(dx)), f64.add(f64x2.lane(get(s.v), 0), f64x2.lane(get(s.v), 1))),
            ),
          ]
        },
        after: [],
      })),
    ),
  ])
  return { name: 'inputGradient', scope: s, code }
}

/** The module of the kernels for rows of `terms` terms. */
export function layerModule(terms: number, shared: boolean): Uint8Array<ArrayBuffer> {
  return assemble([bases(), forward(terms), coefGradient(terms), inputGradient(terms)], shared)
}
