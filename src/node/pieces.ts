/**
 * Characters of a message that cross the DevTools protocol at once: both ends buffer whole messages and limit them
 * (Puppeteer's WebSocket to 256 MiB), and a training set is larger.
 */
const longestPiece = 4 * 1024 * 1024

/** Cuts a text into pieces; the last one, empty for an empty text, is marked. */
export function* splitText(text: string, length = longestPiece): Generator<{ piece: string; last: boolean }> {
  let start = 0
  for (; start + length < text.length; start += length)
    yield { piece: text.slice(start, start + length), last: false }
  yield { piece: text.slice(start), last: true }
}

/** Puts pieces, which arrive in order, together again. */
export class TextJoiner {
  #pieces: string[] = []

  /** Calls `whole` when the last piece of a text is there. */
  add(piece: string, last: boolean, whole: (text: string) => void): void {
    this.#pieces.push(piece)
    if (!last) return
    const text = this.#pieces.join('')
    this.#pieces = []
    whole(text)
  }
}
