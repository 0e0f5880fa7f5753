import type { BrowserCommand } from 'vitest/node'

/** Kills Chrome's GPU process, as a driver crash would; for tests that lose their device on purpose. */
export const crashGpu: BrowserCommand = context => context.crashGpu()

declare module 'vitest/node' {
  interface BrowserCommandContext {
    /** Comes from the provider. */
    crashGpu: () => Promise<void>
  }
}

declare module 'vitest/internal/browser' {
  interface BrowserCommands {
    crashGpu: () => Promise<void>
  }
}
