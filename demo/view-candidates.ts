/** Known functions for an edge: a list to choose from, and the buttons that fix it and make it a spline again. */
import { isConstant } from './axes.ts'
import { formatNumber, formatScientific } from './format.ts'
import { functionText, typeset } from './formula.ts'
import { mostCandidates } from './interpret-messages.ts'
import type { Candidate } from './interpret-messages.ts'
import type { EdgeCurve } from './snapshot.ts'
import type { Suggested } from './suggestions.ts'
import { byId, html, setText } from './svg.ts'
import { offer } from './view-buttons.ts'

/** The edge that the candidates are for. */
export interface EdgePlace {
  readonly name: string
  readonly edge: EdgeCurve
}

export class CandidatesView {
  readonly #onChoose: (candidate: number) => void
  readonly #rows: HTMLElement
  #drawn: readonly Candidate[] | undefined
  #inputs: HTMLInputElement[] = []

  constructor(onChoose: (candidate: number) => void) {
    this.#onChoose = onChoose
    this.#rows = byId('candidates')
    this.#rows.append(...Array.from({ length: mostCandidates }, emptyRow))
  }

  /**
   * `suggested` is undefined where there is an excuse: an untrained network, or one in training. The last candidates then stay;
   * nothing can be done with them.
   */
  draw(place: EdgePlace, suggested: Suggested | undefined, excuse: string): void {
    const { name, edge } = place
    const candidates = suggested?.candidates
    const chosen = suggested?.chosen ?? 0
    const best = candidates?.[chosen]
    const wait = suggested ? 'Looking for functions.' : excuse
    if (candidates && candidates !== this.#drawn) this.#build(candidates, isConstant(edge.y))
    byId('candidates-table').setAttribute('aria-busy', String(candidates === undefined))
    this.#inputs.forEach((input, c) => (input.checked = c === chosen))
    setText(byId('candidates-caption'), name.replace('From', 'Known functions for the edge from'))
    setText(byId('candidates-note'), suggested?.failure ?? (candidates ? noteOf(best, edge) : wait))
    setText(byId('fix'), best ? `Fix as ${functionText(best.name)}` : 'Fix')
    const obstacle =
      best === undefined
        ? 'No known function fits this edge.'
        : best.name === edge.known
          ? `This edge is ${functionText(best.name)} already.`
          : undefined
    offer('fix', false, candidates ? obstacle : wait, {
      title: 'Put the chosen function in the place of the curve',
    })
    const unfixable = edge.known === undefined ? 'This edge is a spline.' : undefined
    offer('unfix', false, suggested ? unfixable : excuse, {
      title: 'Make the edge the spline again that it was when it was fixed',
    })
  }

  #build(candidates: readonly Candidate[], isFlat: boolean): void {
    this.#drawn = candidates
    const hadFocus = this.#rows.contains(document.activeElement)
    this.#inputs = candidates.map((_, c) => {
      const input = html('input', { type: 'radio', name: 'candidate', value: c })
      input.addEventListener('change', () => this.#onChoose(c))
      return input
    })
    this.#rows.replaceChildren(
      ...candidates.map((candidate, c) =>
        html(
          'tr',
          {},
          html('th', { scope: 'row' }, html('label', {}, this.#inputs[c]!, functionName(candidate.name))),
          html('td', {}, isFlat ? '–' : formatUnexplained(candidate)),
          html('td', {}, String(candidate.complexity)),
        ),
      ),
      ...Array.from({ length: mostCandidates - candidates.length }, emptyRow),
    )
    if (hadFocus) this.#inputs[0]?.focus()
  }
}

/** There are always equally many rows, so that what lies below stays in place. */
function emptyRow(): HTMLElement {
  return html('tr', { class: 'empty', 'aria-hidden': 'true' }, html('td', {}), html('td', {}), html('td', {}))
}

/** The numbers of the function that is drawn, over the axis that the curve is drawn over. */
function noteOf(candidate: Candidate | undefined, { u, x, y }: EdgeCurve): string {
  if (candidate === undefined) return 'No function of the library fits this edge.'
  if (isConstant(y))
    return 'The curve is constant: it has no variance to explain, and every function fits it.'
  const [a, b, c, d] = candidate.affine
  // u is (x - shift) / scale.
  const slope = x.at(-1)! > x[0]! ? (u.at(-1)! - u[0]!) / (x.at(-1)! - x[0]!) : 1
  const numbers = { a: a * slope, b: b + a * (u[0]! - slope * x[0]!), c, d }
  const listed = Object.entries(numbers).map(([name, value]) => `${name}\u00a0=\u00a0${formatNumber(value)}`)
  return `Dashed: c f(a x + b) + d, with ${listed.join(', ')}.`
}

/** A name of the library, such as x^2 or sin. */
function functionName(name: string): HTMLElement {
  const text = html('span', { class: 'function' })
  text.append(typeset(name))
  return text
}

/** R² itself would hide in its ninth digit what tells a function from one that is only like it. */
function formatUnexplained({ unexplained }: Candidate): string {
  return unexplained < 1e-15 ? '0' : formatScientific(unexplained, 2)
}
