import { createCpuEngine } from '../engine/cpu/engine.ts'
import type { Engine } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { checkOptionNames } from '../model/optionnames.ts'

function isEngine(value: unknown): value is Engine {
  return (
    typeof value === 'object' &&
    value !== null &&
    'open' in value &&
    typeof value.open === 'function' &&
    'destroy' in value
  )
}

/** Throws ConfigError for what is not an engine, such as the name of a device or the promise of an engine. */
function checkEngine(engine: unknown): void {
  if (isEngine(engine)) return
  if (engine instanceof Promise)
    throw new ConfigError('engine is a promise; await it first: const engine = await requestEngine().')
  const shown =
    typeof engine === 'string' ? `'${engine}'` : engine === null ? 'null' : `a value of type ${typeof engine}`
  throw new ConfigError(
    `engine is ${shown}, which is no engine; give await requestEngine() or createCpuEngine(), or leave it out for the CPU.`,
  )
}

/**
 * Refuses the options of `owner` where they are an engine itself, or hold names beyond `known` or an `engine` that is none.
 * Throws ConfigError.
 */
export function checkCallOptions(owner: string, options: object, known: readonly string[]): void {
  const example = `${owner}(..., { engine })`
  if (isEngine(options)) throw new ConfigError(`${owner} takes an engine as one of its options: ${example}.`)
  checkOptionNames(owner, options, known, example)
  if ('engine' in options && options.engine !== undefined) checkEngine(options.engine)
}

/** Runs `use` with the engine, or with a CPU engine that is destroyed afterwards. */
export async function withEngine<T>(
  engine: Engine | undefined,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  if (engine) return use(engine)
  const own = createCpuEngine()
  try {
    return await use(own)
  } finally {
    await own.destroy()
  }
}
