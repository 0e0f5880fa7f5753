import { defineConfig, type Plugin } from 'vite'
import manifest from './package.json' with { type: 'json' }

const { dependencies, peerDependencies } = manifest
const external = Object.keys({ ...dependencies, ...peerDependencies })

// The library. WGSL comes in as strings (?raw), so a consumer needs no loader; everything from npm stays an import.
export default defineConfig({
  plugins: [workerBesideItsCaller()],
  build: {
    target: 'es2022',
    minify: false,
    sourcemap: true,
    lib: {
      formats: ['es'],
      entry: {
        index: 'src/index.ts',
        data: 'src/data/index.ts',
        formula: 'src/formula/index.ts',
        node: 'src/node/index.ts',
        worker: 'src/engine/remote/worker.ts',
        page: 'src/node/page.ts',
        cli: 'src/cli/main.ts',
      },
    },
    rolldownOptions: {
      external: [/^node:/, ...external.map(name => new RegExp(`^${name}(/|$)`))],
      // One flat folder, so that every chunk has worker.js beside itself.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
})

/**
 * Turns `new URL('.../worker.ts', import.meta.url)` into `new URL("./worker.js", import.meta.url)`, which bundlers, browsers
 * and Node understand. Vite itself would write a second worker and the absolute path "/assets/worker-<hash>.js", which
 * no consumer serves.
 */
function workerBesideItsCaller(): Plugin {
  const placeholder = '__webkan_worker__'
  const source = /(new URL\()'[./\w]*\/worker\.ts'/g
  // map: null says that the lines stay what they were.
  return {
    name: 'worker-beside-its-caller',
    enforce: 'pre',
    transform: code =>
      code.search(source) >= 0 ? { code: code.replaceAll(source, `$1${placeholder}`), map: null } : null,
    renderChunk: code =>
      code.includes(placeholder) ? { code: code.replaceAll(placeholder, '"./worker.js"'), map: null } : null,
  }
}
