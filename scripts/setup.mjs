/**
 * Makes node_modules match package-lock.json, before anything from node_modules can be used: only Node's own modules.
 * Every npm script begins with it; by hand: node scripts/setup.mjs. With --quiet it says only what it did.
 */
import { spawnSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const oldestNode = [20, 19]

/** Installs what is missing; prints one line (`quiet`: only then); ends the process with 1 when that cannot be done. */
export function setup({ quiet = false } = {}) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    fail(`Node ${process.versions.node} is too old; webkan needs ${oldestNode.join('.')} or later.`)
  }
  const difference = firstDifference()
  if (!difference) {
    if (!quiet) console.log('setup: node_modules matches package-lock.json')
    return
  }
  // npm ci empties the folder first, and a link's belongs to another checkout as well.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink())
    fail(`${difference}, and node_modules is a link. Install there, or remove the link and begin again.`)
  const start = Date.now()
  // On Windows npm is a .cmd file, which only a shell starts.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (npm.status !== 0) fail(`npm ci failed: ${npm.error?.message ?? `${npm.stdout}${npm.stderr}`}`)
  const seconds = Math.round((Date.now() - start) / 1000)
  console.log(`setup: ran npm ci in ${seconds} s (${difference})`)
}

/**
 * Compares the lock file with npm's own record of what it installed, node_modules/.package-lock.json: npm writes that
 * record last, so it is absent after an interrupted installation.
 */
function firstDifference() {
  const wanted = packagesIn('package-lock.json')
  const installed = packagesIn('node_modules/.package-lock.json')
  if (!wanted) fail('package-lock.json is missing or not readable.')
  if (!installed) return 'node_modules was missing or incomplete'
  for (const [path, entry] of Object.entries(wanted)) {
    const there = installed[path]
    // Optional packages are those of other platforms; npm leaves them out.
    const same = there
      ? there.version === entry.version && there.integrity === entry.integrity
      : entry.optional
    if (path !== '' && !same) return `${path} did not match package-lock.json`
  }
  const extra = Object.keys(installed).find(path => !(path in wanted))
  return extra && `${extra} was not in package-lock.json`
}

function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return undefined
  }
}

function fail(message) {
  console.error(`setup: ${message}`)
  process.exit(1)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup({ quiet: process.argv.includes('--quiet') })
