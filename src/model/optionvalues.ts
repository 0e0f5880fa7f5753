import { ConfigError } from '../errors.ts'

/** A whole number from `low` to `high`. Throws ConfigError, which calls it `name`. */
export function checkInteger(name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high)
    throw new ConfigError(`${name} is ${String(value)}; it must be a whole number from ${low} to ${high}.`)
  return value
}

/** One of `choices`. Throws ConfigError, which calls it `name`. */
export function checkChoice<T extends string>(name: string, value: T, choices: readonly T[]): T {
  if (!choices.includes(value))
    throw new ConfigError(`${name} is '${value}'; choose one of ${choices.map(c => `'${c}'`).join(', ')}.`)
  return value
}

/** A value for each layer, of one value for all or a list of one a layer. Throws ConfigError, which calls it `name`. */
export function perLayer<T>(name: string, value: T | readonly T[], layers: number): readonly T[] {
  if (!Array.isArray(value)) return Array.from({ length: layers }, () => value as T)
  if (value.length !== layers)
    throw new ConfigError(
      `${name} has ${value.length} entries for ${layers} layers; give one value, or one a layer.`,
    )
  return value as readonly T[]
}
