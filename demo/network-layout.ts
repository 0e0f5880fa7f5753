/**
 * Where the nodes and the little frames of the curves go, as in the figures of the KAN paper: inputs at the bottom, outputs
 * on top, and between two layers of nodes the frames of their edges, sorted by input. Pixels; nothing is drawn here.
 */
export interface NodePlace {
  readonly layer: number
  readonly index: number
  readonly x: number
  readonly y: number
}

/** A frame, by its centre. */
export interface EdgePlace {
  readonly layer: number
  readonly input: number
  readonly output: number
  readonly x: number
  readonly y: number
}

export interface NetworkLayout {
  readonly width: number
  readonly height: number
  /** Side of every frame. */
  readonly side: number
  readonly nodes: readonly NodePlace[]
  /** Layer by layer, input by input: the order of the model's own arrays. */
  readonly edges: readonly EdgePlace[]
}

const topMargin = 30
const bottomMargin = 32
const gap = 8
const smallestSide = 26
const largestSide = 64

export function layoutNetwork(width: readonly number[], pixels: number): NetworkLayout {
  const counts = width.slice(1).map((outputs, l) => outputs * width[l]!)
  // Frames that would be too small in one row are laid like bricks in several, so that their order along x stays.
  const rows = counts.map(count => Math.ceil((count * (smallestSide + gap)) / pixels))
  const side = Math.min(
    largestSide,
    ...counts.map((count, l) => Math.floor((rows[l]! * pixels) / Math.max(count, rows[l]!)) - gap),
  )
  const fan = Math.min(68, Math.max(32, pixels * 0.105))
  const bands = rows.map(count => 2 * fan + count * (side + gap) - gap)
  const height = topMargin + bottomMargin + bands.reduce((sum, band) => sum + band, 0)

  const nodes: NodePlace[] = []
  const edges: EdgePlace[] = []
  let y = height - bottomMargin
  width.forEach((count, layer) => {
    for (let index = 0; index < count; index++)
      nodes.push({ layer, index, x: (pixels * (index + 0.5)) / count, y })
    const band = bands[layer]
    const outputs = width[layer + 1]
    if (band === undefined || outputs === undefined) return
    const pitch = pixels / (count * outputs)
    // In several rows a frame is wider than its share of x: the first and the last would stick out.
    const inset = Math.max(0, (side + 2 - pitch) / 2)
    for (let e = 0; e < count * outputs; e++) {
      const row = e % rows[layer]!
      edges.push({
        layer,
        input: Math.floor(e / outputs),
        output: e % outputs,
        x: inset + ((pixels - 2 * inset) * (e + 0.5)) / (count * outputs),
        y: y - fan - side / 2 - row * (side + gap),
      })
    }
    y -= band
  })
  return { width: pixels, height, side, nodes, edges }
}
