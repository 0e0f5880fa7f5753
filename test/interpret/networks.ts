import { edgeCurve, KAN } from '../../src/index.ts'
import { fixEdge } from '../../src/model/fix.ts'
import { nodeOfOutput } from '../../src/model/products.ts'
import { scaleRows } from '../../src/model/scaling.ts'
import { Random } from '../../src/random.ts'

const ROWS = 40

/** A whole number from `least` to `most`. */
function whole(random: Random, least: number, most: number): number {
  return least + Math.floor(random.uniform() * (most - least + 1))
}

/** A calibrated network of a shape that the seed chooses, with scaled and logarithmic inputs, and rows for it. */
export async function randomNetwork(seed: number): Promise<{ kan: KAN; x: number[][] }> {
  const random = new Random(seed, 5)
  const inputs = whole(random, 1, 4)
  const hidden = Array.from({ length: whole(random, 0, 2) }, (): number | [number, number] => {
    const products = whole(random, 0, 2)
    return products === 0 ? whole(random, 1, 3) : [whole(random, 0, 2), products]
  })
  let kan = new KAN({
    width: [inputs, ...hidden, whole(random, 1, 2)],
    arity: 2 + (seed % 2),
    grid: 3,
    noise: 2,
    seed,
  })
  const draw = (values: Float64Array): void =>
    values.forEach((_, e) => (values[e] = 2 * random.uniform() - 1))
  kan.layout.layers.forEach((_, l) => {
    const { nodeScale, nodeBias, scaleBase } = kan.layer(l).values
    for (const values of [nodeScale, nodeBias, scaleBase]) draw(values)
  })
  // Some edges were removed before.
  kan.mask.forEach((_, e) => (kan.mask[e] = random.uniform() < 0.1 ? 0 : 1))
  // And some are known functions.
  kan.layout.layers.forEach(({ inputs: columns, outputs: rows }, l) => {
    for (let e = 0; e < columns * rows; e++) {
      if (random.uniform() >= 0.2) continue
      const affine = [1, 2, 3, 4].map(() => 2 * random.uniform() - 1) as [number, number, number, number]
      kan = new KAN(
        fixEdge(kan, l, Math.floor(e / rows), e % rows, { name: 'sin', formula: 'sin(u)', affine }),
      )
    }
  })
  const numbers = (): Float64Array => Float64Array.from({ length: inputs }, () => 1 + random.uniform())
  const log = Array.from({ length: inputs }, () => random.uniform() < 0.5)
  const outputs = kan.layout.outputs
  kan.scaling = {
    input: { shift: numbers(), scale: numbers(), ...(log.includes(true) ? { log } : {}) },
    output: { shift: new Float64Array(outputs), scale: new Float64Array(outputs).fill(1) },
  }
  const x = Array.from({ length: ROWS }, () =>
    Array.from({ length: inputs }, () => 0.2 + 4 * random.uniform()),
  )
  await kan.calibrate(x)
  return { kan, x }
}

/** The same function of columns in other units, logarithmic ones aside, with a thousandfold output: its scales, and its rows. */
export function inOtherUnits(kan: KAN, x: number[][]): { kan: KAN; x: number[][] } {
  const { shift, scale, log } = kan.scaling!.input
  const units = shift.map((_, i) => (log?.[i] === true ? 1 : i % 2 === 0 ? 1000 : 1e-3))
  const other = kan.copy()
  other.scaling = {
    input: {
      ...kan.scaling!.input,
      shift: shift.map((s, i) => s * units[i]!),
      scale: scale.map((s, i) => s * units[i]!),
    },
    output: { shift: kan.scaling!.output.shift, scale: kan.scaling!.output.scale.map(s => 1000 * s) },
  }
  return { kan: other, x: x.map(row => row.map((value, i) => value * units[i]!)) }
}

/** Which edges there are: [layers] of [inputs][outputs]. */
export type Edges = readonly (readonly boolean[])[]

export function edgesOf(kan: KAN): boolean[][] {
  return kan.layout.layers.map(({ symbolic = [] }, l) =>
    Array.from(
      kan.layer(l).values.mask,
      (value, e) => value === 1 || symbolic.some(({ edge }) => edge === e),
    ),
  )
}

/** The edges on a path from an input to an output, by walking from both ends. */
export function onPaths(kan: KAN, edges: Edges): boolean[][] {
  const { layers } = kan.layout
  const owners = layers.map(nodeOfOutput)
  const forwards: Set<number>[] = [new Set(Array.from({ length: kan.layout.inputs }, (_, i) => i))]
  const backwards: Set<number>[] = [new Set(Array.from({ length: kan.layout.outputs }, (_, j) => j))]
  const walk = (l: number, visit: (i: number, node: number) => void): void =>
    edges[l]!.forEach((there, e) => {
      const { outputs } = layers[l]!
      if (there) visit(Math.floor(e / outputs), owners[l]![e % outputs]!)
    })
  for (let l = 0; l < layers.length; l++) {
    const reached = new Set<number>()
    walk(l, (i, node) => forwards[l]!.has(i) && reached.add(node))
    forwards.push(reached)
  }
  for (let l = layers.length - 1; l >= 0; l--) {
    const reached = new Set<number>()
    walk(l, (i, node) => backwards[0]!.has(node) && reached.add(i))
    backwards.unshift(reached)
  }
  return layers.map(({ outputs }, l) =>
    edges[l]!.map(
      (there, e) =>
        there && forwards[l]!.has(Math.floor(e / outputs)) && backwards[l + 1]!.has(owners[l]![e % outputs]!),
    ),
  )
}

/** The outputs [rows][outputs] with every edge that is not kept replaced by its mean over these rows. */
export function withMeans(kan: KAN, x: number[][], kept: Edges): number[] {
  const { inputs, layers } = kan.layout
  const u = scaleRows(Float64Array.from(x.flat()), kan.scaling!.input)
  let columns = Array.from({ length: inputs }, (_, i) => x.map((_row, r) => u[r * inputs + i]!))
  // The rows as the whole network has them: what means are made of.
  let whole = columns
  layers.forEach((layer, l) => {
    const { nodeScale, nodeBias } = kan.layer(l).values
    const next = (values: number[][], phiOf: (i: number, j: number) => ArrayLike<number>): number[][] => {
      const y = Array.from({ length: layer.outputs }, (_, j) =>
        x.map((_row, r) => {
          const sum = values.reduce((total, _column, i) => total + phiOf(i, j)[r]!, 0)
          return nodeScale[j]! * sum + nodeBias[j]!
        }),
      )
      const nodes = Array.from({ length: layer.nodes }, () => x.map(() => 1))
      nodeOfOutput(layer).forEach((node, j) => {
        nodes[node] = nodes[node]!.map((value, r) => value * y[j]![r]!)
      })
      return nodes
    }
    const curves = (values: number[][]): Float64Array[] =>
      values.flatMap((column, i) =>
        Array.from({ length: layer.outputs }, (_, j) => edgeCurve(kan, l, i, j, column)),
      )
    const [own, all] = [curves(columns), curves(whole)]
    const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / ROWS
    columns = next(columns, (i, j) => {
      const e = i * layer.outputs + j
      return kept[l]![e]! ? own[e]! : new Float64Array(ROWS).fill(mean(all[e]!))
    })
    whole = next(whole, (i, j) => all[i * layer.outputs + j]!)
  })
  return x.flatMap((_, r) => columns.map(column => column[r]!))
}
