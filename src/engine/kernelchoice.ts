import { ConfigError } from '../errors.ts'
import type { KernelChoice } from './engine.ts'

/**
 * Refuses kernels that are no choice at all; which kernels and variants there are is each engine's to say. A name without a variant
 * is refused too: it would pin nothing, and look as if it did. Throws ConfigError.
 */
export function checkKernelChoice(kernels: unknown): asserts kernels is KernelChoice | 'tune' | undefined {
  if (kernels === undefined || kernels === 'tune') return
  if (typeof kernels !== 'object' || kernels === null || Array.isArray(kernels))
    throw new ConfigError(
      `kernels is ${JSON.stringify(kernels)}; give the kernels of a report, or 'tune', or leave it out.`,
    )
  for (const [name, variant] of Object.entries(kernels) as [string, unknown][])
    if (typeof variant !== 'string')
      throw new ConfigError(
        `kernels.${name} is ${variant === undefined ? 'undefined' : JSON.stringify(variant)}; give the name of a variant, as in the ` +
          `kernels of a report, or leave ${name} out.`,
      )
}
