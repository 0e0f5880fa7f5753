import { quote } from '../data/quote.ts'
import { FormatError } from '../errors.ts'

/** What follows a string that is a key: JSON's white space, then a colon. */
const BEFORE_COLON = /[ \t\n\r]*:/y

/** The index of the quote that closes the string which opens at `start`, or the text's length. */
function stringEnd(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1
  return Math.min(i, text.length)
}

/** A string token's value; escapes are resolved so that "a" and "\u0061" are one key. */
function unescape(token: string, what: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    throw new FormatError(
      `${what} holds the broken key ${quote(token)}. The file is damaged; export it again.`,
    )
  }
}

/**
 * JSON.parse for files of unknown origin. JSON.parse silently keeps the last of two equal keys, so that two readers can
 * disagree about one file; here a repeated key, at any level, is a FormatError, as are nesting beyond `depth` and
 * anything that is not JSON. `what` names the text in messages.
 */
export function parseStrictJson(text: string, options: { what: string; depth: number }): unknown {
  const { what, depth } = options
  const open: (Set<string> | null)[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null)
      if (open.length > depth)
        throw new FormatError(
          `${what} is nested ${open.length} levels deep at character ${i}, where the limit is ${depth}. The file was ` +
            `not written by webkan or is damaged; export it again.`,
        )
    } else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = stringEnd(text, i)
      BEFORE_COLON.lastIndex = end + 1
      if (BEFORE_COLON.test(text)) {
        const key = unescape(text.slice(i, end + 1), what)
        const keys = open.at(-1)
        if (keys?.has(key) === true)
          throw new FormatError(
            `${what} holds the key ${quote(key)} twice (again at character ${i}), and each may stand once. The file was ` +
              `altered; export it again.`,
          )
        keys?.add(key)
      }
      i = end
    }
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? quote(error.message) : 'unknown reason'
    throw new FormatError(`${what} is not JSON (${reason}). The file is damaged; export it again.`)
  }
}

/** Whether a parsed value is a JSON object. Read its fields as own properties: keys such as __proto__ are only keys. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
