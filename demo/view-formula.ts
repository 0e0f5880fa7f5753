/** The search for formulas: how far it is, the list that it found, and the chosen formula with its errors and copies. */
import { format, formatAll, formatNames, parse } from 'webkan/formula'
import type { Expression, FormatName } from 'webkan/formula'
import { formatNumber, formatRound } from './format.ts'
import type { Errors, Found, FoundFormula, SearchProgress } from './interpret-messages.ts'
import type { SearchState } from './search.ts'
import { byId, html, setText } from './svg.ts'
import { offer } from './view-buttons.ts'

const formatTitles: Readonly<Record<FormatName, string>> = {
  text: 'Text',
  latex: 'LaTeX',
  mathml: 'MathML',
  javascript: 'JavaScript',
  python: 'Python',
  sympy: 'SymPy',
  wgsl: 'WGSL',
  glsl: 'GLSL',
  excel: 'Excel',
  c: 'C',
  json: 'JSON',
}

/** Digits of a number that is read; one that is copied has all of its own. */
const readDigits = 6

const stages: Readonly<Record<SearchProgress['stage'], string>> = {
  splines: 'making the curves simpler',
  edges: 'naming curves',
  alternatives: 'trying other functions',
  formulas: 'fitting constants',
  fit: 'training',
  sparsify: 'making a network sparse',
  prune: 'pruning',
  refine: 'refining grids',
  symbolify: 'naming curves',
  snap: 'fitting constants',
}

/** What `draw` needs to know of the network. */
export interface Circumstances {
  /** Why no search can begin, where none can: of the network, and of the rows alone. */
  readonly symbolifyObstacle: string | undefined
  readonly discoverObstacle: string | undefined
  /** Whether the network is one that a formula was read from. */
  readonly isAdopted: boolean
  readonly names: readonly string[]
}

export class FormulaView {
  readonly #onAdopt: (model: Uint8Array) => void
  #names: readonly string[] = []
  #drawn: Found | undefined
  /** The formula that is read, of the list. */
  #shown = 0

