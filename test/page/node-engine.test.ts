/** The engine of a Node program in headless Chrome, on whatever adapter Chrome has. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'puppeteer'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { DeviceLostError, OutOfMemoryError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import { describeChrome, tryChrome } from '../../src/node/chrome.ts'
import { Random } from '../../src/random.ts'

let scripts = ''

beforeAll(async () => {
  scripts = await mkdtemp(join(tmpdir(), 'webkan-page-'))
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      outDir: scripts,
      emptyOutDir: false,
      lib: {
        formats: ['es'],
        entry: { page: fileURLToPath(new URL('../../src/node/page.ts', import.meta.url)) },
      },
    },
  })
})

afterAll(() => rm(scripts, { recursive: true, force: true }))

async function chromeEngine(): Promise<Engine> {
  const attempt = await tryChrome('allow', scripts)
  if ('refused' in attempt) throw new Error(attempt.refused)
  return attempt.engine
}

/** As chromeEngine, and the browser that it lives in. */
async function watchedChromeEngine(): Promise<{ engine: Engine; browser: Browser }> {
  let browser: Browser | undefined
  const { default: puppeteer } = await import('puppeteer')
  const launch = puppeteer.launch.bind(puppeteer)
  using _ = vi
    .spyOn(puppeteer, 'launch')
    .mockImplementation(async options => (browser = await launch(options)))
  const engine = await chromeEngine()
  if (!browser) throw new Error('The engine came from no browser that Puppeteer launched.')
  return { engine, browser }
}

/** Kills Chrome's GPU process, as a driver's crash would: every GPUDevice is lost. */
async function crashGpu(browser: Browser): Promise<void> {
  const session = await browser.target().createCDPSession()
  await session.send('Browser.crashGpuProcess')
}

const random = new Random(5)
const x = Array.from({ length: 200 }, () => [random.uniform(), random.uniform()])
const y = x.map(([a = 0, b = 0]) => Math.sin(3 * a) + b * b)

describe('the engine in headless Chrome', () => {
  it('trains and predicts as the CPU engine does', async () => {
    await using engine = await chromeEngine()
    expect(engine.description.kind).toBe('webgpu')
    expect(engine.description.reason).toMatch(/through headless Chrome\.$/)
    const onGpu = new KAN({ width: [2, 3, 1], seed: 1 })
    const onCpu = onGpu.copy()
    await onGpu.fit({ x, y }, { engine, optimizer: 'adam', steps: 20 })
    await onCpu.fit({ x, y }, { optimizer: 'adam', steps: 20 })
    const [gpu, cpu] = [await onGpu.predict(x, { engine }), await onCpu.predict(x)]
    // float32 against float64 over 20 steps: Adam moves a weight by at most 20 * 0.01 however small its gradient, so
    // that rounding (2^-24) can grow; 1e-3 of outputs of size 1 is far above it and far below what 20 steps change.
    const worst = Math.max(...gpu.map((value, row) => Math.abs(value - cpu[row]!)))
    expect(worst).toBeLessThan(1e-3)
    expect((await engine.memory()).bytes).toBe(0)
  })

  it('carries messages of many texts, both ways', async () => {
    await using engine = await chromeEngine()
    // 24 MB in, 8 texts of at most 4 MiB; 12 MB out.
    const rows = new Float64Array(3e6).map((_, i) => (i % 1000) / 1000)
    const kan = new KAN({ width: [2, 1], scaling: { input: 'none' } })
    const outputs = await kan.predict(rows, { engine })
    expect(outputs.length).toBe(1.5e6)
    // The 500 different rows come again and again, and float32 outputs are of size 1.
    const expected = await kan.predict(rows.subarray(0, 1000))
    const worst = outputs.reduce((most, value, r) => Math.max(most, Math.abs(value - expected[r % 500]!)), 0)
    expect(worst).toBeLessThan(1e-5)
  })

  it('keeps the class of an error', async () => {
    await using engine = await chromeEngine()
    const layer = { inputs: 60_000, outputs: 60_000, intervals: 5, degree: 3, base: 'silu' } as const
    const opened = engine.open({
      layers: [layer],
      trainable: new KAN({ width: [1, 1] }).config.trainable,
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      loss: 'mse',
      models: 1,
      rows: 0,
      batch: 1,
      validationRows: 0,
      seed: 0,
      evaluateEvery: 1,
      patience: 0,
    })
    await expect(opened).rejects.toThrow(OutOfMemoryError)
  })

  describe.each<[string, (browser: Browser) => Promise<unknown>]>([
    ['Chrome ends', async browser => browser.process()?.kill('SIGKILL')],
    ['the GPU crashes', crashGpu],
  ])('when %s', (_, end) => {
    it('is lost, not stuck, in the middle of a fit', async () => {
      const { engine, browser } = await watchedChromeEngine()
      const run = new KAN({ width: [2, 3, 1] }).fit({ x, y }, { engine, steps: 1_000_000 })
      let ended: Promise<unknown> | undefined
      const watch = async (): Promise<void> => {
        for await (const { step } of run) if (step > 10) ended ??= end(browser)
      }
      await expect(watch()).rejects.toThrow(DeviceLostError)
      await ended
      await expect(new KAN({ width: [2, 1] }).predict(x, { engine })).rejects.toThrow(DeviceLostError)
      await engine.destroy()
    })
  })
})

describe('describeChrome', () => {
  it('names the adapter and its limits', async () => {
    const adapter = await describeChrome(scripts)
    if (typeof adapter === 'string') throw new Error(adapter)
    expect(adapter.name).not.toBe('')
    // The least that WebGPU promises (its specification, section 3.6.2).
    expect(adapter.limits['maxStorageBufferBindingSize']).toBeGreaterThanOrEqual(2 ** 27)
  })

  it('says why not', async () => {
    expect(await describeChrome(join(scripts, 'none'))).toContain('page.js')
  })
})
