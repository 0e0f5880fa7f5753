/** What only Node can do: WebGPU without a page. (Nothing of Puppeteer's types here: it is optional.) */
export { requestNodeEngine } from './engine.ts'
export type { NodeDevice, NodeEngineRequest } from './engine.ts'
