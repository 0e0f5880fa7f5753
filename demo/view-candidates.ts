/** Known functions for an edge: a list to choose from, and the buttons that fix it and make it a spline again. */
import { formatNumber } from './format.ts'
import { typeset } from './formula.ts'
import type { Candidate } from './interpret-messages.ts'
import type { EdgeCurve } from './snapshot.ts'
import type { Suggested } from './suggestions.ts'
import { byId, html, setText } from './svg.ts'
import { offer } from './view-buttons.ts'

export class CandidatesView {
  readonly #onChoose: (candidate: number) => void
  readonly #rows: HTMLElement
  #drawn: readonly Candidate[] | undefined
  #inputs: HTMLInputElement[] = []

  constructor(onChoose: (candidate: number) => void) {
    this.#onChoose = onChoose
    this.#rows = byId('candidates')
  }

  /** `name` is that of the edge; without `suggested` (an untrained network, or one in training) there is an excuse instead. */
  draw(name: string, edge: EdgeCurve, suggested: Suggested | undefined, excuse: string): void {
    const candidates = suggested?.candidates
    setText(byId('candidates-caption'), name.replace('From', 'Known functions for the edge from'))
    setText(
      byId('candidates-note'),
      suggested?.failure ?? noteOf(candidates, suggested ? 'Looking for functions.' : excuse),
    )
    byId('candidates-table').hidden = candidates === undefined
    if (candidates !== this.#drawn) this.#build(candidates ?? [])
    this.#drawn = candidates
    const chosen = suggested?.chosen ?? 0
    this.#inputs.forEach((input, c) => (input.checked = c === chosen))
    const wait = candidates ? undefined : suggested ? 'Looking for functions.' : excuse
    const best = candidates?.[chosen]
    setText(byId('fix'), best ? `Fix as ${best.name}` : 'Fix')
    offer('fix', false, wait ?? (best ? undefined : 'No known function fits this edge.'), {
      title: 'Put the chosen function in the place of the curve',
    })
    const isTraining = suggested === undefined
    offer(
      'unfix',
      false,
      edge.known === undefined ? 'This edge is a spline.' : isTraining ? excuse : undefined,
      {
        title: 'Make the edge the spline again that it was',
      },
    )
  }

  #build(candidates: readonly Candidate[]): void {
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
          html('td', {}, formatDetermination(candidate)),
          html('td', {}, String(candidate.complexity)),
        ),
      ),
    )
    if (hadFocus) this.#inputs[0]?.focus()
  }
}

function noteOf(candidates: readonly Candidate[] | undefined, waiting: string): string {
  if (candidates === undefined) return waiting
  return candidates.length === 0
    ? 'No function of the library fits this edge.'
    : 'The dashed line is c f(a x + b) + d with the numbers that fit best.'
}

/** A name of the library, such as x^2 or sin. */
function functionName(name: string): HTMLElement {
  const text = html('span', { class: 'function' })
  text.append(typeset(name))
  return text
}

/** R², as far below 1 as it is. */
function formatDetermination({ r2, unexplained }: Candidate): string {
  if (unexplained < 1e-15) return '1'
  return unexplained < 1e-3 ? `1 − ${formatNumber(unexplained, 2)}` : formatNumber(r2, 4)
}
