/**
 * A seeded, counter-based random generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011). The n-th block depends on (seed, stream, n) alone, and only integer arithmetic is used, so the
 * numbers are the same on every machine. Transcendental functions are kept out on purpose: their last bit differs
 * between JavaScript engines.
 */
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85
const ROUNDS = 10

/** The high 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const low = aLow * bLow
  const middle = aHigh * bLow + (low >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carry / 65536)) >>> 0
}

/** One Philox4x32-10 block: the counter is replaced by four random words, in place. */
export function philox(counter: Uint32Array, key0: number, key1: number): void {
  let [c0, c1, c2, c3] = [counter[0]!, counter[1]!, counter[2]!, counter[3]!]
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0
    c0 = (high1 ^ c1 ^ key0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ key1) >>> 0
    c3 = low0
    key0 = (key0 + WEYL_0) >>> 0
    key1 = (key1 + WEYL_1) >>> 0
  }
  counter[0] = c0
  counter[1] = c1
  counter[2] = c2
  counter[3] = c3
}

/** A stream of random numbers. Equal (seed, stream) give equal numbers; other streams are independent. */
export class Random {
  readonly #key: readonly [number, number]
  readonly #stream: number
  readonly #block = new Uint32Array(4)
  #counter = 0
  #used = 4

  /** @param seed any integer up to 2^53 in magnitude; @param stream a 32-bit number that separates uses of one seed. */
  constructor(seed: number, stream = 0) {
    this.#key = [seed >>> 0, Math.floor(seed / 4294967296) >>> 0]
    this.#stream = stream >>> 0
  }

  /** A uniform 32-bit unsigned integer. */
  word(): number {
    if (this.#used === 4) {
      this.#block[0] = this.#counter >>> 0
      this.#block[1] = Math.floor(this.#counter / 4294967296)
      this.#block[2] = this.#stream
      this.#block[3] = 0
      philox(this.#block, this.#key[0], this.#key[1])
      this.#counter++
      this.#used = 0
    }
    return this.#block[this.#used++]!
  }

  /** A uniform number in [0, 1) with 53 random bits. */
  uniform(): number {
    const high = this.word() >>> 5
    const low = this.word() >>> 6
    return (high * 67108864 + low) / 9007199254740992
  }

  /** A uniform integer in [0, below). The bias is under below / 2^53. */
  integer(below: number): number {
    return Math.floor(this.uniform() * below)
  }

  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T extends { length: number; [index: number]: number }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1)
      const kept = array[i]!
      array[i] = array[j]!
      array[j] = kept
    }
    return array
  }
}
