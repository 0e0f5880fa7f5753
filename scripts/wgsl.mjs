/**
 * `tsx --import ./scripts/wgsl.mjs`: shaders come in as strings where Vite does not run (`import code from './x.wgsl?raw'`).
 * JavaScript, as worker threads load it again, before anything that understands TypeScript.
 */
import { register } from 'node:module'

const hooks = `
import { readFile } from 'node:fs/promises'
export async function resolve(specifier, context, next) {
  if (!specifier.endsWith('?raw')) return next(specifier, context)
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
}
export async function load(url, context, next) {
  if (!url.endsWith('?raw')) return next(url, context)
  const text = await readFile(new URL(url), 'utf8')
  return { format: 'module', shortCircuit: true, source: 'export default ' + JSON.stringify(text) }
}
`

register(`data:text/javascript,${encodeURIComponent(hooks)}`)
