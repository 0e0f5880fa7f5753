import { DeviceLostError } from '../../errors.ts'
import type { LayerStatistics } from '../../model/statistics.ts'
import type {
  Engine,
  EngineDescription,
  Gradients,
  KernelChoice,
  MemoryUse,
  Plan,
  Progress,
  Session,
  TrainingState,
  Upload,
} from '../engine.ts'
import { Exclusive } from '../exclusive.ts'
import { reviveError } from './messages.ts'
import type { EngineAnswers, EngineCall, EngineMessage } from './messages.ts'
import type { EnginePort } from './port.ts'

/**
 * The engine that `serveEngine` serves at the other end of a port. Errors keep their class; arrays that go in are copied
 * and stay the caller's. Destroying the engine closes the port. Rejects with the other side's error when it cannot make one.
 */
export async function connectEngine(port: EnginePort): Promise<Engine> {
  const line = new Line(port)
  try {
    return new RemoteEngine(line, await line.call({ method: 'describe' }))
  } catch (error) {
    line.end('The engine could not be reached.')
    throw error
  }
}

/** Matches answers to calls by id, and ends all of them at once when the other side is gone. */
class Line {
  readonly #port: EnginePort
  readonly #pending = new Map<
    number,
    { resolve: (answer: EngineAnswers[keyof EngineAnswers]) => void; reject: (error: Error) => void }
  >()
  #calls = 0
  #ended: string | undefined

  constructor(port: EnginePort) {
    this.#port = port
    port.onMessage(message => this.#receive(message))
    port.onLost?.(reason => this.end(`The engine behind the port is gone: ${reason}. Connect a new one.`))
  }

  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** Sends a call; resolves with its answer. */
  call<C extends EngineCall>(call: C): Promise<EngineAnswers[C['method']]> {
    const { promise, resolve, reject } = withResolvers<EngineAnswers[keyof EngineAnswers]>()
    if (this.#ended === undefined) {
      const id = this.#calls++
      this.#pending.set(id, { resolve, reject })
      try {
        this.#port.post({ id, call })
      } catch (error) {
        this.#pending.delete(id)
        reject(error)
      }
    } else reject(new DeviceLostError(this.#ended))
    // The other side answers with what EngineAnswers says for the method.
    return promise as Promise<EngineAnswers[C['method']]>
  }

  /** Closes the port; open and later calls reject with a DeviceLostError that says why. */
  end(reason: string): void {
    if (this.#ended !== undefined) return
    this.#ended = reason
    for (const { reject } of this.#pending.values()) reject(new DeviceLostError(reason))
    this.#pending.clear()
    this.#port.close()
  }

  #receive(message: EngineMessage): void {
    const pending = this.#pending.get(message.id)
    if (pending === undefined || 'call' in message) return
    this.#pending.delete(message.id)
    if ('error' in message) pending.reject(reviveError(message.error))
    else pending.resolve(message.answer)
  }
}

class RemoteEngine implements Engine {
  readonly description: EngineDescription
  readonly #line: Line
  #last: MemoryUse = { bytes: 0, peak: 0, buffers: 0 }
  #destroyed: Promise<void> | undefined

  constructor(line: Line, description: EngineDescription) {
    this.#line = line
    this.description = description
  }

  async open(plan: Plan): Promise<Session> {
    return new RemoteSession(this.#line, plan, await this.#line.call({ method: 'open', plan }))
  }

  /** After the end: what was held then, which is nothing. */
  async memory(): Promise<MemoryUse> {
    return this.#line.ended ? this.#last : this.#line.call({ method: 'memory' })
  }

  destroy(): Promise<void> {
    this.#destroyed ??= this.#destroy()
    return this.#destroyed
  }

  async #destroy(): Promise<void> {
    if (this.#line.ended) return
    await this.#line.call({ method: 'destroy' })
    this.#last = await this.#line.call({ method: 'memory' })
    this.#line.end('The engine was destroyed; create a new one.')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }
}

class RemoteSession implements Session {
  readonly plan: Plan
  readonly kernels: KernelChoice
  readonly #line: Line
  readonly #session: number
  // The other side refuses overlapping calls too, but whether they overlap there depends on when they arrive.
  readonly #exclusive = new Exclusive()

  constructor(line: Line, plan: Plan, { session, kernels }: EngineAnswers['open']) {
    this.plan = plan
    this.kernels = kernels
    this.#line = line
    this.#session = session
  }

  upload(contents: Upload): Promise<void> {
    return this.#call({ method: 'upload', session: this.#session, contents })
  }

  run(steps: number): Promise<Progress> {
    return this.#call({ method: 'run', session: this.#session, steps })
  }

  gradients(): Promise<Gradients> {
    return this.#call({ method: 'gradients', session: this.#session })
  }

  predict(x: Float64Array): Promise<Float64Array> {
    return this.#call({ method: 'predict', session: this.#session, x })
  }

  statistics(x: Float64Array): Promise<LayerStatistics[][]> {
    return this.#call({ method: 'statistics', session: this.#session, x })
  }

  read(): Promise<TrainingState> {
    return this.#call({ method: 'read', session: this.#session })
  }

  async close(): Promise<void> {
    if (!this.#line.ended) await this.#line.call({ method: 'close', session: this.#session })
  }

  #call<C extends EngineCall>(call: C): Promise<EngineAnswers[C['method']]> {
    return this.#exclusive.run(() => this.#line.call(call))
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function withResolvers<T>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: unknown) => void
} {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
