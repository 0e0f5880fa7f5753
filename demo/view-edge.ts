/** The curve of one edge, large, with axes and numbers. */
import { paddedRange } from './axes.ts'
import { formatNumber } from './format.ts'
import type { EdgeCurve } from './snapshot.ts'
import { setText } from './svg.ts'
import { edgeName } from './view-network.ts'
import { drawPlot } from './view-plot.ts'

export function drawEdge(
  place: HTMLElement,
  caption: HTMLElement,
  edge: EdgeCurve,
  width: readonly number[],
): void {
  const [low, high] = [Math.min(...edge.y), Math.max(...edge.y)]
  const across: [number, number] = [edge.x[0]!, edge.x.at(-1)!]
  const name = edgeName(edge, width)
  drawPlot(place, 236, {
    across: across[0] < across[1] ? across : paddedRange(edge.x),
    up: paddedRange(edge.y, 0.12),
    lines: [{ x: edge.x, y: edge.y, class: 'prediction' }],
    marks: edge.knots,
    acrossLabel: edge.layer > 0 ? 'value of the node' : width[0] === 1 ? 'x' : `x${edge.input + 1}`,
    upLabel: 'φ',
    description:
      `${name}: a curve over ${formatNumber(across[0])} to ${formatNumber(across[1])} with values from ` +
      `${formatNumber(low)} to ${formatNumber(high)}.`,
  })
  setText(
    caption,
    `${name}. Mean |φ| ${formatNumber(edge.norm, 2)}; ${formatNumber(edge.score, 2)} of the output’s variation passes through it.`,
  )
}
