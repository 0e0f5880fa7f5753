/** Draws the network, with a button on every edge. */
import { drawnOver, linePath, paddedRange } from './axes.ts'
import { formatNumber } from './format.ts'
import { functionText, variableName } from './formula.ts'
import { layoutNetwork } from './network-layout.ts'
import { nodeOfOutput } from './network-layout.ts'
import type { EdgeEnds, NetworkLayout, NodePlace, Point } from './network-layout.ts'
import type { EdgeCurve } from './snapshot.ts'
import { html, setText, svg } from './svg.ts'

interface EdgeParts {
  readonly link: SVGPathElement
  readonly frame: SVGGElement
  readonly curve: SVGPathElement
  readonly name: SVGTextElement
  readonly button: HTMLButtonElement
}

/** What is drawn: nodes per layer, and the edges that are there. */
export interface NetworkDrawing {
  readonly width: readonly number[]
  readonly products: readonly (readonly number[])[]
  readonly edges: readonly EdgeCurve[]
}

export class NetworkView {
  readonly #place: HTMLElement
  readonly #onSelect: (edge: number, pinned: boolean) => void
  #drawing: NetworkDrawing = { width: [], products: [], edges: [] }
  #layoutKey = ''
  #figure = svg('svg')
  #parts: EdgeParts[] = []
  #selected = 0
  #side = 0

