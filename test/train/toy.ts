import type { Engine, Plan, Session } from '../../src/engine/engine.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { Random } from '../../src/random.ts'

/** f(x1, x2) = exp(sin(pi x1) + x2^2), the KAN paper's first example (section 2.4), on [-1, 1]^2. */
export function toySamples(rows: number, seed = 1): { x: Float64Array; y: Float64Array } {
  const random = new Random(seed)
  const x = Float64Array.from({ length: 2 * rows }, () => 2 * random.uniform() - 1)
  const y = Float64Array.from({ length: rows }, (_, r) =>
    Math.exp(Math.sin(Math.PI * x[2 * r]!) + x[2 * r + 1]! ** 2),
  )
  return { x, y }
}

/** Three classes on [-1, 1]^2: the thirds of the plane by angle. */
export function toyClasses(rows: number, seed = 1): { x: Float64Array; y: Float64Array } {
  const { x } = toySamples(rows, seed)
  const y = Float64Array.from({ length: rows }, (_, r) =>
    Math.min(2, Math.floor(((Math.atan2(x[2 * r + 1]!, x[2 * r]!) + Math.PI) / (2 * Math.PI)) * 3)),
  )
  return { x, y }
}

/** A CPU engine whose sessions go through `wrap`: to count, delay, break. */
export function wrappedEngine(
  wrap: (session: Session, plan: Plan) => Partial<Session>,
  engine: Engine = createCpuEngine(),
): Engine {
  return {
    description: engine.description,
    open: async plan => {
      const session = await engine.open(plan)
      const plain: Session = {
        plan: session.plan,
        kernels: session.kernels,
        upload: contents => session.upload(contents),
        run: steps => session.run(steps),
        gradients: () => session.gradients(),
        predict: x => session.predict(x),
        statistics: x => session.statistics(x),
        read: () => session.read(),
        close: () => session.close(),
      }
      return { ...plain, ...wrap(session, plan) }
    },
    memory: () => engine.memory(),
    destroy: () => engine.destroy(),
    [Symbol.asyncDispose]: () => engine.destroy(),
  }
}

/** Makes the parameters of some models of a session NaN at the first upload. */
export function poisoned(session: Session, bad: readonly number[]): Partial<Session> {
  let first = true
  return {
    upload: contents => {
      const { parameters } = contents
      if (!first || !parameters) return session.upload(contents)
      first = false
      const size = parameters.length / session.plan.models
      return session.upload({
        ...contents,
        parameters: parameters.map((value, p) => (bad.includes(Math.floor(p / size)) ? NaN : value)),
      })
    },
  }
}
