import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { hostedEngine, refusal } from '../../src/node/attempt.ts'
import { requestNodeEngine } from '../../src/node/engine.ts'
import { mayHaveGpu } from '../../src/node/gpu-device-files.ts'
import { installedVersion, ownVersion } from '../../src/node/packages.ts'

describe('requestNodeEngine', () => {
  it('gives the CPU when it is asked for, and says so', async () => {
    await using engine = await requestNodeEngine({ device: 'cpu' })
    expect(engine.description).toMatchObject({ kind: 'cpu', reason: 'The CPU was asked for.' })
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
