import { defineConfig } from 'vite'
import type { Plugin } from 'vite'

/** package.json names the modules of dist/ that have side effects; the sources' worker and this page are none of those, but have. */
const keepSideEffects: Plugin = {
  name: 'keep-side-effects',
  transform: {
    filter: { id: /(remote\/worker|demo\/\w+)\.ts$/ },
    handler: () => ({ moduleSideEffects: true }),
  },
}

// `vite demo` serves this folder; tsconfig.json's paths let it import webkan by name, from the sources.
export default defineConfig({
  // The page runs from any folder of any server.
  base: './',
  resolve: { tsconfigPaths: true },
  plugins: [keepSideEffects],
  // shaders/ and src/ lie above the root.
  server: { fs: { allow: ['..'] } },
  build: { target: 'es2022', emptyOutDir: true },
  worker: { format: 'es', plugins: () => [keepSideEffects] },
})
