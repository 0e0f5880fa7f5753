/** The curve of one edge, large, with axes and numbers. */
import { paddedRange } from './axes.ts'
import { formatNumber } from './format.ts'
import { functionText } from './formula.ts'
import type { EdgeCurve, Snapshot } from './snapshot.ts'
import { setText } from './svg.ts'
import { edgeName } from './view-network.ts'
import { drawPlot } from './view-plot.ts'

/** `fitted` is a known function over the same points, to compare with. */
export function drawEdge(
  place: HTMLElement,
  caption: HTMLElement,
  edge: EdgeCurve,
  network: Pick<Snapshot, 'width' | 'products'>,
  fitted: Float64Array | undefined,
): void {
  const [low, high] = [Math.min(...edge.y), Math.max(...edge.y)]
  const across: [number, number] = [edge.x[0]!, edge.x.at(-1)!]
  const name = edgeName(edge, network)
  drawPlot(place, 236, {
    across: across[0] < across[1] ? across : paddedRange(edge.x),
    up: paddedRange(fitted ? [...edge.y, ...fitted] : edge.y, 0.12),
    lines: [
      { x: edge.x, y: edge.y, class: edge.known === undefined ? 'prediction' : 'known' },
      ...(fitted ? [{ x: edge.x, y: fitted, class: 'fitted' }] : []),
    ],
    marks: edge.knots,
    acrossLabel: edge.layer > 0 ? 'value of the node' : network.width[0] === 1 ? 'x' : `x${edge.input + 1}`,
    upLabel: 'φ',
    description:
      `${name}: a curve over ${formatNumber(across[0])} to ${formatNumber(across[1])} with values from ` +
      `${formatNumber(low)} to ${formatNumber(high)}.`,
  })
  setText(
    caption,
    `${name}${edge.known === undefined ? '' : `, the known function ${functionText(edge.known)}`}. Mean |φ| ${formatNumber(edge.norm, 2)}; ${formatNumber(edge.score, 2)} of the output’s variation passes through it.`,
  )
}
