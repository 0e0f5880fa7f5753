/** What only Node can do: WebGPU without a page, and a browser that has it. */
export { requestNodeEngine } from './engine.ts'
export type { NodeDevice } from './engine.ts'
export { findBrowser, launchBrowser } from './browser.ts'
export type { FoundBrowser, LaunchBrowserOptions } from './browser.ts'
