import { ConfigError } from '../errors.ts'

/** An option that must be a whole number of at least `low`. Throws ConfigError; `remedy` says what the option means. */
export function checkWhole(name: string, value: number, low: number, remedy: string): number {
  if (!Number.isSafeInteger(value) || value < low)
    throw new ConfigError(`${name} is ${value}; it must be a whole number of at least ${low}: ${remedy}.`)
  return value
}

/** An option that must be a finite number that `fits`. Throws ConfigError; `wanted` says which numbers do. */
export function checkNumber(
  name: string,
  value: number,
  fits: (value: number) => boolean,
  wanted: string,
): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || !fits(value))
    throw new ConfigError(`${name} is ${value}; it must be ${wanted}.`)
  return value
}
