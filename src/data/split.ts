import { ConfigError, DataError, ShapeError } from '../errors.ts'
import { Random } from '../random.ts'
import { counted } from './quote.ts'

/** The stream of the generator that splits draw from: 'split' in ASCII, last four letters. */
const SPLIT_STREAM = 0x706c6974

/** Of fewer rows the searches for formulas hold none out unless asked to: what is found is judged on the rows it was fitted to. */
export const FEWEST_TO_SPLIT = 40

export interface SplitOptions {
  /** Fraction of all rows held out for the test, in [0, 1). */
  readonly test: number
  /** Fraction of the remaining rows used for validation, in [0, 1). */
  readonly validation: number
  readonly seed: number
  /** A class number a row: each part then has nearly the same shares of the classes. */
  readonly stratify?: ArrayLike<number>
}

/** Row numbers, each part ascending; together they hold every row once. */
export interface Split {
  readonly train: Uint32Array
  readonly validation: Uint32Array
  readonly test: Uint32Array
}

/** A part that is asked for gets at least one row, however small its fraction. */
function partSize(name: string, fraction: number, rows: number): number {
  if (!(fraction >= 0 && fraction < 1))
    throw new ConfigError(
      `The ${name} fraction is ${fraction}; give a number from 0 up to, not including, 1.`,
    )
  return fraction === 0 ? 0 : Math.max(1, Math.round(fraction * rows))
}

/** Row numbers of each class in random order; classes by ascending number. Without classes: all rows as one. */
function shuffledGroups(
  rows: number,
  random: Random,
  stratify: ArrayLike<number> | undefined,
): Uint32Array[] {
  const groups = new Map<number, number[]>()
  for (let row = 0; row < rows; row++) {
    const key = stratify?.[row] ?? 0
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return [...groups].toSorted(([a], [b]) => a - b).map(([, group]) => random.shuffle(Uint32Array.from(group)))
}

/**
 * Shares `take` rows out among groups in proportion to what each has, by largest remainders (ties to the earlier group).
 * A group's last row is taken only when there is no other way, so that training sees every class.
 */
function shareOut(available: readonly number[], take: number): number[] {
  const total = available.reduce((sum, count) => sum + count, 0)
  const exact = available.map(count => (total === 0 ? 0 : (count * take) / total))
  const shares = exact.map(Math.floor)
  let left = take - shares.reduce((sum, count) => sum + count, 0)
  const order = [...available.keys()].toSorted((a, b) => (exact[b]! % 1) - (exact[a]! % 1) || a - b)
  for (const keep of [1, 0]) {
    let spare = true
    while (left > 0 && spare) {
      spare = false
      for (const group of order) {
        if (left === 0 || shares[group]! + 1 > available[group]! - keep) continue
        shares[group]!++
        left--
        spare = true
      }
    }
  }
  return shares
}

/**
 * Splits rows at random into train, validation and test. The test part has round(test * rows) rows, the validation part
 * round(validation * what remains), each at least one when its fraction is not 0; the test part does not depend on
 * `validation`. Equal arguments give equal splits on every machine.
 *
 * Throws ConfigError for a fraction outside [0, 1), ShapeError when `stratify` has another length, DataError when the
 * rows do not go round.
 */
export function splitRows(rows: number, options: SplitOptions): Split {
  const { stratify, seed } = options
  if (!Number.isSafeInteger(rows) || rows < 1)
    throw new DataError(`There are ${rows} rows to split; at least one is needed.`)
  if (!Number.isSafeInteger(seed))
    throw new ConfigError(`The seed is ${seed}; give a whole number below 2^53.`)
  if (stratify !== undefined && stratify.length !== rows)
    throw new ShapeError(`stratify has ${stratify.length} classes for ${rows} rows; give one a row.`)
  const testRows = partSize('test', options.test, rows)
  const validationRows = partSize('validation', options.validation, rows - testRows)
  const trainRows = rows - testRows - validationRows
  if (trainRows < 1)
    throw new DataError(
      `${counted(rows, 'row')} cannot be split: test ${options.test} takes ${testRows}, validation ` +
        `${options.validation} takes ${validationRows}, and none is left to train on. Lower a fraction or add rows.`,
    )
  const groups = shuffledGroups(rows, new Random(seed, SPLIT_STREAM), stratify)
  const sizes = groups.map(group => group.length)
  const testShares = shareOut(sizes, testRows)
  const validationShares = shareOut(
    sizes.map((size, group) => size - testShares[group]!),
    validationRows,
  )
  const collect = (from: (group: number) => number, to: (group: number) => number): Uint32Array =>
    Uint32Array.from(groups.flatMap((group, index) => [...group.subarray(from(index), to(index))])).sort()
  const testEnd = (group: number): number => testShares[group]!
  const validationEnd = (group: number): number => testShares[group]! + validationShares[group]!
  return {
    test: collect(() => 0, testEnd),
    validation: collect(testEnd, validationEnd),
    train: collect(validationEnd, group => sizes[group]!),
  }
}
