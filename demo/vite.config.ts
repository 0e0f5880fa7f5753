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

/** With these a page may share memory among workers, and the CPU engine steps; a host that sends none has one thread. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

// `vite demo` serves this folder; tsconfig.json's paths let it import webkan by name, from the sources.
export default defineConfig({
  // The page runs from any folder of any server.
  base: './',
  resolve: { tsconfigPaths: true },
  plugins: [keepSideEffects],
  // shaders/ and src/ lie above the root.
  server: { fs: { allow: ['..'] }, headers },
  preview: { headers },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    // The library, its shaders and the charts are files of their own, fetched side by side and kept when the page changes. What
    // uPlot needs before it loads is in its file.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'charts', test: /node_modules[\\/]uplot|demo[\\/]locale/, priority: 2 },
            { name: 'webgpu', test: /[\\/](shaders|src[\\/]engine[\\/]webgpu)[\\/]/, priority: 2 },
            { name: 'webkan', test: /[\\/](src|node_modules)[\\/]/, priority: 1 },
          ],
        },
      },
    },
  },
  worker: { format: 'es', plugins: () => [keepSideEffects] },
})
