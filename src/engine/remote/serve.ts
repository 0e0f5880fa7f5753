import type { Engine, Session } from '../engine.ts'
import { ConfigError } from '../../errors.ts'
import { buffersOf, recordError } from './messages.ts'
import type { EngineAnswers, EngineCall } from './messages.ts'
import type { EnginePort } from './port.ts'

/**
 * Serves an engine to the one `connectEngine` at the other end of the port. `makeEngine` is called at the first message.
 * Arrays in answers are handed over, not copied: the engine must not use them again (Session's results are new arrays).
 */
export function serveEngine(port: EnginePort, makeEngine: () => Promise<Engine>): void {
  const sessions: (Session | undefined)[] = []
  let engine: Promise<Engine> | undefined
  port.onMessage(message => {
    // A call that could not be taken in arrives as an error under its id: the answer to it.
    if ('error' in message) port.post(message)
    if (!('call' in message)) return
    const { id, call } = message
    engine ??= makeEngine()
    engine
      .then(made => answerCall(made, sessions, call))
      .then(
        answer => port.post({ id, answer }, [...buffersOf(answer)]),
        (error: unknown) => port.post({ id, error: recordError(error) }),
      )
      // Only posting itself can fail here: then the port is closed, and nobody is waiting.
      .catch(() => undefined)
  })
}

async function answerCall(
  engine: Engine,
  sessions: (Session | undefined)[],
  call: EngineCall,
): Promise<EngineAnswers[EngineCall['method']]> {
  const session = (number: number): Session => {
    const found = sessions[number]
    if (found === undefined)
      throw new ConfigError(`There is no session ${number}; ${sessions.length} were opened.`)
    return found
  }
  switch (call.method) {
    case 'describe':
      return engine.description
    case 'memory':
      return engine.memory()
    case 'destroy':
      return engine.destroy()
    case 'open': {
      const opened = await engine.open(call.plan)
      return { session: sessions.push(opened) - 1, kernels: opened.kernels }
    }
    case 'upload':
      return session(call.session).upload(call.contents)
    case 'run':
      return session(call.session).run(call.steps)
    case 'gradients':
      return session(call.session).gradients()
    case 'predict':
      return session(call.session).predict(call.x)
    case 'statistics':
      return session(call.session).statistics(call.x)
    case 'read':
      return session(call.session).read()
    case 'close':
      return session(call.session).close()
  }
}
