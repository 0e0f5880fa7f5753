/** The form: fields and what is wrong with them. */
import { toyFunctions } from 'webkan/data'
import { chosenOptimizer } from './optimizers.ts'
import { fieldText, fields, SettingError, shownText, withField } from './settings.ts'
import type { Field, Settings } from './settings.ts'
import { byId, html, setText } from './svg.ts'

type Control = HTMLInputElement | HTMLSelectElement

export class Controls {
  readonly #controls: ReadonlyMap<Field, Control>
  readonly #refused = new Set<Field>()
  #settings: Settings

  /** `onChange` hears of every change: with the settings to use, in which a refused field keeps its last good value. */
  constructor(settings: Settings, onChange: (settings: Settings) => void) {
    this.#settings = settings
    this.#controls = new Map(fields.map(field => [field, control(field)]))
    this.#controls
      .get('function')!
      .append(...toyFunctions.map(({ name, label }) => html('option', { value: name }, plain(label))))
    for (const [field, element] of this.#controls)
      element.addEventListener('change', () => {
        this.#take(field, element)
        // What was refused may fit what is set now.
        for (const other of this.#refused) if (other !== field) this.#take(other, this.#controls.get(other)!)
        this.#followSettings()
        onChange(this.#settings)
      })
    this.show(settings)
  }

  /** The first field whose text is refused. */
  get refused(): Field | undefined {
    return fields.find(field => this.#refused.has(field))
  }

  /** Puts settings into the form. */
  show(settings: Settings): void {
    this.#settings = settings
    for (const [field, element] of this.#controls) {
      element.value = fieldText(settings, field)
      this.#complain(field, '')
    }
    this.#followSettings()
  }

  /** A change may take the number of steps with it, and decides which fields matter. */
  #followSettings(): void {
    const settings = this.#settings
    if (!this.#refused.has('steps')) this.#controls.get('steps')!.value = fieldText(settings, 'steps')
    byId('rate-field').hidden = chosenOptimizer(settings) !== 'adam'
    const levenberg = this.#controls.get('optimizer')!.querySelector('[value=lm]')
    levenberg?.toggleAttribute('disabled', settings.device === 'webgpu')
  }

  #take(field: Field, element: Control): void {
    try {
      this.#settings = withField(this.#settings, field, element.value)
      this.#complain(field, '')
    } catch (error) {
      if (!(error instanceof SettingError)) throw error
      this.#complain(field, `${error.message} Until then, ${shownText(this.#settings, field)} is used.`)
    }
  }

  #complain(field: Field, message: string): void {
    const element = this.#controls.get(field)!
    if (message) {
      this.#refused.add(field)
      element.setAttribute('aria-invalid', 'true')
    } else {
      this.#refused.delete(field)
      element.removeAttribute('aria-invalid')
    }
    setText(byId(`${field}-error`), message)
  }
}

function control(field: Field): Control {
  const element = byId(field)
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) return element
  throw new Error(`index.html has no control for the setting ${field}.`)
}

/** A formula for a list of choices, which holds only text. */
function plain(label: string): string {
  const marks: Record<string, string> = { pi: 'π', 'sqrt(': '√(', '^2': '²', J0: 'J₀' }
  return label
    .replaceAll(/\bpi\b|sqrt\(|\^2|\bJ0/g, found => marks[found] ?? found)
    .replaceAll(/x(\d)/g, (_, digit: string) => `x${'₀₁₂₃₄₅₆₇₈₉'[Number(digit)]}`)
}
