/** The bundle's program: bench.ts, which here refuses software adapters unless it is told `--software`. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describeDawn } from '../../src/node/dawn.ts'
import { mayHaveVulkan } from '../../src/node/vulkan.ts'

const TOLD = '--software'

/** Vulkan's loader, for machines that have a driver without one. */
const loader = join(import.meta.dirname, 'lib')

/** This program again, with our loader on the path that ld.so reads at a program's start. Ends as that run ends. */
async function restartWithLoader(): Promise<void> {
  const path = [process.env['LD_LIBRARY_PATH'], loader].filter(Boolean).join(':')
  const child = spawn(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, LD_LIBRARY_PATH: path },
  })
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
  })
}

/** Why the GPU here will not do, or undefined. */
async function refusal(software: boolean): Promise<string | undefined> {
  const adapter = await describeDawn()
  if (typeof adapter === 'string')
    return `There is no GPU: ${adapter}. A Vulkan driver is needed; --device cpu measures the CPU alone.`
  if (adapter.software && !software)
    return `${adapter.name} is no GPU: the CPU emulates it. ${TOLD} measures it all the same, --device cpu the CPU alone.`
  return undefined
}

async function start(): Promise<void> {
  const told = process.argv.includes(TOLD)
  const own = process.argv.filter(argument => argument !== TOLD)
  const lookedFor = !own.some(argument => ['cpu', '--device=cpu', '--help', '-h'].includes(argument))
  const refused = lookedFor ? await refusal(told) : undefined
  if (refused !== undefined) {
    process.stderr.write(`${refused}\n`)
    process.exitCode = 1
    return
  }
  process.argv = told ? own : [...own, '--no-software']
  await import('../bench.ts')
}

// Not awaited: the chunk of bench.ts imports from this one, which must be evaluated by then.
void (mayHaveVulkan() || !existsSync(loader) ? start() : restartWithLoader())
