import type { WidthEntry } from '../../../model/width.ts'
import { addends } from './addends.ts'
import { targetTransforms } from './targets.ts'
import type { TargetName, TargetTransform } from './targets.ts'

/** The nodes of one layer: what each sum adds up, and each factor of each product. A list of inputs, or all of them. */
export interface LayerPlan {
  readonly sums: readonly Inputs[]
  readonly products: readonly (readonly Inputs[])[]
}

/** Inputs of a layer by their numbers. */
export type Inputs = 'all' | readonly number[]

/** A network's shape that laws may have, with the edges that are there from the start. */
export interface Structure {
  readonly inputs: number
  readonly layers: readonly LayerPlan[]
  /** How many starts are trained: deeper networks more often end in a bad minimum. */
  readonly starts: number
  /** Whether the first edges are lines of logarithms: see ridges. */
  readonly ridges?: true
  /** Whether the last edges are lines: see addends. */
  readonly lines?: true
}

/** A structure for a transform of the target. */
export interface Rung {
  readonly structure: Structure
  readonly target: TargetTransform
}

/** KANOptions' width and arity. */
export function widthAndArity({ inputs, layers }: Structure): {
  readonly width: readonly WidthEntry[]
  readonly arity: readonly (readonly number[])[]
} {
  const entries = layers.map(({ sums, products }) =>
    products.length > 0 ? ([sums.length, products.length] as const) : sums.length,
  )
  return {
    width: [inputs, ...entries],
    arity: layers.map(({ products }) => products.map(factors => factors.length)),
  }
}

/** The inputs of each output of a layer: of its sums, then of the factors of its products. */
export function outputInputs({ sums, products }: LayerPlan): Inputs[] {
  return [...sums, ...products.flat()]
}

/** The structure in a line: its layers, sums as +, products as *, such as '+(1 2) *(1|3) -> +'. */
export function structureText({ layers }: Structure): string {
  const list = (inputs: Inputs): string => (inputs === 'all' ? '' : inputs.map(i => i + 1).join(' '))
  const nodes = ({ sums, products }: LayerPlan): string =>
    [
      ...sums.map(inputs => `+${inputs === 'all' ? '' : `(${list(inputs)})`}`),
      ...products.map(factors => `*(${factors.map(list).join('|')})`),
    ].join(' ')
  return layers.map(nodes).join(' -> ')
}

/** Whether functions of columns are summed before they are multiplied: see deep. Such networks often need other starts. */
export function isDeep({ layers }: Structure): boolean {
  return layers.some(({ products }, l) => l > 0 && products.length > 0)
}

/** A network of a width, with all its edges; products take factors of two. */
export function denseStructure([inputs, ...entries]: readonly WidthEntry[]): Structure {
  const layers = entries.map((entry): LayerPlan => {
    const [sums, products] = typeof entry === 'number' ? [entry, 0] : entry
    return {
      sums: Array.from({ length: sums }, () => 'all' as const),
      products: Array.from({ length: products }, () => ['all', 'all'] as const),
    }
  })
  return { inputs: Number(inputs), layers, starts: 1 }
}

/** All ways to divide the numbers into blocks, those with more blocks first. */
export function partitions(numbers: readonly number[]): number[][][] {
  const [first, ...rest] = numbers
  if (first === undefined) return [[]]
  return partitions(rest)
    .flatMap(blocks => [[[first], ...blocks], ...blocks.map((block, b) => blocks.with(b, [first, ...block]))])
    .toSorted((a, b) => b.length - a.length)
}

/** All subsets of at least two of 0..count-1, the largest first. */
function subsets(count: number): number[][] {
  const all = Array.from({ length: 2 ** count }, (_, bits) =>
    Array.from({ length: count }, (_, i) => i).filter(i => (bits >> i) % 2 === 1),
  )
  return all.filter(({ length }) => length >= 2).toSorted((a, b) => b.length - a.length)
}

/** Beyond so many groups of inputs the structures are not told apart by which of them their products take. */
const MOST_INPUTS = 4

const OUT: LayerPlan = { sums: ['all'], products: [] }

/** Squares of larger values overflow, those of smaller ones vanish. */
function isMeasurable(value: number): boolean {
  return Math.abs(value) < 1e150
}

/**
 * The ladder: structures from simple to complex, in steps whose members are trained together. Each is a network of its own, for
 * each transform of the target that suits it:
 *
 * - sums: f1(x1) + f2(x2) + .. of the target; of its logarithm, which are products of powers and more
 * - one product of sums of different inputs; a function of a sum
 * - sums with products among them, in two steps: see addends
 * - two functions of sums; a function of a product, and one beside a function of a sum, of the logarithm
 * - products of functions of sums and products, in three steps: see deep
 * - a function of a product beside one of a sum, of the target and its other transforms
 *
 * @param groups inputs that stand in the same factor, such as the levels of a text (default: each alone)
 */
