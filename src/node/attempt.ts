import type { Engine } from '../engine/engine.ts'

/** A try at finding a GPU: an engine on it, or why not, as a phrase such as 'no adapter'. */
export type Attempt = { readonly engine: Engine } | { readonly refused: string }

/** Which adapters will do: hardware only, or software ones (SwiftShader, llvmpipe) as well. */
export type SoftwareAdapters = 'refuse' | 'allow'

/** Why an adapter, or the lack of one, does not do. */
export function refusal(adapter: { readonly name: string; readonly software: boolean } | undefined): string {
  if (!adapter) return 'no adapter'
  return `only a software adapter, ${adapter.name}`
}

/** First line of an error's message, for a phrase. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n')[0] ?? message
}

/**
 * An engine that ends what it runs in, and says why it was chosen.
 * @param release called once, after the engine was destroyed, even when that failed
 */
export function hostedEngine(engine: Engine, reason: string, release: () => void | Promise<void>): Engine {
  let ended: Promise<void> | undefined
  const end = async (): Promise<void> => {
    try {
      await engine.destroy()
    } finally {
      await release()
    }
  }
  const destroy = (): Promise<void> => (ended ??= end())
  return {
    description: { ...engine.description, reason },
    open: plan => engine.open(plan),
    memory: () => engine.memory(),
    destroy,
    [Symbol.asyncDispose]: destroy,
  }
}