  /** `onSelect` hears of edges that are looked at (pinned: clicked or reached by keyboard). */
  constructor(place: HTMLElement, onSelect: (edge: number, pinned: boolean) => void) {
    this.#place = place
    this.#onSelect = onSelect
    new ResizeObserver(() => this.draw(this.#drawing, this.#selected)).observe(place)
  }

  draw(drawing: NetworkDrawing, selected: number): void {
    this.#drawing = drawing
    this.#selected = selected
    const pixels = Math.floor(this.#place.clientWidth)
    if (drawing.width.length === 0 || pixels === 0) return
    const ends = drawing.edges.map(({ layer, input, output }) => `${layer}.${input}.${output}`)
    const key = `${pixels}:${drawing.width.join()}:${drawing.products.join(';')}:${ends.join()}`
    if (key !== this.#layoutKey) {
      this.#layoutKey = key
      this.#build(layoutNetwork(drawing, pixels))
    }
    this.#parts.forEach((parts, e) => this.#drawEdge(parts, e, drawing.edges[e]!))
    this.#figure.setAttribute('aria-label', describeNetwork(drawing))
  }

  #drawEdge({ link, frame, curve, name, button }: EdgeParts, e: number, edge: EdgeCurve): void {
    const isSelected = e === this.#selected
    // Above the links that it crosses.
    if (isSelected && link.nextSibling) link.parentNode?.append(link)
    for (const part of [link, frame]) part.classList.toggle('selected', isSelected)
    button.tabIndex = isSelected ? 0 : -1
    button.setAttribute('aria-pressed', String(isSelected))
    const inner = this.#side / 2 - 5
    const x = drawnOver(edge.x)
    const across = { low: x[0]!, high: x.at(-1)!, from: -inner, to: inner }
    const [low, high] = paddedRange(edge.y, 0.04)
    curve.setAttribute('d', linePath(x, edge.y, across, { low, high, from: inner, to: -inner }))
    for (const part of [link, frame]) part.style.setProperty('--strength', edge.opacity.toFixed(3))
    frame.classList.toggle('known', edge.known !== undefined)
    setText(name, functionText(edge.known ?? ''))
    const what = edge.known === undefined ? '' : `known function ${functionText(edge.known)}, `
    const label = `${edgeName(edge, this.#drawing)}: ${what}score ${formatNumber(edge.score, 2)}`
    if (button.getAttribute('aria-label') !== label) button.setAttribute('aria-label', label)
  }

  #build(layout: NetworkLayout): void {
    const hadFocus = this.#place.contains(document.activeElement)
    const { width, height, side, stroke } = layout
    this.#side = side
    const figure = svg('svg', { role: 'img', width, height, viewBox: `0 0 ${width} ${height}` })
    const buttons = html('div', {
      class: 'edge-buttons',
      role: 'group',
      'aria-label': 'Edges: arrow keys move',
    })
    const layers = this.#drawing.width
    this.#parts = layout.edges.map((edge, e) => {
      const { x, y } = edge
      const half = side / 2
      const curve = svg('path', { class: 'curve' })
      const name = svg('text', { class: 'function-name', y: half - 4 })
      const link = svg('path', {
        class: 'link',
        d: polyline(edge.from) + polyline(edge.to),
      })
      const frame = svg(
        'g',
        { transform: `translate(${x} ${y})` },
        svg('rect', { class: 'frame', x: -half, y: -half, width: side, height: side, rx: 2 }),
        curve,
        name,
      )
      const button = html('button', { type: 'button' })
      button.style.left = `${x - half}px`
      button.style.top = `${y - half}px`
      button.style.width = button.style.height = `${side}px`
      button.addEventListener('pointerenter', event => {
        if (event.pointerType === 'mouse') this.#onSelect(e, false)
      })
      button.addEventListener('focus', () => this.#onSelect(e, true))
      button.addEventListener('click', () => this.#onSelect(e, true))
      button.addEventListener('keydown', event => this.#move(event, e))
      buttons.append(button)
      return { link, frame, curve, name, button }
    })
    const links = svg('g', { 'stroke-width': stroke }, ...this.#parts.map(parts => parts.link))
    figure.append(links, ...this.#parts.map(parts => parts.frame))
    for (const node of layout.nodes) {
      const { x, y, layer, index } = node
      figure.append(...(node.factors.length > 0 ? productMarks(node) : [dot(x, y, 3.5)]))
      if (layer === 0) figure.append(label(x, y + 22, 'x', layers[0] === 1 ? '' : String(index + 1)))
      else if (layer === layers.length - 1) figure.append(label(x, y - 12, 'f', ''))
    }
    buttons.addEventListener('pointerleave', () => this.#onSelect(-1, false))
    this.#figure = figure
    this.#place.replaceChildren(figure, buttons)
    if (hadFocus) this.#parts[this.#selected]?.button.focus()
  }

  #move(event: KeyboardEvent, e: number): void {
    const steps: Record<string, number> = {
      ArrowRight: 1,
      ArrowDown: -this.#across(e),
      ArrowLeft: -1,
      ArrowUp: this.#across(e),
    }
    const last = this.#parts.length - 1
    const step = steps[event.key]
    let next: number
    if (step !== undefined) next = Math.min(last, Math.max(0, e + step))
    else if (event.key === 'Home') next = 0
    else if (event.key === 'End') next = last
    else return
    event.preventDefault()
    this.#parts[next]?.button.focus()
  }

  /** Up and down go to the next layer of edges, or its nearest end. */
  #across(e: number): number {
    const { edges } = this.#drawing
    const layer = edges[e]?.layer
    return edges.filter(edge => edge.layer === layer).length
  }
}

function dot(x: number, y: number, r: number): SVGElement {
  return svg('circle', { class: 'node', cx: x, cy: y, r })
}

/** A multiplication sign in a circle, and below it a dot for each factor. */
function productMarks({ x, y, factors }: NodePlace): SVGElement[] {
  return [
    ...factors.map(factor => svg('path', { class: 'product', d: polyline([factor, { x, y }]) })),
    ...factors.map(factor => dot(factor.x, factor.y, 2)),
    svg('circle', { class: 'product', cx: x, cy: y, r: 8 }),
    svg('path', { class: 'product', d: `M${x - 3.5} ${y - 3.5}l7 7m0-7l-7 7` }),
  ]
}

function polyline(points: readonly Point[]): string {
  return `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`
}

function label(x: number, y: number, letter: string, index: string): SVGTextElement {
  const text = svg('text', { class: 'node-label', x, y }, letter)
  if (index) text.append(svg('tspan', { class: 'index', dy: 4 }, index))
  return text
}

/** From x₁ to node 3 of layer 1. */
export function edgeName(edge: EdgeEnds, { width, products }: Omit<NetworkDrawing, 'edges'>): string {
  const from =
    edge.layer === 0 ? variableName(edge.input, width[0]!) : `node ${edge.input + 1} of layer ${edge.layer}`
  const { node, factor } = nodeOfOutput(width[edge.layer + 1]!, products[edge.layer] ?? [], edge.output)
  const place = edge.layer === width.length - 2 ? 'the output' : `node ${node + 1} of layer ${edge.layer + 1}`
  const to = factor === undefined ? place : `factor ${factor + 1} of ${place}`
  return `From ${from} to ${to}`
}

function describeNetwork(drawing: NetworkDrawing): string {
  const { width, edges } = drawing
  const nodes = width.join(', ')
  const knownCount = edges.filter(({ known }) => known !== undefined).length
  const shape = `Network with ${nodes} nodes from input to output and ${edges.length} edges, each with its curve${knownCount > 0 ? `; ${knownCount} are known functions` : ''}.`
  const strongest = edges.filter(edge => edge.layer === 0).toSorted((a, b) => b.score - a.score)[0]
  if (!strongest) return shape
  const name = edgeName(strongest, drawing).replace('From', 'from')
  return `${shape} The strongest edge of the first layer goes ${name}, with score ${formatNumber(strongest.score, 2)}.`
}
