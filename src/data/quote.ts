/** Characters of a foreign text that a message repeats: enough to find it, and a megabyte in one cell stays off the screen. */
const LONGEST_QUOTE = 60

/** A text from a file as messages show it: in double quotes, cut to 60 characters, control characters escaped. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 3)}...` : text)
}

/** `3 rows`, `1 row`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
