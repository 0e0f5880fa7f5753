/** Work that comes in parts: whoever drives it may let the host have a turn between two of them, or leave it there. */
export type Parts<T> = Generator<undefined, T, undefined>

/** All parts of it at once. */
export function wholeOf<T>(parts: Parts<T>): T {
  for (;;) {
    const { done, value } = parts.next()
    if (done) return value
  }
}
