/**
 * The script of the page in headless Chrome that holds a WebGPU engine for a Node program: published as page.js, opened by
 * chrome.ts, which drives it through the functions below.
 */
import type { Engine } from '../engine/engine.ts'
import { decodeMessage, encodeMessage, serveEngine } from '../engine/remote/index.ts'
import { requestWebGpuEngine } from '../engine/webgpu/engine.ts'
import { UnsupportedError } from '../errors.ts'
import { describeAdapter } from './adapter.ts'
import type { AdapterDescription } from './adapter.ts'
import { splitText, TextJoiner } from './pieces.ts'

/** What chrome.ts calls. */
export interface EnginePage {
  /** undefined where there is no adapter. */
  describe(): Promise<AdapterDescription | undefined>
  /** Starts to serve an engine. `budget`: milliseconds of GPU work a submission. */
  serve(options: { software: 'refuse' | 'allow'; budget: number; reason: string }): void
  /** A piece of an engine message. */
  receive(piece: string, last: boolean): void
}

declare global {
  var webkanPage: EnginePage
  /** chrome.ts's receiver of pieces of engine messages. */
  var webkanSend: (piece: string, last: boolean) => Promise<void>
}

const joiner = new TextJoiner()
let receiveText: (text: string) => void = () => {}

globalThis.webkanPage = {
  async describe() {
    return 'gpu' in navigator ? describeAdapter(navigator.gpu) : undefined
  },
  serve(options) {
    const port = {
      post: (message: Parameters<typeof encodeMessage>[0]) => {
        for (const { piece, last } of splitText(encodeMessage(message)))
          void globalThis.webkanSend(piece, last)
      },
      onMessage: (receive: (message: ReturnType<typeof decodeMessage>) => void) => {
        receiveText = text => receive(decodeMessage(text))
      },
      close() {},
    }
    serveEngine(port, async (): Promise<Engine> => {
      const engine = await requestWebGpuEngine({ gpu: navigator.gpu, ...options })
      if (!engine) throw new UnsupportedError('The adapter is gone; request a new engine.')
      return engine
    })
  },
  receive: (piece, last) => joiner.add(piece, last, text => receiveText(text)),
}
