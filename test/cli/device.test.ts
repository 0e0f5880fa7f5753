import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine, Session } from '../../src/engine/engine.ts'
import { fakeTerminal, webkan } from './command.ts'

/** An engine whose predictions are a thousandth too large. */
function wrongEngine(): Engine {
  const engine = createCpuEngine()
  const open = engine.open.bind(engine)
  engine.open = async plan => {
    const session: Session = await open(plan)
    const predict = session.predict.bind(session)
    session.predict = async x => (await predict(x)).map(value => 1.001 * value)
    return session
  }
  return engine
}

// Every kernel's cases, on two engines in float64: seconds where the machine is busy.
describe('webkan selftest', { timeout: 60_000 }, () => {
  it('shows the worst error of every kernel, and exits 0 when all agree', async () => {
    const requestEngine = (): Promise<Engine> => Promise.resolve(createCpuEngine())
    const { code, stdout } = await webkan(['selftest', '--device', 'webgpu'], { requestEngine })
    expect(code).toBe(0)
    // The CPU engine agrees with itself exactly.
    expect(stdout).toMatch(/kernel +worst error +tolerance +used\n/)
    expect(stdout).toMatch(/^ {2}forward +0\.0e\+0 +\d\.\de-\d+ +0% +ok$/m)
    expect(stdout).toContain('All kernels agree')
  })

  it('says on a terminal what goes on, stage by stage, and takes it away at the end', async () => {
    const { output: stderr, written } = fakeTerminal(true)
    const requestEngine = (): Promise<Engine> => Promise.resolve(createCpuEngine())
    const { code } = await webkan(['selftest', '--device', 'webgpu'], { requestEngine, stderr })
    expect(code).toBe(0)
    expect(written()).toMatch(/\d+ of \d+: (kernels|fused steps), \[\d, \d, \d\], grid \d+, degree \d/)
    // Ends with the cursor shown (?25h), and the line erased (2K).
    expect(written()).toContain('\u001B[?25h')
    expect(written().endsWith('\u001B[2K')).toBe(true)
  })

  it('offers GPUs only', async () => {
    const { code, stderr } = await webkan(['selftest', '--device', 'cpu'])
    expect(code).toBe(2)
    expect(stderr).toContain('Allowed choices are auto, webgpu.')
  })

  it('exits 1 and names the kernel when one disagrees', async () => {
    const requestEngine = (): Promise<Engine> => Promise.resolve(wrongEngine())
    const { code, stdout } = await webkan(['selftest', '--device', 'webgpu'], { requestEngine })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ {2}forward .* FAILED$/m)
    expect(stdout).toMatch(/[1-9]\d* of \d+ kernels disagree/)
  })
})

describe('webkan info', () => {
  it('names versions, adapters and the choice, with and without --json', async () => {
    const { code, stdout } = await webkan(['info', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      versions: { node: process.versions.node },
      auto: { device: 'CPU, float64', reason: 'No GPU in this test.' },
    })
    const text = (await webkan(['info'])).stdout
    for (const name of ['webkan', 'Node', 'Dawn', 'Puppeteer', 'browser', 'Chrome', 'auto'])
      expect(text).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  })
})
