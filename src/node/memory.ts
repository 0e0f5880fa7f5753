import { totalmem } from 'node:os'

/**
 * Share of the memory that sessions of the CPU engine may take: at its fullest moment, when the state is read back, fit holds
 * about as much beside its session (6.2 copies of the weights: the model, what was uploaded, and the state's four) as in it
 * (6.8: weights, gradient, two moments, the best, and the folded weights with their gradient).
 */
const SESSION_SHARE = 0.5

/**
 * Bytes that sessions of the CPU engine may take here: a share of the machine's memory, or of what a container grants of it.
 * Not of what is free now: the same command should do the same every time.
 */
export function sessionMemory(): number {
  // 0 where nothing is granted or known, 2^64 where a cgroup has no limit.
  const granted = process.constrainedMemory()
  const all = totalmem()
  return Math.floor(SESSION_SHARE * (granted > 0 && granted < all ? granted : all))
}
