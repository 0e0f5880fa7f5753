/** How many threads a session of the CPU engine works with: it takes more than one where a step is worth sharing. */

/** Opens something and counts the workers that Node starts meanwhile; this thread is one of `threads`. */
export async function countingThreads<T>(
  open: () => Promise<T>,
): Promise<{ readonly opened: T; readonly threads: number }> {
  let threads = 1
  const count = (): void => void threads++
  process.on('worker', count)
  try {
    const opened = await open()
    // Node says so a tick after it started one.
    await new Promise(setImmediate)
    return { opened, threads }
  } finally {
    process.off('worker', count)
  }
}
