/** The curve of one edge, large, with axes and numbers. */
import { drawnOver, isConstant, paddedRange } from './axes.ts'
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
  const x = drawnOver(edge.x)
  const name = edgeName(edge, network)
  drawPlot(place, 236, {
    across: [x[0]!, x.at(-1)!],
    up: paddedRange(fitted ? [...edge.y, ...fitted] : edge.y, 0.12),
    lines: [
      { x, y: edge.y, class: edge.known === undefined ? 'prediction' : 'known' },
      ...(fitted ? [{ x, y: fitted, class: 'fitted' }] : []),
    ],
    marks: edge.knots,
    acrossLabel: edge.layer > 0 ? 'value of the node' : network.width[0] === 1 ? 'x' : `x${edge.input + 1}`,
    upLabel: 'φ',
    description:
      `${name}: ` +
      (isConstant(edge.x)
        ? `a single value, ${formatNumber(edge.y[0]!)} at ${formatNumber(edge.x[0]!)}.`
        : `a curve over ${formatNumber(edge.x[0]!)} to ${formatNumber(edge.x.at(-1)!)} with values from ${formatNumber(low)} to ${formatNumber(high)}.`),
  })
  setText(
    caption,
    `${name}${edge.known === undefined ? '' : `, the known function ${functionText(edge.known)}`}. Mean |φ| ${formatNumber(edge.norm, 2)}; ${formatNumber(edge.score, 2)} of the output’s variation passes through it.`,
  )
}
