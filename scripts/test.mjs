/**
 * npm test: set-up, every test once, and as the last line `N passed, N failed`. Arguments go on to Vitest
 * (`npm test -- test/spline`). What did not run counts as failed: skipped tests, files that do not load, no test at all.
 */
import { setup } from './setup.mjs'

setup()
const { parseCLI, startVitest } = await import('vitest/node')

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const vitest = await startVitest('test', filter, { ...options, watch: false })
const { passed, failed } = countTests(vitest, options.testNamePattern === undefined)
await vitest.close()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)

function countTests(vitest, mustRunAll) {
  const modules = vitest.state.getTestModules()
  const states = modules.flatMap(module => [...module.children.allTests()].map(test => test.result().state))
  const inState = state => states.filter(other => other === state).length
  const passed = inState('passed')
  // A file or hook that fails has no test to show it, and an error outside every test has no file either.
  const broken = modules.filter(
    module => !module.ok() && [...module.children.allTests('failed')].length === 0,
  )
  const failed =
    (mustRunAll ? states.length - passed : inState('failed')) +
    broken.length +
    vitest.state.getUnhandledErrors().length
  return { passed, failed: Math.max(failed, process.exitCode ? 1 : 0) }
}
