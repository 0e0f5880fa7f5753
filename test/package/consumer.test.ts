import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build, preview } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countBeats } from '../../src/engine/cpu/crew/board.ts'
import { launchBrowser } from '../../src/node/browser.ts'
import { flatRows, flatten, planFor } from '../engine/flat.ts'
import { caseInputs, caseLoss, caseModel, NETWORKS } from '../engine/samples.ts'

/** What a user gets: the packed tarball in an empty folder, without this repository's configuration or sources. */
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'webkan-consumer-'))

const run = async (cwd: string, command: string, ...args: string[]): Promise<string> =>
  // On Windows npm is a .cmd file, which only a shell starts.
  (await promisify(execFile)(command, args, { cwd, shell: process.platform === 'win32' })).stdout

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)

/**
 * Trains on y = x1 + x2, 64 points. The mean of y is 0 and its variance 2 * 0.35, so a network that has learned nothing has an
 * RMSE near 0.84; a linear function lies in the span of the splines, and 50 steps must at least halve that.
 */
const train = (device: string): string => `
  import { KAN, requestEngine } from 'webkan'

  const axis = Array.from({ length: 8 }, (_, i) => -1 + (2 * i) / 7)
  const x = axis.flatMap(a => axis.map(b => [a, b]))
  const y = x.map(([a, b]) => [a + b])
  const engine = await requestEngine({ device: '${device}' })
  const kan = new KAN({ width: [2, 3, 1], seed: 0 })
  await kan.fit({ x, y }, { engine, steps: 50 })
  const predicted = await kan.predict(x)
  await engine.destroy()
  const rmse = Math.sqrt(y.reduce((sum, [value], i) => sum + (predicted[i] - value) ** 2, 0) / y.length)
`

/** Code that trains an engine for `steps` steps, and on until it is enough: how many it took, and the parameters. */
const bitsAfter = `
  const bitsAfter = async (table, engine, steps, enough) => {
    const { plan, learningRate, training, ...model } = JSON.parse(table, (_, value) =>
      Array.isArray(value) && typeof value[0] === 'number' ? Float64Array.from(value) : value)
    const session = await engine.open(plan)
    await session.upload({ ...model, training, learningRate })
    let done = 0
    do await session.run(1)
    while (++done < steps || !enough())
    const { parameters } = await session.read()
    await engine.destroy()
    // Text gives every float64 back, and tells 0 from nothing else.
    return [done, parameters.join()]
  }`

/**
 * Trains on as many threads as there are cores, and then alone, the same steps. Threads are counted where they start, and seen to
 * compute by the beats on the board in the memory that they share; one is waited for, by steps. With `broken` none can start.
 */
const shareSteps = (broken: boolean): string => `
  import { readFileSync } from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  import workerThreads from 'node:worker_threads'

  const boards = []
  workerThreads.Worker = class extends workerThreads.Worker {
    constructor(url, options) {
      super(${broken} ? new URL('data:text/javascript,throw new Error("no thread")') : url, options)
      boards.push(options.workerData.lane.board)
    }
  }
  syncBuiltinESMExports()
  const { createCpuEngine } = await import('webkan')
  const { requestNodeEngine } = await import('webkan/node')
  ${bitsAfter}
  const beats = () => boards.length > 0 ? boards[0].control[${beatsPlace()}] : 0

  const table = readFileSync('shared.json', 'utf8')
  const all = await requestNodeEngine({ device: 'cpu' })
  const shared = await bitsAfter(table, all, 20, () => ${broken} || beats() > 0)
  const started = boards.length
  const own = await requestNodeEngine({ device: 'cpu', threads: 1 })
  await bitsAfter(table, own, 1, () => true)
  const devices = [all, own].map(({ description }) => description.device)
  const alone = await bitsAfter(table, createCpuEngine(), shared[0], () => true)
  console.log(JSON.stringify({ same: shared[1] === alone[1], started, beaten: beats() > 0, more: boards.length - started, devices }))
`