export function ladder(
  inputs: number,
  y: ArrayLike<number>,
  groups: readonly (readonly number[])[] = Array.from({ length: inputs }, (_, i) => [i]),
): Rung[][] {
  const fitting = targetTransforms.filter(
    target => target.fits(y) && Array.from(y, target.forward).every(isMeasurable),
  )
  const rungs = (names: readonly TargetName[], structures: readonly Structure[]): Rung[] =>
    fitting
      .filter(({ name }) => names.includes(name))
      .flatMap(target => structures.map(structure => ({ structure, target })))
  const shape = (layers: readonly LayerPlan[], starts: number): Structure => ({ inputs, layers, starts })

  const sums = rungs(['y', 'log y', '1/y', 'y^2', '1/y^2', 'sin y'], [shape([OUT], 1)])
  const nested = shape([{ sums: ['all'], products: [] }, OUT], 6)
  if (inputs === 1) return [sums, rungs(['y', 'log y'], [nested])]

  const divided = groups.length <= MOST_INPUTS
  const inBlocks = (numbers: readonly number[]): number[][][] =>
    partitions(numbers)
      .filter(({ length }) => length > 1)
      .map(blocks => blocks.map(block => block.flatMap(g => groups[g]!)))
  const wholes = divided ? inBlocks([...groups.keys()]) : [groups]
  const parts = divided ? subsets(groups.length).flatMap(inBlocks) : wholes
  const products = wholes.map(factors => shape([{ sums: [], products: [factors] }], 4))
  const outer = wholes.map(factors => shape([{ sums: [], products: [factors] }, OUT], 3))
  const beside = parts.map(factors =>
    shape([{ sums: ['all'], products: [factors] }, OUT], factors.some(({ length }) => length > 1) ? 6 : 3),
  )
  const twoSums = shape([{ sums: ['all', 'all'], products: [] }, OUT], 6)
  const twoBlocks = wholes
    .filter(({ length }) => length === 2)
    .map(blocks => shape([{ sums: blocks, products: [] }, OUT], 8))
  const isPair = (factors: readonly (readonly number[])[]): boolean =>
    factors.length === 2 && factors.every(own => groups.some(group => group.join() === own.join()))
  const [pairs = [], others = []] = divided
    ? addends(
        inputs,
        parts.filter(isPair),
        parts.filter(own => !isPair(own)),
      )
    : []
  return [
    sums,
    [...rungs(['y'], products), ...rungs(['y'], [nested])],
    rungs(['y'], pairs),
    rungs(['1/y', 'y^2', '1/y^2', 'sin y'], products),
    [
      ...rungs(['y', 'log y', 'y^2'], [twoSums, ...(groups.length > 2 ? twoBlocks : [])]),
      ...rungs(['y'], outer),
    ],
    rungs(['y'], others),
    rungs(['log y'], beside),
    ...deep(groups, divided).map(step =>
      step.flatMap(({ layers, squared }) =>
        rungs(squared ? ['y', 'log y', 'y^2'] : ['y'], [shape(layers, 5)]),
      ),
    ),
    rungs(['y'], beside),
    rungs(['1/y', 'y^2'], beside),
  ].filter(step => step.length > 0)
}

/**
 * Products behind functions of sums and products:
 *
 *     f(x1) g(x1 + ..) h(x2) ..     (x1 + .. + x2 x3) g(x1 + ..)     (x1 + .. + x2 x3 + x1 x4) g(x1 + ..)
 *     x1 + .. + x1 x2 g(x3 + x4)
 *
 * where every variable stands for a function of it.
 */
function deep(
  groups: readonly (readonly number[])[],
  divided: boolean,
): { readonly layers: readonly LayerPlan[]; readonly squared: boolean }[][] {
  const all = [...groups.keys()]
  const separate = [
    { sums: ['all' as const, ...groups], products: [] },
    { sums: [], products: [[[0], ...all.map(g => [g + 1])]] },
  ]
  if (!divided) return [[{ layers: separate, squared: false }]]
  const few = subsets(groups.length).filter(({ length }) => length <= 3)
  const pairs = few.filter(({ length }) => length === 2)
  const factored = (products: readonly (readonly number[])[]): LayerPlan[] => [
    { sums: ['all', 'all'], products: products.map(own => own.map(g => groups[g]!)) },
    { sums: [], products: [[[0, ...products.map((_, p) => p + 2)], [1]]] },
  ]
  const twoPairs = pairs.flatMap(one =>
    pairs.filter(two => one[0]! < two[0]! && !two.some(i => one.includes(i))).map(two => [one, two]),
  )
  const besides = pairs.map((pair): LayerPlan[] => {
    const others = all.filter(i => !pair.includes(i))
    return [
      { sums: ['all', pair.flatMap(g => groups[g]!), ...others.map(g => groups[g]!)], products: [] },
      { sums: [[0]], products: [[[1], ...others.map((_, o) => [o + 2])]] },
      OUT,
    ]
  })
  return [
    [{ layers: separate, squared: false }, ...few.map(own => ({ layers: factored([own]), squared: false }))],
    twoPairs.map(two => ({ layers: factored(two), squared: false })),
    all.length > 2 ? besides.map(layers => ({ layers, squared: true })) : [],
  ]
}
