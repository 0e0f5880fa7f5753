import { ConfigError } from '../errors.ts'

/** Throws ConfigError unless the value is a finite number that fits; `wanted` says what does, as the end of "it must be ...". */
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

/** Throws ConfigError unless the value is a whole number of at least `low`; `remedy` says what it means. */
export function checkWhole(name: string, value: number, low: number, remedy: string): number {
  if (!Number.isSafeInteger(value) || value < low)
    throw new ConfigError(`${name} is ${value}; it must be a whole number of at least ${low}: ${remedy}.`)
  return value
}

/** A number that float32 can multiply and divide by without an end: it has no numbers below 1.2e-38 or above 3.4e38. */
export function isPositive(value: number): boolean {
  return value >= 1e-30 && value <= 1e30
}

/** What isPositive asks for, in words. */
export const POSITIVE = 'a number from 1e-30 to 1e30'
