/** What only Node can do: find and start a browser that has WebGPU. */
export { findBrowser, launchBrowser } from './browser.ts'
export type { FoundBrowser, LaunchBrowserOptions } from './browser.ts'