/** The same in a page: the engine in a worker, which starts more of itself. What it starts it counts in a module that runs first. */
const countWorkers = `
  const { postMessage } = Worker.prototype
  const channel = new BroadcastChannel('beats')
  Worker.prototype.postMessage = function (lane, options) {
    postMessage.call(this, lane, options)
    if (lane.board) setInterval(() => channel.postMessage(lane.board.control[${beatsPlace()}]), 20)
  }
`
const shareStepsInPage = `
  import { connectEngine, createCpuEngine, workerPort } from 'webkan'

  ${bitsAfter}
  let beats = 0
  new BroadcastChannel('beats').onmessage = ({ data }) => { beats = data }
  const table = await (await fetch('/shared.json')).text()
  const worker = new Worker(new URL('./shared-worker.js', import.meta.url), { type: 'module' })
  const shared = await bitsAfter(table, await connectEngine(workerPort(worker)), 20, () => !crossOriginIsolated || beats > 0)
  const alone = await bitsAfter(table, createCpuEngine(), shared[0], () => true)
  document.title = JSON.stringify({ isolated: crossOriginIsolated, same: shared[1] === alone[1], beaten: beats > 0 })
`

/** Where a board's control counts beats. */
function beatsPlace(): number {
  return Array.from({ length: 16 }, (_, place) => place).findIndex(place => {
    const control = new Int32Array(16)
    control[place] = 1
    return countBeats({ control, share: new Float64Array(1) }) === 1
  })
}

/** 1100 rows are 4 slices, wide enough to be worth sharing. */
function sharedStep(): string {
  const network = { ...NETWORKS[0]!, width: [20, 24, 2], degree: 3, rows: 1100, seed: 77 }
  const { layout, parameters, knots, mask } = flatten(caseModel(network))
  const { x, y, weights } = flatRows(caseInputs(network), caseLoss(network, 'mse', true))
  return JSON.stringify({
    plan: planFor(layout, network.rows),
    parameters: [...parameters],
    knots: [...knots],
    mask: [...mask],
    learningRate: [0.01],
    training: { x: [...x], y: [...y], weights: [...weights] },
  })
}

/** Every entry point, each used in a way that fails where its types have become `any`. */
const typedUse = `
  import { KAN, type Engine } from 'webkan'
  import { toyFunctions } from 'webkan/data'
  import { parse, toText } from 'webkan/formula'
  import { requestNodeEngine, type NodeDevice } from 'webkan/node'
  import 'webkan/worker'

  export const kan: KAN = new KAN({ width: [2, 1] })
  const device: NodeDevice = 'cpu'
  export const engine: Promise<Engine> = requestNodeEngine({ device })
  // @ts-expect-error
  export const notAName: number = toyFunctions[0]?.name
  // @ts-expect-error
  export const notANumber: number = toText(parse('2 x1'))
  // @ts-expect-error
  void requestNodeEngine({ device: 'gpu' })
  // @ts-expect-error
  void new KAN({ width: [2, 1], gird: 5 })
`

const inFolder = { root: folder, configFile: false, logLevel: 'error' } as const

/** Serves the page that was built, and waits for the title that it gives itself. */
async function titleOfPage(headers: Record<string, string> = {}): Promise<string> {
  const server = await preview({ ...inFolder, preview: { port: 0, headers } })
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    const failure = new Promise<never>((_, reject) => page.once('pageerror', reject))
    await page.goto(server.resolvedUrls?.local[0] ?? '')
    await Promise.race([page.waitForFunction(() => document.title !== '', { timeout: 60_000 }), failure])
    return await page.title()
  } finally {
    await browser.close()
    await server.close()
  }
}

const tarballName = (): string => readdirSync(folder).find(name => name.endsWith('.tgz')) ?? ''

