import { ConfigError } from '../errors.ts'
import { checkInteger, perLayer } from './optionvalues.ts'
import { sumCount } from './shape.ts'
import type { LayerShape } from './shape.ts'

/** Nodes of a layer: so many sums, or sums and products (KAN 2.0, arXiv 2408.10205, section 2.1). */
export type WidthEntry = number | readonly [sums: number, products: number]

/** Factors of the product nodes of a layer: one number for all, or one a product. */
export type ArityEntry = number | readonly number[]

/** What a width says of each layer's shape. */
export type LayerWidth = Pick<LayerShape, 'inputs' | 'outputs' | 'products'>

/** More nodes, or factors, than this are taken for a mistake. */
const LARGEST_WIDTH = 65536

function readEntry(name: string, entry: unknown): [sums: number, products: number] {
  if (!Array.isArray(entry)) return [checkInteger(name, entry, 1, LARGEST_WIDTH), 0]
  const counts: unknown[] = entry
  const [sums, products] = counts
  if (entry.length !== 2)
    throw new ConfigError(
      `${name} is ${JSON.stringify(entry)}; give a number of sums, or [sums, products], such as [3, 2].`,
    )
  const nodes: [number, number] = [
    checkInteger(`${name}[0]`, sums, 0, LARGEST_WIDTH),
    checkInteger(`${name}[1]`, products, 0, LARGEST_WIDTH),
  ]
  if (nodes[0] + nodes[1] === 0)
    throw new ConfigError(`${name} is [0, 0]; a layer needs at least one node, a sum or a product.`)
  return nodes
}

function readArity(name: string, arity: ArityEntry, products: number): number[] {
  const factors: readonly unknown[] = Array.isArray(arity)
    ? arity
    : Array.from({ length: products }, () => arity)
  if (factors.length !== products)
    throw new ConfigError(
      `${name} has ${factors.length} entries for ${products} products; give one number, or one a product.`,
    )
  return factors.map(factor => checkInteger(name, factor, 2, LARGEST_WIDTH))
}

/**
 * The layers of a width: `outputs` are a layer's sums and the factors of its products, and the next layer's `inputs` its nodes.
 *
 * @param arity factors of the products of all layers, or one entry a layer
 * @throws ConfigError with the entry, the limit and the remedy
 */
export function resolveWidth(
  width: readonly WidthEntry[],
  arity: ArityEntry | readonly ArityEntry[],
): LayerWidth[] {
  const [inputs, ...entries] = Array.isArray(width) ? (width as readonly WidthEntry[]) : []
  if (entries.length === 0)
    throw new ConfigError(
      `width is ${JSON.stringify(width)}; give at least the inputs and the outputs, such as [2, 5, 1].`,
    )
  if (typeof inputs === 'object')
    throw new ConfigError(
      `width[0] is ${JSON.stringify(inputs)}; inputs are no products: give their number, such as [2, [3, 2], 1].`,
    )
  const arities = perLayer<ArityEntry>('arity', arity, entries.length)
  let nodes = checkInteger('width[0]', inputs, 1, LARGEST_WIDTH)
  return entries.map((entry, l) => {
    const [sums, count] = readEntry(`width[${l + 1}]`, entry)
    const products = readArity(Array.isArray(arity) ? `arity[${l}]` : 'arity', arities[l]!, count)
    const outputs = products.reduce((sum, factors) => sum + factors, sums)
    if (outputs > LARGEST_WIDTH)
      throw new ConfigError(
        `width[${l + 1}] has ${outputs} sums and factors; the limit is ${LARGEST_WIDTH}. Use fewer nodes or a smaller arity.`,
      )
    const layer = { inputs: nodes, outputs, ...(count > 0 ? { products } : {}) }
    nodes = sums + count
    return layer
  })
}

/** The width of layers, inputs first, as resolveWidth takes it. */
export function widthOf(layers: readonly LayerWidth[]): WidthEntry[] {
  return [
    layers[0]!.inputs,
    ...layers.map((layer): WidthEntry => {
      const { products = [] } = layer
      return products.length === 0 ? layer.outputs : [sumCount(layer), products.length]
    }),
  ]
}

/** The factors of every product of the layers, as resolveWidth takes them. */
export function arityOf(layers: readonly LayerWidth[]): (readonly number[])[] {
  return layers.map(({ products = [] }) => products)
}

/** The width as text, with the arity where it is not 2 everywhere: '[2, 5, 1]', '[3, [1, 2], 1] with arity 3'. */
export function formatWidth(layers: readonly LayerWidth[]): string {
  const width = widthOf(layers).map(entry => (typeof entry === 'number' ? entry : `[${entry.join(', ')}]`))
  const factors = layers.flatMap(({ products = [] }) => products)
  const text = `[${width.join(', ')}]`
  if (factors.every(factor => factor === 2)) return text
  const [first] = factors
  return factors.every(factor => factor === first)
    ? `${text} with arity ${first}`
    : `${text} with arity ${JSON.stringify(arityOf(layers)).replaceAll(',', ', ')}`
}
