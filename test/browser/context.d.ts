/**
 * `vitest/browser` takes its types from whichever official provider is installed. Ours is none of them, so the types come
 * under the name of one.
 */
declare module '@vitest/browser-playwright/context' {
  export * from '@vitest/browser/context'
}
