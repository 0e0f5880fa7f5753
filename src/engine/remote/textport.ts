import { encodeMessage, MessageDecoder } from './codec.ts'
import type { EngineMessage } from './messages.ts'
import type { EnginePort } from './port.ts'

/** A port over a channel of texts; `receive` takes the texts of the other end, in order. */
export interface TextPort extends EnginePort {
  receive(text: string): void
  /** Tells the port's user that the other end is gone. */
  lose(reason: string): void
}

/**
 * A port over a channel that carries texts in order. A failure of `send` means that the other end is gone.
 * @param send delivers a text; the next one waits until it has, so that a large message is never there as a whole
 * @param textBytes see encodeMessage
 */
export function textPort(send: (text: string) => Promise<void>, textBytes?: number): TextPort {
  const decoder = new MessageDecoder()
  let receiveMessage: (message: EngineMessage) => void = () => {}
  let lose: (reason: string) => void = () => {}
  let sent = Promise.resolve()
  const sendAll = async (texts: Iterable<string>): Promise<void> => {
    for (const text of texts) await send(text)
  }
  return {
    post(message) {
      const texts = encodeMessage(message, textBytes)
      sent = sent
        .then(() => sendAll(texts))
        .catch((error: unknown) => lose(error instanceof Error ? error.message : String(error)))
    },
    onMessage: receive => void (receiveMessage = receive),
    onLost: lost => void (lose = lost),
    // The channel is the business of whoever made it.
    close() {},
    receive(text) {
      const message = decoder.add(text)
      if (message) receiveMessage(message)
    },
    lose: reason => lose(reason),
  }
}