  /** `onAdopt` hears of the network that is to take the present one's place. */
  constructor(onAdopt: (model: Uint8Array) => void) {
    this.#onAdopt = onAdopt
    byId('formats').append(
      ...formatNames.map(name => {
        const button = html('button', { type: 'button', value: name }, formatTitles[name])
        button.addEventListener('click', () => void this.#copy(name))
        return button
      }),
    )
    byId('adopt').addEventListener('click', () => {
      const model = this.#drawn?.model
      const isOffered = byId('adopt').getAttribute('aria-disabled') !== 'true'
      if (model && isOffered) this.#onAdopt(model)
    })
  }

  draw(state: SearchState, { symbolifyObstacle, discoverObstacle, isAdopted, names }: Circumstances): void {
    this.#names = names
    const { kind, found, progress, isStopping } = state
    const busy = kind && 'Stop the search first.'
    offer('symbolify', false, busy ?? symbolifyObstacle, {
      title: 'Find known functions for all curves, and the formula that they make',
    })
    offer('discover', false, busy ?? discoverObstacle, {
      title:
        'Look for a formula of the training rows through networks of many structures, for a minute at most',
    })
    offer('stop-search', isStopping, kind === undefined ? 'No search is under way.' : undefined, {
      title: 'End the search with what it has found',
    })
    setText(byId('search-status'), statusOf(state))
    // Apart, as it changes too often to be read aloud.
    setText(byId('search-detail'), isStopping ? '' : (progress?.detail ?? ''))
    const bar = byId('search-progress')
    bar.hidden = kind === undefined
    if (bar instanceof HTMLProgressElement) bar.value = progress?.share ?? 0
    byId('found').hidden = found === undefined
    const isThere = 'It is in the network already; Undo takes it back.'
    offer('adopt', false, isAdopted ? isThere : symbolifyObstacle, {
      title: 'Replace the network by the one of this formula; Undo takes it back',
    })
    if (found === this.#drawn) return
    this.#drawn = found
    this.#shown = found?.chosen ?? 0
    if (found) this.#build(found)
  }

  #build(found: Found): void {
    const { rankedBy } = found
    setText(byId('pareto-caption'), captionOf(found))
    setText(byId('pareto-error'), rankedBy === 'training' ? 'Training RMSE' : 'Validation RMSE')
    byId('pareto').replaceChildren(
      ...found.formulas.map((formula, f) => {
        const input = html('input', { type: 'radio', name: 'formula', value: f })
        input.checked = f === this.#shown
        input.addEventListener('change', () => {
          this.#shown = f
          this.#show(found)
        })
        return html(
          'tr',
          {},
          html('td', {}, html('label', {}, input, String(formula.complexity))),
          html('td', {}, formatError(formula.errors[rankedBy])),
          html('td', { class: 'text' }, format(this.#read(formula), 'text', { digits: 4 })),
        )
      }),
    )
    this.#show(found)
  }

  #show(found: Found): void {
    const formula = found.formulas[this.#shown]!
    const { complexity, errors, text } = formula
    const place = byId('expression')
    place.replaceChildren(mathmlOf(this.#read(formula)))
    place.dataset['text'] = text
    const chosen =
      this.#shown === found.chosen && found.formulas.length > 1
        ? ' This one weighs complexity and error best.'
        : ''
    setText(
      byId('found-note'),
      `Complexity ${complexity}.${chosen} Numbers are shown with ${readDigits} digits; copies have all.`,
    )
    byId('found-errors').replaceChildren(
      errorRow('The formula, as it is written', errors),
      errorRow(
        found.kind === 'discover' ? 'A spline network for these rows' : 'The network it was read from',
        found.network,
      ),
    )
    byId('adopt').hidden = found.model === undefined || this.#shown !== found.chosen
    setText(byId('copied'), '')
    byId('copied-text').hidden = true
  }

  #read({ text }: FoundFormula): Expression {
    return parse(text, { variables: this.#names })
  }

  /** The text is shown too: a browser may not let it onto the clipboard. */
  async #copy(name: FormatName): Promise<void> {
    const formula = this.#drawn?.formulas[this.#shown]
    if (!formula) return
    const place = byId('copied-text')
    let text: string
    try {
      text = format(this.#read(formula), name)
    } catch (error) {
      place.hidden = true
      setText(byId('copied'), error instanceof Error ? error.message : String(error))
      return
    }
    place.hidden = false
    setText(place, text)
    try {
      await navigator.clipboard.writeText(text)
      setText(byId('copied'), `Copied as ${formatTitles[name]}.`)
    } catch {
      getSelection()?.selectAllChildren(place)
      setText(
        byId('copied'),
        `${formatTitles[name]}: the browser keeps its clipboard closed; copy the marked text.`,
      )
    }
  }
}

function statusOf({ kind, progress, isStopping, found, failure, subject }: SearchState): string {
  if (failure !== undefined) return failure
  if (kind !== undefined) {
    const stage = progress ? stages[progress.stage] : 'beginning'
    return isStopping ? 'Stopping.' : `${kind === 'discover' ? 'Discover' : 'Symbolify'}: ${stage}.`
  }
  if (!found)
    return 'From the curves to a formula: Symbolify names the curves of the network, Discover needs none.'
  const ended = { done: 'Found', time: 'Out of time: found', aborted: 'Stopped: found' }[found.stop]
  const count = found.formulas.length
  return `${ended} ${count} ${count === 1 ? 'formula' : 'formulas'} in ${formatRound(found.seconds)} s${subject}.`
}

/** What the list is ranked by. The chosen formula is in it also where another one beats it by less than the noise. */
function captionOf({ formulas, rankedBy }: Found): string {
  const errors = formulas.map(formula => formula.errors[rankedBy] ?? Infinity)
  const isFront = errors.every((error, f) => f === 0 || error < errors[f - 1]!)
  const front = `Formulas that none beats in both complexity and ${rankedBy} RMSE`
  return isFront ? front : `${front}, and the chosen one, which is as good as the rows can tell`
}

function mathmlOf(expression: Expression): Node {
  const markup = formatAll([{ name: 'f', expression }], 'mathml', { digits: readDigits })
  return document.importNode(new DOMParser().parseFromString(markup, 'application/xml').documentElement, true)
}

function errorRow(name: string, { training, validation, test }: Errors): HTMLElement {
  return html(
    'tr',
    {},
    html('th', { scope: 'row' }, name),
    ...[training, validation, test].map(error => html('td', {}, formatError(error))),
  )
}

function formatError(error: number | undefined): string {
  return error === undefined ? '–' : formatNumber(error)
}