beforeAll(async () => {
  await run(root, 'npm', 'pack', '--pack-destination', folder)
  write('package.json', '{ "private": true, "type": "module" }')
  await run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarballName()}`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the packed package', () => {
  it('holds what it exports, and no sources, tests or tools', () => {
    const installed = readdirSync(join(folder, 'node_modules/webkan')).toSorted()
    expect(installed).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'])
  })

  it.each([
    ['publint', '--strict'],
    ['attw', '--profile', 'esm-only'],
  ])('is clean by %s', async (tool, ...options) => {
    // Both exit with an error when they find a problem, and then `run` rejects.
    const output = await run(root, 'npx', '--no-install', tool, join(folder, tarballName()), ...options)
    expect(output).toContain('webkan')
  })

  it('trains in plain Node, which it brings neither a browser nor a GPU binding', async () => {
    write('train.js', `${train('cpu')}; console.log(JSON.stringify(rmse))`)
    expect(JSON.parse(await run(folder, process.execPath, 'train.js'))).toBeLessThan(0.42)
    expect(readdirSync(join(folder, 'node_modules'))).not.toContain('puppeteer')
    expect(readdirSync(join(folder, 'node_modules'))).not.toContain('webgpu')
  })

  it.skipIf(availableParallelism() < 2).each([false, true])(
    'shares long steps among threads in plain Node, to the same bits as one; with threads that cannot start: %s',
    async broken => {
      write('shared.json', sharedStep())
      write('shared.js', shareSteps(broken))
      expect(JSON.parse(await run(folder, process.execPath, 'shared.js'))).toEqual({
        same: true,
        // As many as there are slices, this thread among them.
        started: Math.min(4, availableParallelism()) - 1,
        beaten: !broken,
        // None of the engine of one thread, none of createCpuEngine's.
        more: 0,
        devices: [`CPU, float64, up to ${availableParallelism()} threads`, 'CPU, float64'],
      })
    },
  )

  it('puts the command on the path', async () => {
    expect(await run(folder, 'npx', '--no-install', 'webkan', '--version')).toMatch(/^\d+\.\d+\.\d+\s*$/u)
  })

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('has types for module %s, moduleResolution %s, without Puppeteer', (module, moduleResolution) => {
    write('types.ts', typedUse)
    const compilerOptions = {
      strict: true,
      noEmit: true,
      // So that a declaration which needs a package that is not there is an error.
      skipLibCheck: false,
      types: [],
      target: 'es2022',
      module,
      moduleResolution,
    }
    write('tsconfig.json', JSON.stringify({ compilerOptions, files: ['types.ts'] }))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
  })

  it('trains on WebGPU in a page built by Vite without plugins, under a strict content security policy', async () => {
    write('main.js', `${train('webgpu')}; document.title = String(rmse)`)
    write(
      'index.html',
      `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'self'" />
      <script type="module" src="/main.js"></script>`,
    )
    await build({ ...inFolder, build: { target: 'es2022' } })
    expect(Number(await titleOfPage())).toBeLessThan(0.42)
  })

  it.skipIf(availableParallelism() < 2)(
    'shares long steps in a page among workers, where it is isolated, to the same bits as one',
    async () => {
      mkdirSync(join(folder, 'public'), { recursive: true })
      write('public/shared.json', sharedStep())
      write('count.js', countWorkers)
      write('shared-worker.js', `import './count.js'; import 'webkan/worker'`)
      write('main.js', shareStepsInPage)
      write('index.html', '<!doctype html><script type="module" src="/main.js"></script>')
      await build({ ...inFolder, build: { target: 'es2022' }, worker: { format: 'es' } })
      const headers = {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }
      expect(JSON.parse(await titleOfPage(headers))).toEqual({ isolated: true, same: true, beaten: true })
      expect(JSON.parse(await titleOfPage())).toEqual({ isolated: false, same: true, beaten: false })
    },
  )
})
