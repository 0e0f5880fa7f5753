import { greekNames } from './greek.ts'

/** Letters that have no accent to take away. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['Æ', 'AE'],
  ['œ', 'oe'],
  ['Œ', 'OE'],
  ['ø', 'o'],
  ['Ø', 'O'],
  ['ł', 'l'],
  ['Ł', 'L'],
  ['đ', 'd'],
  ['Đ', 'D'],
])

/** Longer identifiers are cut: C promises to tell 31 characters apart. */
const LONGEST = 24

/**
 * A name as every language takes it: ASCII letters, digits and single underscores, starting with a letter and ending without
 * an underscore. Accents go, Greek letters are spelled (θ0 is theta0), everything else becomes an underscore; `sound
 * pressure [dB]` is sound_pressure_dB, and a name with nothing left is v.
 */
function asciiName(name: string): string {
  const spelled = [...name.normalize('NFKD')]
    .map(character => greekNames.get(character) ?? LETTERS.get(character) ?? character)
    .join('')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .slice(0, LONGEST)
    .replaceAll(/^_|_$/g, '')
  if (spelled === '') return 'v'
  // GLSL keeps names with gl_ for itself.
  return /^(?:\d|gl_)/.test(spelled) ? `v_${spelled}` : spelled
}

/** Gives out identifiers, each once, none of them reserved. */
export class Identifiers {
  readonly #taken: Set<string>

  constructor(reserved: Iterable<string>) {
    this.#taken = new Set(reserved)
  }

  /** The name as an identifier; numbered from 2 on when it is taken: x, x_2, x_3. */
  take(name: string): string {
    const plain = asciiName(name)
    let identifier = plain
    for (let i = 2; this.#taken.has(identifier); i++) identifier = `${plain}_${i}`
    this.#taken.add(identifier)
    return identifier
  }
}

/** The identifiers of these variables, in their order: unique and not reserved. */
export function identify(names: readonly string[], taken: Identifiers): ReadonlyMap<string, string> {
  const legend = new Map<string, string>()
  // A name that is an identifier already keeps it, whatever the others become.
  for (const name of names) if (asciiName(name) === name) legend.set(name, taken.take(name))
  for (const name of names) if (asciiName(name) !== name) legend.set(name, taken.take(name))
  return new Map(names.map(name => [name, legend.get(name)!]))
}

/** A name as a comment to the end of the line shows it: quoted, with whatever could end the line or the comment escaped. */
export function quoted(name: string): string {
  const text = JSON.stringify(name)
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, character =>
    character.length > 1 ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
