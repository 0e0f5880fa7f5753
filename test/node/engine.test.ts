import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { ConfigError } from '../../src/errors.ts'
import { hostedEngine, refusal } from '../../src/node/attempt.ts'
import { requestNodeEngine } from '../../src/node/engine.ts'
import { mayHaveGpu } from '../../src/node/gpu-device-files.ts'
import { installedVersion, ownVersion } from '../../src/node/packages.ts'

describe('requestNodeEngine', () => {
  it('gives the CPU when it is asked for, and says so', async () => {
    await using engine = await requestNodeEngine({ device: 'cpu' })
    expect(engine.description).toMatchObject({ kind: 'cpu', reason: 'The CPU was asked for.' })
  })

  // As a JavaScript program may call it.
  const request = (options: unknown): Promise<unknown> =>
    requestNodeEngine(options as Parameters<typeof requestNodeEngine>[0])

  it.each([
    [{ device: 'gpu' }, "device is 'gpu'; choose 'auto', 'webgpu' or 'cpu'."],
    [{ device: null }, "device is 'null'; choose 'auto', 'webgpu' or 'cpu'."],
    [
      { devcie: 'cpu' },
      "requestNodeEngine has no option 'devcie'. Did you mean 'device'? There are device, threads.",
    ],
    [
      'cpu',
      "The options of requestNodeEngine are cpu; give an object, as in requestNodeEngine({ device: 'webgpu' }).",
    ],
    [null, 'The options of requestNodeEngine are null; give an object'],
    [{ device: 'cpu', threads: 0 }, 'threads is 0; it must be a whole number from 1'],
    [{ threads: 1.5 }, 'threads is 1.5;'],
    [{ threads: '2' }, "threads is '2';"],
    [{ threads: 1025 }, 'to 1024. Leave it out for one a core.'],
    [{ device: 'webgpu', threads: 2 }, "threads are the CPU engine's; leave one of them out"],
  ])('refuses %j, and says what there is', async (options, message) => {
    const refused = request(options)
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(message)
  })
})

describe('mayHaveGpu', () => {
  let devices = ''
  beforeEach(() => {
    devices = mkdtempSync(join(tmpdir(), 'webkan-dev-'))
  })
  afterEach(() => rmSync(devices, { recursive: true }))

  it('is false on a Linux without device files', () => {
    mkdirSync(join(devices, 'dri'))
    // A display without a GPU has a card, but no render node; nvidiactl is there whenever the driver is.
    for (const name of ['dri/card0', 'nvidiactl', 'null']) writeFileSync(join(devices, name), '')
    expect(mayHaveGpu('linux', devices)).toBe(false)
    expect(mayHaveGpu('linux', join(devices, 'none'))).toBe(false)
  })

  it.each(['dri/renderD128', 'nvidia0', 'dxg'])('is true with /dev/%s', name => {
    mkdirSync(join(devices, 'dri'))
    writeFileSync(join(devices, name), '')
    expect(mayHaveGpu('linux', devices)).toBe(true)
  })

  it('cannot tell on other systems', () => {
    expect(mayHaveGpu('darwin', devices)).toBe(true)
    expect(mayHaveGpu('win32', devices)).toBe(true)
  })
})

describe('hostedEngine', () => {
  it('releases its host once, after the engine, and keeps the reason', async () => {
    const inner = createCpuEngine()
    const order: string[] = []
    const destroy = inner.destroy.bind(inner)
    inner.destroy = async () => {
      await destroy()
      order.push('engine')
    }
    const engine = hostedEngine(inner, 'A test.', () => void order.push('host'))
    expect(engine.description.reason).toBe('A test.')
    await Promise.all([engine.destroy(), engine.destroy()])
    expect(order).toEqual(['engine', 'host'])
  })

  it('releases its host even when the engine fails to end', async () => {
    const inner = createCpuEngine()
    inner.destroy = () => Promise.reject(new Error('stuck'))
    let released = false
    const engine = hostedEngine(inner, '', () => void (released = true))
    await expect(engine.destroy()).rejects.toThrow('stuck')
    expect(released).toBe(true)
  })
})

describe('refusal', () => {
  it('names the software adapter, or says that there is none', () => {
    expect(refusal(undefined)).toBe('no adapter')
    expect(refusal({ name: 'SwiftShader', software: true })).toBe('only a software adapter, SwiftShader')
  })
})

describe('versions', () => {
  it('finds its own and those of installed packages', () => {
    expect(ownVersion()).toMatch(/^\d+\.\d+\.\d+/)
    expect(installedVersion('puppeteer')).toMatch(/^\d+\.\d+\.\d+/)
    expect(installedVersion('no-such-package-at-all')).toBeUndefined()
  })
})
