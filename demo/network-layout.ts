/**
 * Where the nodes and the little frames of the curves go, as in the figures of the KAN paper: inputs at the bottom, outputs
 * on top, and between two layers of nodes the frames of their edges, sorted by input. Pixels; nothing is drawn here.
 */
export interface NodePlace {
  readonly layer: number
  readonly index: number
  readonly x: number
  readonly y: number
  /** Where the factors of a product are added up; none of a sum. */
  readonly factors: readonly Point[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** A frame, by its centre, and the corners of its links. */
export interface EdgePlace {
  readonly layer: number
  readonly input: number
  readonly output: number
  readonly x: number
  readonly y: number
  /** From the input's node to the frame's lower side. */
  readonly from: readonly Point[]
  /** From the frame's upper side to the output's node. */
  readonly to: readonly Point[]
}

export interface NetworkLayout {
  readonly width: number
  readonly height: number
  /** Side of every frame. */
  readonly side: number
  /** Thickness of links: half of their distance where many share a gap. */
  readonly stroke: number
  /** Without hidden ones that no edge reaches. */
  readonly nodes: readonly NodePlace[]
  /** As they were given. */
  readonly edges: readonly EdgePlace[]
}

/** An edge that is there: which node it leaves, and for which sum or factor behind its layer. */
export type EdgeEnds = Pick<EdgePlace, 'layer' | 'input' | 'output'>

const topMargin = 30
const bottomMargin = 32
const gap = 8
const smallestSide = 26
const largestSide = 64
const thickest = 1.2
/** Factors stand below their product, this far from it and from each other. */
const factorDrop = 17
const factorPitch = 15

/** Which node output j of a layer is, or is a factor of: sums come first, then the factors of the products (LayerShape.products). */
export function nodeOfOutput(
  nodes: number,
  products: readonly number[],
  j: number,
): { node: number; factor: number | undefined } {
  const sums = nodes - products.length
  let factor = j - sums
  if (factor < 0) return { node: j, factor: undefined }
  let node = sums
  while (factor >= products[node - sums]!) factor -= products[node++ - sums]!
  return { node, factor }
}

/** Nodes behind the inputs, layer by layer, what they multiply, and the edges, sorted by layer, then by input; every layer has some. */
export interface Network {
  readonly width: readonly number[]
  readonly products: readonly (readonly number[])[]
  readonly edges: readonly EdgeEnds[]
}

export function layoutNetwork({ width, products, edges }: Network, pixels: number): NetworkLayout {
  const layers = width.slice(1).map((_, l) => edges.filter(({ layer }) => layer === l))
  const counts = layers.map(({ length }) => length)
  // Frames that would be too small in one row are laid like bricks in several, so that their order along x stays.
  const rows = counts.map(count => Math.ceil((count * (smallestSide + gap)) / pixels))
  // The outermost frames stand 1 from the border, and those of one row, `rows` apart in the order along x, have a gap.
  const sides = counts.map((count, l) =>
    Math.floor((rows[l]! * (pixels - 2) - gap * (count - 1)) / (count - 1 + rows[l]!)),
  )
  const side = Math.min(largestSide, ...sides)
  const fan = Math.min(68, Math.max(32, pixels * 0.105))
  const bands = rows.map(count => 2 * fan + count * (side + gap) - gap)
  const height = topMargin + bottomMargin + bands.reduce((sum, band) => sum + band, 0)

  const lines: NodePlace[][] = []
  let bottom = height - bottomMargin
  width.forEach((count, layer) => {
    const y = bottom
    const own = products[layer - 1] ?? []
    const linked = linkedNodes({ width, products, edges }, layer)
    const place = new Map(linked.map((index, rank) => [index, (pixels * (rank + 0.5)) / linked.length]))
    lines.push(
      Array.from({ length: count }, (_, index) => {
        const x = place.get(index) ?? NaN
        const factors = own[index - (count - own.length)] ?? 0
        return { layer, index, x, y, factors: factorPoints(x, y, factors) }
      }),
    )
    bottom -= bands[layer] ?? 0
  })
  const places = counts.flatMap((count, layer) =>
    layoutBand(lines[layer]!, outputPoints(lines[layer + 1]!), layers[layer]!, {
      rows: rows[layer]!,
      side,
      first: Math.max(pixels / count / 2, side / 2 + 1),
      pixels,
      fan,
    }),
  )
  const distances = counts.map((count, l) =>
    rows[l]! > 2 ? ((pixels - side - 2) / (count - 1)) * (1 - side / (side + gap)) : Infinity,
  )
  const stroke = Math.min(thickest, ...distances.map(distance => distance / 2))
  return {
    width: pixels,
    height,
    side,
    stroke,
    nodes: lines.flat().filter(({ x }) => !Number.isNaN(x)),
    edges: places,
  }
}

/** The nodes of a layer that have edges; of inputs and outputs, all. */
function linkedNodes({ width, products, edges }: Network, layer: number): number[] {
  const count = width[layer]!
  const all = [...Array(count).keys()]
  if (layer === 0 || layer === width.length - 1) return all
  const linked = new Set(
    edges.flatMap(edge => {
      if (edge.layer === layer) return [edge.input]
      return edge.layer === layer - 1
        ? [nodeOfOutput(count, products[edge.layer] ?? [], edge.output).node]
        : []
    }),
  )
  return all.filter(index => linked.has(index))
}

function factorPoints(x: number, y: number, count: number): Point[] {
  return Array.from({ length: count }, (_, f) => ({
    x: x + factorPitch * (f - (count - 1) / 2),
    y: y + factorDrop,
  }))
}

/** Where the edges to each output of a layer end: at a sum, or at a factor of a product. */
function outputPoints(nodes: readonly NodePlace[]): Point[] {
  return nodes.flatMap((node): readonly Point[] => (node.factors.length > 0 ? node.factors : [node]))
}

interface Band {
  readonly rows: number
  readonly side: number
  /** Centre of the first frame. */
  readonly first: number
  readonly pixels: number
  /** Height between a line of nodes and the frames. */
  readonly fan: number
}

/** The edges between two lines of nodes. A link passes the rows of other frames through their gaps, so that it can be followed. */
function layoutBand(
  inputs: readonly NodePlace[],
  outputs: readonly Point[],
  edges: readonly EdgeEnds[],
  { rows, side, first, pixels, fan }: Band,
): EdgePlace[] {
  const count = edges.length
  const pitch = count > 1 ? (pixels - 2 * first) / (count - 1) : 0
  const lowest = inputs[0]!.y - fan
  const place = (e: number): number => first + pitch * e
  const rowBottom = (row: number): number => lowest - row * (side + gap)
  /** Up through a row: edges that share a gap keep their order, evenly apart. */
  const passage = (e: number, row: number): Point[] => {
    const before = e - ((((e - row) % rows) + rows) % rows)
    const middle = place(before + rows / 2)
    const x = middle + (place(e) - middle) * (1 - side / (rows * pitch))
    return [
      { x, y: rowBottom(row) },
      { x, y: rowBottom(row) - side },
    ]
  }
  return edges.map(({ layer, input, output }, e) => {
    const own = e % rows
    const [from, to] = [inputs[input]!, outputs[output]!]
    const x = place(e)
    const through = Array.from({ length: rows }, (__, row) => (row === own ? [] : passage(e, row)))
    const corner = ({ x: left, y }: Point): Point => ({ x: left, y })
    return {
      layer,
      input,
      output,
      x,
      y: rowBottom(own) - side / 2,
      from: [corner(from), ...through.slice(0, own).flat(), { x, y: rowBottom(own) }],
      to: [{ x, y: rowBottom(own) - side }, ...through.slice(own + 1).flat(), corner(to)],
    }
  })
}
