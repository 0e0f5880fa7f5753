/** The loops of kernels.ts: over panels of outputs, inputs, runs of rows, tiles of a panel, rows. */
import { f64x2, get, i32, repeatUntilNot, repeatWhile, Scope, set, when } from './assembler.ts'
import type { Code, Local } from './assembler.ts'

/** Vectors of a tile; 'one' is a vector whose second lane is 0. */
export type Tile = 2 | 1 | 'one'

export const vectors = (tile: Tile): number => (tile === 2 ? 2 : 1)
const tileOutputs = (tile: Tile): number => (tile === 'one' ? 1 : 2 * tile)
export const load = (tile: Tile): typeof f64x2.load => (tile === 'one' ? f64x2.loadOne : f64x2.load)
export const store = (tile: Tile): typeof f64x2.store => (tile === 'one' ? f64x2.storeOne : f64x2.store)
/** Bytes of a tile's row in scratch, as a shift. */
const rowShift = (tile: Tile): number => (tile === 2 ? 5 : 4)

const PARAMETERS =
  'inputs outputs runs size rowStride scratch order starts terms c inputStride base nodes other'.split(' ')

/** The one signature of the kernels; `terms` are values or slopes, `nodes` y or dy, `other` dx or unused. */
export type LayerKernel = (...parameters: number[]) => void

export class LayerScope extends Scope {
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
  /** The tile's rows in scratch. */
  readonly tile = this.local('i32')
  readonly b = this.local('i32')
  readonly v = this.local('v128')

  constructor(width: number) {
    super(PARAMETERS.length)
    this.width = width
    this.rows = Array.from({ length: width }, () => this.local('i32'))
  }

  of(name: string): Code {
    return get(this.param(PARAMETERS.indexOf(name)))
  }

  vectors(count: number): Local[] {
    return Array.from({ length: count }, () => this.local('v128'))
  }
}

const bump = (local: Local, by: Code): Code => set(local, i32.add(get(local), by))
export const bytes = (count: Code): Code => i32.shl(count, 3)

/** Goes over the outputs in panels; `j` is a panel's first output. */
export function overPanels(s: LayerScope, body: (tiles: readonly Tile[]) => Code): Code {
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

/**
 * Goes over the inputs, the tiles of the panel, the runs that have rows, and the rows of a run, once for each pass. `outside` says
 * which loop is the outer one. Tiles: a short run of the next tile does not read what the last one has just written, which takes the
 * gradient by the input 2.7 times as long in runs of 5 rows. Runs: the processor has just seen how many rows the run has, and foresees
 * the end of the next tile's loop (5 % of the gradient by the coefficients).
 */
export function overRuns(
  s: LayerScope,
  tiles: readonly Tile[],
  passes: (t: TileScope) => readonly TileCode[],
  outside: 'tiles' | 'runs',
): Code {
  const rowBytes = bytes(s.of('outputs'))
  const termBytes = i32.const(8 * s.width)
  const coefficients = i32.add(s.of('c'), i32.mul(get(s.i), s.of('inputStride')))
  const panel = i32.add(coefficients, bytes(get(s.j)))
  const base = i32.add(s.of('base'), i32.mul(get(s.i), rowBytes))
  const spline = s.rows.slice(0, -1)
  const place = s.local('i32')
  const term = s.local('i32')
  const rowsOf = (width: Tile, index: number): Code =>
    passes({ width, offset: 32 * index }).flatMap(({ before, each, after }) => [
      ...before,
      ...set(place, get(s.place)),
      ...set(term, get(s.term)),
      ...repeatUntilNot(
        i32.less(get(term), get(s.end)),
        set(s.b, i32.load(get(place))),
        set(s.row, i32.add(get(s.tile), i32.shl(get(s.b), rowShift(width)))),
        each(term),
        bump(place, i32.const(4)),
        bump(term, i32.const(8 * s.width)),
      ),
      ...after,
    ])
  const chooseTile = (index: number): Code => {
    const next = i32.shl(i32.mul(s.of('rowStride'), i32.const(index)), rowShift(2))
    return set(s.tile, i32.add(s.of('scratch'), next))
  }
  const everyRun = (body: Code): Code => [
    ...set(s.first, i32.mul(get(s.i), s.of('rowStride'))),
    ...set(s.place, i32.add(s.of('order'), i32.shl(get(s.first), 2))),
    ...set(s.term, i32.add(s.of('terms'), i32.mul(get(s.first), termBytes))),
    ...set(s.first, get(s.term)),
    ...set(s.rows[0]!, panel),
    ...set(s.rows.at(-1)!, i32.add(base, bytes(get(s.j)))),
    ...set(
      s.start,
      i32.add(s.of('starts'), i32.shl(i32.mul(get(s.i), i32.add(s.of('runs'), i32.const(1))), 2)),
    ),
    ...set(s.run, i32.const(0)),
    ...repeatWhile(
      i32.less(get(s.run), s.of('runs')),
      set(s.end, i32.add(get(s.first), i32.mul(i32.load(get(s.start), 4), termBytes))),
      when(
        i32.less(get(s.term), get(s.end)),
        ...spline.slice(1).map((row, t) => set(row, i32.add(get(spline[t]!), rowBytes))),
        body,
        set(s.place, get(place)),
        set(s.term, get(term)),
      ),
      bump(s.rows[0]!, rowBytes),
      bump(s.start, i32.const(4)),
      bump(s.run, i32.const(1)),
    ),
  ]
  const everyTile =
    outside === 'tiles'
      ? tiles.flatMap((width, index) => [...chooseTile(index), ...everyRun(rowsOf(width, index))])
      : everyRun(tiles.flatMap((width, index) => [...chooseTile(index), ...rowsOf(width, index)]))
  return [
    ...set(s.i, i32.const(0)),
    ...repeatWhile(i32.less(get(s.i), s.of('inputs')), everyTile, bump(s.i, i32.const(1))),
  ]
}

export interface TileScope {
  readonly width: Tile
  /** Bytes from the panel's first output to the tile's. */
  readonly offset: number
}

export interface TileCode {
  readonly before: Code
  /** @param term where the row's terms are */
  readonly each: (term: Local) => Code
  readonly after: Code
}

/** Goes over the rows of the block two at a time, or one at a time where a tile has one output. */
function overBlock(s: LayerScope, step: number, body: Code): Code {
  return [
    ...set(s.b, i32.const(0)),
    ...repeatWhile(i32.less(get(s.b), s.of('size')), body, bump(s.b, i32.const(step))),
  ]
}

/** Copies a panel between scratch and the node-major array; what lies beyond `size` has no meaning. */
export function movePanel(s: LayerScope, tiles: readonly Tile[], into: 'scratch' | 'nodes'): Code {
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
