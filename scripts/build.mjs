/**
 * Builds dist/: the modules with Vite, the declarations with tsc. `--if-changed` does nothing when the sources are those
 * of the last build. Run by itself it sets up first.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setup } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const sources = ['src', 'shaders', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json']
  .concat('tsconfig.build.json', 'scripts/build.mjs')
  .map(name => join(root, name))
const record = join(root, 'node_modules/.cache/webkan-build')

/** Builds; ends the process with 1, after the tool's own message, when a tool fails. */
export function build({ ifChanged = false } = {}) {
  const hash = hashOf(sources)
  if (ifChanged && existsSync(join(root, 'dist/cli.js')) && readRecord() === hash) return
  // A build that fails must not leave the last one behind as if it were new.
  rmSync(record, { force: true })
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  run('vite/bin/vite.js', 'build', '--logLevel', 'warn')
  run('typescript/bin/tsc', '-p', 'tsconfig.build.json')
  declareJavaScript(join(root, 'dist/types'))
  chmodSync(join(root, 'dist/cli.js'), 0o755)
  mkdirSync(dirname(record), { recursive: true })
  writeFileSync(record, hash)
}

function run(tool, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', tool), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(1)
}

/** tsc leaves './x.ts' in declarations, a file that the package does not hold: say './x.js', whose types x.d.ts are. */
function declareJavaScript(folder) {
  for (const file of filesIn(folder)) {
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replaceAll(/((?:from |import\()['"]\.[^'"]*)\.ts(?=['"])/g, '$1.js'))
  }
}

function hashOf(paths) {
  const hash = createHash('sha256')
  for (const file of paths.flatMap(filesIn))
    hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function filesIn(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .toSorted()
    .flatMap(name => filesIn(join(path, name)))
}

function readRecord() {
  return existsSync(record) ? readFileSync(record, 'utf8') : undefined
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  setup({ quiet: true })
  build({ ifChanged: process.argv.includes('--if-changed') })
}
