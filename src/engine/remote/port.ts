import type { EngineMessage } from './messages.ts'

/** One end of a channel that carries engine messages in order: a worker, a MessagePort, a page driven from outside. */
export interface EnginePort {
  /** Sends a message; the buffers in `transfer` may be handed over and are not used again. */
  post(message: EngineMessage, transfer?: ArrayBuffer[]): void
  /** Sets the one receiver of messages. */
  onMessage(receive: (message: EngineMessage) => void): void
  /** Sets the one receiver of the news that the other end is gone, such as a worker that crashed or a page that closed. */
  onLost?(lost: (reason: string) => void): void
  /** Ends the channel, and the worker behind it. */
  close(): void
}

/** What Worker, MessagePort and a worker's own global scope have in common. */
interface MessageTarget {
  postMessage(message: unknown, options: { transfer: Transferable[] }): void
  addEventListener(type: 'message', listener: (event: MessageEvent<EngineMessage>) => void): void
}

function portOver(target: MessageTarget, close: () => void): EnginePort {
  return {
    post: (message, transfer = []) => target.postMessage(message, { transfer }),
    onMessage: receive => target.addEventListener('message', ({ data }) => receive(data)),
    close,
  }
}

/** The port to a browser's Worker, for the page that created it; closing it terminates the worker. */
export function workerPort(worker: Worker): EnginePort {
  return {
    ...portOver(worker, () => worker.terminate()),
    onLost(lost) {
      worker.addEventListener('error', ({ message }) => lost(message || 'its module could not be loaded'))
      worker.addEventListener('messageerror', () => lost('a message could not be read'))
    },
  }
}

/** A port over one end of a MessageChannel, in browsers and in Node. */
export function messagePort(port: MessagePort): EnginePort {
  const result = portOver(port, () => port.close())
  return {
    ...result,
    onMessage(receive) {
      result.onMessage(receive)
      port.start()
    },
  }
}

/** The port from inside a browser's dedicated worker to the page that created it. */
export function scopePort(scope: MessageTarget & { close(): void }): EnginePort {
  return portOver(scope, () => scope.close())
}

/** The part of node:worker_threads' Worker that is used here. */
export interface NodeWorker {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void
  on(event: 'message', listener: (message: EngineMessage) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
  terminate(): unknown
}

/** The port to a Worker of node:worker_threads, for the thread that created it; closing it terminates the worker. */
export function nodeWorkerPort(worker: NodeWorker): EnginePort {
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    onMessage: receive => void worker.on('message', receive),
    onLost(lost) {
      worker.on('error', error => lost(error.message))
      worker.on('exit', code => lost(`it ended with code ${code}`))
    },
    close: () => void worker.terminate(),
  }
}
