import type { Engine } from '../engine/engine.ts'

/** The longest wait for an engine's end, in milliseconds. */
const PATIENCE = 2000

/** Destroys an engine. In the middle of a step it may take long to end; after Ctrl-C nobody waits for it. */
export async function destroyEngine(engine: Engine): Promise<void> {
  await Promise.race([engine.destroy(), new Promise(resolve => setTimeout(resolve, PATIENCE).unref())])
}
