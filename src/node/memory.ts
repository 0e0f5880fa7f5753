import { totalmem } from 'node:os'

/**
 * Share of the memory that sessions of the CPU engine may take. At its fullest moment, when the state is read back, fit holds
 * 6.2 copies of the weights beside the 6.8 of its session (the model, what was uploaded, and the state's four), so that a
 * session of this size takes 0.4 * 13 / 6.8 = 0.76 of the memory in all.
 */
const SESSION_SHARE = 0.4

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
