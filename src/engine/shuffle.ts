/**
 * A seeded shuffle that needs no memory: position p of an epoch maps to a row by a keyed bijection, so that a GPU thread
 * finds its row alone. A four-round Feistel network permutes [0, 2^(2h)) and walks the cycle until it falls below `rows`
 * (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002, section 3); 2^(2h) < 4 rows bounds the
 * expected walk by 4. shaders/gather.wgsl is the same arithmetic on 32-bit integers: both give the same rows.
 */
export interface ShuffleKey {
  readonly rows: number
  /** h, half the bits of the permuted domain. */
  readonly halfBits: number
  /** One 32-bit key a round. */
  readonly rounds: Uint32Array
}

/** Finaliser of MurmurHash3 (public domain, A. Appleby): every input bit reaches every output bit. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** The key of one epoch of a shuffle of `rows` rows (at most 2^30). */
export function shuffleKey(seed: number, epoch: number, rows: number): ShuffleKey {
  let halfBits = 1
  while (2 ** (2 * halfBits) < rows) halfBits++
  const rounds = new Uint32Array(4)
  let state = mix((seed >>> 0) ^ mix(Math.floor(seed / 4294967296) >>> 0) ^ mix(epoch + 0x9e3779b9))
  for (let r = 0; r < 4; r++) rounds[r] = state = mix(state + 0x9e3779b9)
  return { rows, halfBits, rounds }
}

/** The row at `position` (0 <= position < rows) of the shuffled order. */
export function shuffledRow(key: ShuffleKey, position: number): number {
  const mask = 2 ** key.halfBits - 1
  let value = position
  do {
    let left = value >>> key.halfBits
    let right = value & mask
    for (let r = 0; r < 4; r++) {
      const next = (left ^ mix(right ^ key.rounds[r]!)) & mask
      left = right
      right = next
    }
    value = ((left << key.halfBits) | right) >>> 0
  } while (value >= key.rows)
  return value
}
