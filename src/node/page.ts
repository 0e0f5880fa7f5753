/**
 * The script of the page in headless Chrome that holds a WebGPU engine for a Node program: published as page.js, opened by
 * chrome.ts, which drives it through the functions below.
 */
import type { Engine } from '../engine/engine.ts'
import { serveEngine, textPort } from '../engine/remote/index.ts'
import { requestWebGpuEngine } from '../engine/webgpu/engine.ts'
import { UnsupportedError } from '../errors.ts'
import { describeAdapter } from './adapter.ts'
import type { AdapterDescription } from './adapter.ts'

/** What chrome.ts calls. */
export interface EnginePage {
  /** undefined where there is no adapter. */
  describe(): Promise<AdapterDescription | undefined>
  /** Starts to serve an engine. `budget`: milliseconds of GPU work a submission. */
  serve(options: { software: 'refuse' | 'allow'; budget: number; reason: string }): void
  /** A text of an engine message. */
  receive(text: string): void
}

declare global {
  var webkanPage: EnginePage
  /** chrome.ts's receiver of the texts of engine messages. */
  var webkanSend: (text: string) => Promise<void>
}

const port = textPort(text => globalThis.webkanSend(text))

globalThis.webkanPage = {
  async describe() {
    return 'gpu' in navigator ? describeAdapter(navigator.gpu) : undefined
  },
  serve(options) {
    serveEngine(port, async (): Promise<Engine> => {
      const engine = await requestWebGpuEngine({ gpu: navigator.gpu, ...options })
      if (!engine) throw new UnsupportedError('The adapter is gone; request a new engine.')
      return engine
    })
  },
  receive: text => port.receive(text),
}
