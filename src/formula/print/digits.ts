import { ConfigError } from '../../errors.ts'

/** Options of the formats that people read. */
export interface DigitsOptions {
  /** Significant digits of numbers, 1 to 17. Without it, as many as are needed to read the same number back. */
  readonly digits?: number
}

/** Rounds numbers to the digits asked for. Throws ConfigError for `digits` outside 1 to 17. */
export function rounded({ digits }: DigitsOptions): (value: number) => number {
  if (digits === undefined) return value => value
  if (!(Number.isInteger(digits) && digits >= 1 && digits <= 17))
    throw new ConfigError(`digits is ${digits}; give a whole number from 1 to 17.`)
  return value => (value === 0 ? value : Number(value.toPrecision(digits)))
}
