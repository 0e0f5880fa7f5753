import { describe, expect, it } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { fixEdge } from '../../src/model/fix.ts'
import type { Affine } from '../../src/model/fix.ts'
import { Random } from '../../src/random.ts'

const SEEDS = 8
const ROWS = 12
const NO_SCALING = { input: 'none', output: 'none' } as const

/** Functions, what their edge is to learn of t in [0, 1), and the last of their singular places. */
const CASES: readonly (readonly [
  formula: string,
  target: (t: number) => number,
  places: readonly number[],
])[] = [
  ['1/u', t => 1 / (t + 0.05), [0]],
  ['1/u^2', t => 1 / (t + 0.05) ** 2, [0]],
  ['1/u^3', t => 1 / (t + 0.05) ** 3, [0]],
  ['tan(u)', t => Math.tan(1.5 * t), [-Math.PI / 2, Math.PI / 2]],
  ['1/sqrt(u)', t => 1 / Math.sqrt(t + 0.01), [0]],
  ['1/(u - 2)', t => 1 / (t + 0.02), [2]],
  ['log(u^2)', t => Math.log(t + 0.01), [0]],
  ['1/(u^2 - 1)', t => 1 / (t * (t + 2) + 0.05), [-1, 1]],
  ['sqrt(u^2 - 1)', t => Math.sqrt(t * (t + 2)), [-1, 1]],
]

/** An edge that begins on one side of all its singular places; where `behind`, behind a straight line of two inputs. */
function network(formula: string, affine: Affine, behind: boolean): KAN {
  const own = { name: 'own', formula, affine }
  if (!behind) return new KAN(fixEdge(new KAN({ width: [1, 1], scaling: NO_SCALING }), 0, 0, 0, own))
  const line = { name: 'x', formula: 'u', affine: [0.5, 0, 1, 0] as const }
  const plain = new KAN({ width: [2, 1, 1], scaling: NO_SCALING })
  return new KAN(fixEdge(fixEdge(fixEdge(plain, 0, 0, 0, line), 0, 1, 0, line), 1, 0, 0, own))
}

/** a x + b of the edge, by row. */
function argumentsOf(kan: KAN, x: Float64Array, behind: boolean): number[] {
  const [a, b] = kan.layer(behind ? 1 : 0).values.affine
  return Array.from({ length: ROWS }, (_, row) => {
    if (!behind) return a! * x[row]! + b!
    const { affine, nodeScale, nodeBias } = kan.layer(0).values
    const line = (i: number): number =>
      affine[4 * i + 2]! * (affine[4 * i]! * x[2 * row + i]! + affine[4 * i + 1]!) + affine[4 * i + 3]!
    return a! * (nodeScale[0]! * (line(0) + line(1)) + nodeBias[0]!) + b!
  })
}

describe('fits by lm put no pole and no end of a domain between rows', () => {
  // Where only rows were looked at, 21 of these 144 fits did, at errors of up to 560 instead of 0.08.
  it.each(CASES.flatMap(each => [false, true].map(behind => [...each, behind] as const)))(
    '%s',
    async (formula, target, places, behind) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = new Random(seed)
        const inputs = behind ? 2 : 1
        const x = Float64Array.from({ length: inputs * ROWS }, () => random.uniform())
        const y = Float64Array.from({ length: ROWS }, (_, row) => {
          const t = behind ? (x[2 * row]! + x[2 * row + 1]!) / 2 : x[row]!
          return target(t) + 0.3 * (random.uniform() - 0.5)
        })
        const tan = formula === 'tan(u)'
        const a = 0.5 + (tan ? 0.5 : 1) * random.uniform()
        const b = tan ? 0.2 : places.at(-1)! + 0.1 + random.uniform()
        const kan = network(formula, [a, b, 1, 0], behind)
        const { losses } = await kan.fit({ x, y }, { optimizer: 'lm', steps: 60, restarts: 1 })
        const u = argumentsOf(kan, x, behind)
        const [low, high] = [Math.min(...u), Math.max(...u)]
        expect(places.filter(place => low < place && place < high)).toEqual([])
        expect(losses.at(-1)).toBeLessThan(losses[0]!)
      }
    },
  )

  it('but go on from a pole that lies between them from the start', async () => {
    const x = Float64Array.from({ length: 20 }, (_, row) => (row - 9.5) / 10)
    const y = x.map(t => 3 / (2 * t + 0.03) + 1)
    const kan = network('1/u', [1, 0, 1, 0], false)
    const { losses } = await kan.fit({ x, y }, { optimizer: 'lm', steps: 100, restarts: 1 })
    // 1/u has one number too many: rounding is left of values up to 50.
    expect(Math.sqrt(losses.at(-1)!)).toBeLessThan(1e-10)
  })
})
