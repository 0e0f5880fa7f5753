/** Dawn in Node for the benchmark; where Vulkan is missing, SwiftShader out of the npm package of Chromium. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { unpackChromiumPackage } from '../src/node/chromium-package.ts'
import { createGpu } from '../src/node/dawn.ts'
import { mayHaveVulkan } from '../src/node/vulkan.ts'

/** Timestamps are rounded to 100 us for the sake of pages that must not spy on each other; here they need not be. */
const FLAGS = ['disable-dawn-features=timestamp_quantization']

/** Dawn stops working when its GPU object is collected. */
const kept: GPU[] = []

/** Dawn's GPU object, or why there is none. */
export async function openDawn(): Promise<{ readonly gpu: GPU } | { readonly refused: string }> {
  const created = await createGpu(FLAGS)
  if ('gpu' in created) kept.push(created.gpu)
  return created
}

/** Lets Node end: call after all devices were destroyed. */
export function closeDawn(): void {
  kept.length = 0
}

/** Set in the environment of a run that was started again, so that it is not started a third time. */
const MARK = 'WEBKAN_BENCH_VULKAN'

/**
 * Where this machine has no Vulkan but Chromium's package brings one: runs this program again with its folder on the loader's path
 * (ld.so reads that at a program's start only), and ends as that run ends. Returns false where there is nothing to gain.
 */
export async function restartWithSoftwareVulkan(): Promise<boolean> {
  if (process.env[MARK] !== undefined || mayHaveVulkan()) return false
  const browser = await unpackChromiumPackage()
  if (!browser) return false
  const folder = dirname(browser.executablePath)
  const path = [folder, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':')
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: {
      ...process.env,
      [MARK]: '1',
      LD_LIBRARY_PATH: path,
      VK_DRIVER_FILES: process.env['VK_DRIVER_FILES'] ?? join(folder, 'vk_swiftshader_icd.json'),
      // The name of the same variable that older loaders know.
      VK_ICD_FILENAMES: process.env['VK_ICD_FILENAMES'] ?? join(folder, 'vk_swiftshader_icd.json'),
    },
  })
  // A terminal ends both; whoever ends this one alone means the other.
  process.once('SIGTERM', () => child.kill())
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', code => resolve(code ?? 1))
  })
  return true
}
