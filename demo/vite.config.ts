import { defineConfig } from 'vite'

// `vite demo` serves this folder; tsconfig.json's paths let it import webkan by name, from the sources.
export default defineConfig({
  // The page runs from any folder of any server.
  base: './',
  resolve: { tsconfigPaths: true },
  // shaders/ and src/ lie above the root.
  server: { fs: { allow: ['..'] } },
  build: { target: 'es2022', emptyOutDir: true },
  worker: { format: 'es' },
})
