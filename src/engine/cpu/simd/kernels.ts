/**
 * The kernels of layer.ts over all inputs of a layer, in WebAssembly with vectors of two float64. With the terms v of a row, the
 * matching rows c of the effective coefficients and a tile of up to four outputs j:
 *
 *     forward           y[j]      += sum_i sum_t v[t] c[t][j]
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
import { assemble, f64, f64x2, get, i32, set } from './assembler.ts'
import type { Code, Local, ModuleFunction } from './assembler.ts'
import { bases } from './bases.ts'
import { bytes, LayerScope, load, movePanel, overPanels, overRuns, store, vectors } from './loops.ts'
import type { Tile, TileScope } from './loops.ts'

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

function forward(width: number): ModuleFunction {
  const s = new LayerScope(width)
  const c = Array.from({ length: width }, () => s.vectors(2))
  const sums = s.vectors(2)
  const code = overPanels(s, tiles => [
    ...movePanel(s, tiles, 'scratch'),
    ...overRuns(
      s,
      tiles,
      tile => [
        {
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
        },
      ],
      'tiles',
    ),
    ...movePanel(s, tiles, 'nodes'),
  ])
  return { name: 'forward', scope: s, code }
}

/**
 * Terms of a pass over a run's rows: V8 loads all terms of a row before it multiplies, and with five of them spills sums to the
 * stack, whose way there and back then limits the loop (7.4 instead of 13 multiplications a nanosecond).
 */
const GROUP = 3

function coefGradient(width: number): ModuleFunction {
  const s = new LayerScope(width)
  const sums = Array.from({ length: width }, () => s.vectors(2))
  const dy = s.vectors(2)
  const all = sums.map((_, t) => t)
  const groups = [all.slice(0, GROUP), all.slice(GROUP)]
  const code = overPanels(s, tiles => [
    ...movePanel(s, tiles, 'scratch'),
    ...overRuns(
      s,
      tiles,
      ({ width: tile, offset }) => {
        const used = dy.slice(0, vectors(tile))
        return groups.map(group => ({
          before: group.flatMap(t => used.flatMap((_, n) => set(sums[t]![n]!, f64x2.zero))),
          each: term => [
            ...used.flatMap((d, n) => set(d, f64x2.load(get(s.row), 16 * n))),
            ...group.flatMap(t => [
              ...set(s.v, f64x2.splat(get(term), 8 * t)),
              ...used.flatMap((d, n) => {
                const sum = sums[t]![n]!
                return set(sum, f64x2.add(get(sum), f64x2.mul(get(s.v), get(d))))
              }),
            ]),
          ],
          after: group.flatMap(t =>
            used.flatMap((_, n) => {
              const at = offset + 16 * n
              const address = get(s.rows[t]!)
              return store(tile)(address, f64x2.add(load(tile)(address, at), get(sums[t]![n]!)), at)
            }),
          ),
        }))
      },
      'runs',
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
      tiles,
      tile => [
        {
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
        },
      ],
      'tiles',
    ),
  ])
  return { name: 'inputGradient', scope: s, code }
}

/** The module of the kernels for rows of `terms` terms. */
export function layerModule(terms: number, shared: boolean): Uint8Array<ArrayBuffer> {
  return assemble([bases(), forward(terms), coefGradient(terms), inputGradient(terms)], shared)
}
