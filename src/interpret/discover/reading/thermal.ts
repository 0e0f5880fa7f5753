import type { LibraryChoice } from '../../curves/library.ts'

/** log(exp(u) - 1), written so that nothing overflows. */
export const LOG_EXP_LESS_1 = 'u + log(1 - exp(-u))'

/** The logarithm of what divides in the laws of Planck, Bose and Einstein, whose argument is a product of powers. */
export const THERMAL: LibraryChoice = [
  {
    name: 'log(exp - 1)',
    formula: LOG_EXP_LESS_1,
    complexity: 5,
    domain: { low: 0, high: Infinity, closed: false },
  },
]
