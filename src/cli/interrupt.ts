/**
 * Milliseconds within which a second signal is the first one's echo: a terminal sends Ctrl-C to npx and to us, and npx passes it
 * on.
 */
const SAME_PRESS = 300

/** Where signals come from: a process, or its stand-in. */
interface SignalSource {
  on(signal: 'SIGINT', listener: () => void): unknown
  off(signal: 'SIGINT', listener: () => void): unknown
}

/** Shell.onInterrupt for a process: `listener` hears the first Ctrl-C, and the next one leaves at once. */
export function interruptsOf(
  source: SignalSource,
  leaveAtOnce: () => void,
): (listener: () => void) => () => void {
  return listener => {
    let first: number | undefined
    const interrupt = (): void => {
      const now = performance.now()
      if (first === undefined) {
        first = now
        listener()
      } else if (now - first >= SAME_PRESS) leaveAtOnce()
    }
    source.on('SIGINT', interrupt)
    return () => void source.off('SIGINT', interrupt)
  }
}
