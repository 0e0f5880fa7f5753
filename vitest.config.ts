import { defineConfig } from 'vitest/config'
import { puppeteer } from './test/browser/provider.ts'

const elsewhere = ['test/gpu/**', 'test/page/**', 'test/package/**']

// The groups run one after the other: a GPU in software needs every core, and the others would time out beside it.
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: elsewhere,
          // Trainings take a second or two, and many times that on a busy machine.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Packages that Vite finds only during the run make it reload the page under the tests.
        optimizeDeps: { include: ['@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'papaparse'] },
        test: {
          name: 'browser',
          include: ['test/gpu/**/*.test.ts'],
          // A shader's first compilation takes hundreds of milliseconds on SwiftShader.
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
          browser: {
            enabled: true,
            headless: true,
            provider: puppeteer(),
            instances: [{ browser: 'chrome' }],
            screenshotFailures: false,
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'page',
          include: ['test/page/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
