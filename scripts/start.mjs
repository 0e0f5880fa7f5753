/** npm start: from a fresh checkout to a trained network and its test error. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { setup } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const command = ['fit', 'examples/data/airfoil.csv', '--target', 'sound_db']

setup()
build({ ifChanged: true })
console.log(`\n$ npx webkan ${command.join(' ')}`)
const { status } = spawnSync(process.execPath, ['dist/cli.js', ...command, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
if (status === 0) {
  console.log(`
What to try next:
  npx webkan fit YOUR.csv --target COLUMN    train on a table of your own
  npx webkan fit examples/data/airfoil.csv --target sound_db --hidden 8,4 --grid 8
  npx webkan info                            which devices this machine has, and which one is used
  npm run demo                               watch a network learn, in the browser`)
}
process.exitCode = status ?? 1
