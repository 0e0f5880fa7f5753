import { EventEmitter } from 'node:events'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { interruptsOf } from '../../src/cli/interrupt.ts'
import { percent, watchSearch } from '../../src/cli/searchprogress.ts'
import type { Shell } from '../../src/cli/shell.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { StoppedError } from '../../src/errors.ts'
import { SearchRun } from '../../src/train/run.ts'
import { fakeTerminal, scratchFolder, shippedTable, smallTable, webkan } from './command.ts'

const files = scratchFolder()

/** Presses Ctrl-C as soon as the command listens. */
const atOnce: Shell['onInterrupt'] = listener => {
  listener()
  return () => {}
}

/** The engine, with a session that never opens. */
function stuck(engine: Engine, step: Promise<never>): Engine {
  return {
    description: engine.description,
    open: () => step,
    memory: () => engine.memory(),
    destroy: () => engine.destroy(),
    [Symbol.asyncDispose]: () => engine.destroy(),
  }
}

/** A shell whose user presses Ctrl-C when `interrupt` is called. */
function watchedShell(isTTY: boolean): { shell: Shell; interrupt: () => void; written: () => string } {
  const { output, written } = fakeTerminal(isTTY)
  let press = (): void => {}
  const shell: Shell = {
    stdout: output,
    stderr: output,
    env: { NO_COLOR: '1' },
    onInterrupt(listener) {
      press = listener
      return () => {}
    },
    requestEngine: () => Promise.resolve(createCpuEngine()),
  }
  return { shell, interrupt: () => press(), written }
}

/** A search that publishes what it is given and ends with 'found' when `end` is called. */
function fakeSearch(): {
  start: () => SearchRun<string, { seconds: number }>
  publish: (seconds: number) => void
  end: () => void
} {
  let publish: (progress: { seconds: number }) => void = () => {}
  let end: (report: string) => void = () => {}
  const ended = new Promise<string>(resolve => (end = resolve))
  return {
    start: () =>
      new SearchRun(control => {
        publish = progress => control.publish(progress)
        return ended
      }),
    publish: seconds => publish({ seconds }),
    end: () => end('found'),
  }
}

describe('Ctrl-C', () => {
  it('is heard once where a launcher passes it on, and leaves at once the second time', () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const source = new EventEmitter()
      const [heard, left] = [vi.fn<() => void>(), vi.fn<() => void>()]
      const forget = interruptsOf(source, left)(heard)
      source.emit('SIGINT')
      vi.advanceTimersByTime(100)
      source.emit('SIGINT')
      expect([heard, left].map(own => own.mock.calls.length)).toEqual([1, 0])
      vi.advanceTimersByTime(400)
      source.emit('SIGINT')
      expect([heard, left].map(own => own.mock.calls.length)).toEqual([1, 1])
      forget()
      expect(source.listenerCount('SIGINT')).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('gives a search that has nothing a second to end, and one that has something its time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const watch = (hasFound: boolean) => {
        const { shell, interrupt, written } = watchedShell(false)
        const { start, publish, end } = fakeSearch()
        const watched = watchSearch({ start, budget: 60, text: () => '', hasFound: () => hasFound }, shell)
        return { watched, publish, end, interrupt, written }
      }
      const empty = watch(false)
      const refused = empty.watched.catch((error: unknown) => error)
      await vi.advanceTimersByTimeAsync(10) // to have an engine
      empty.publish(1)
      await vi.advanceTimersByTimeAsync(10)
      empty.interrupt()
      expect(empty.written()).toContain('stopping with what there is; Ctrl-C again to leave at once')
      await vi.advanceTimersByTimeAsync(1000)
      expect(await refused).toBeInstanceOf(StoppedError)
      const good = watch(true)
      await vi.advanceTimersByTimeAsync(10)
      good.publish(1)
      await vi.advanceTimersByTimeAsync(10)
      good.interrupt()
      await vi.advanceTimersByTimeAsync(5000)
      good.end()
      expect(await good.watched).toBe('found')
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not wait for an engine, and destroys one that comes too late', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const unhandled = vi.fn<() => void>()
    process.on('unhandledRejection', unhandled)
    try {
      const { shell, interrupt } = watchedShell(false)
      const engine = createCpuEngine()
      const destroy = vi.spyOn(engine, 'destroy')
      let come: (engine: Engine) => void = () => {}
      const slow = { ...shell, requestEngine: () => new Promise<Engine>(resolve => (come = resolve)) }
      const { start } = fakeSearch()
      const watched = watchSearch({ start, budget: 60, text: () => '', hasFound: () => false }, slow)
      const refused = watched.catch((error: unknown) => error)
      interrupt()
      await vi.advanceTimersByTimeAsync(1000)
      expect(await refused).toBeInstanceOf(StoppedError)
      come(engine)
      await vi.advanceTimersByTimeAsync(2000)
      expect(destroy).toHaveBeenCalledOnce()
      expect(unhandled).not.toHaveBeenCalled()
    } finally {
      process.off('unhandledRejection', unhandled)
      vi.useRealTimers()
    }
  })
})

describe('webkan discover and webkan symbolify, interrupted', () => {
  const [table, wide, small] = ['table.csv', 'wide.safetensors', 'small.safetensors'].map(files.path)
  beforeAll(async () => {
    files.write('table.csv', smallTable(80))
    const fit = ['fit', table!, '--target', 'y', '--steps', '5', '--seed', '1']
    await webkan([...fit, '--hidden', '8', '--out', wide!])
    await webkan([...fit, '--hidden', 'none', '--out', small!])
  })

  it.each([
    // In the middle of a step that takes longer than anyone waits.
    ['discover', () => ['discover', table!, '--target', 'y'], new Promise<never>(() => {})],
    ['symbolify', () => ['symbolify', wide!, '--data', table!], undefined],
  ])('%s says in one line that there is no formula yet', async (_, args, step) => {
    const engine = createCpuEngine()
    const { code, stdout, stderr } = await webkan(args(), {
      onInterrupt: atOnce,
      requestEngine: () => Promise.resolve(step ? stuck(engine, step) : engine),
    })
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^note: stopping with what there is/)
    expect(lines[1]).toMatch(
      /^webkan: The search was stopped after [\d.]+ s, before it had a formula.*longer/,
    )
    expect(lines).toHaveLength(2)
  })

  it('symbolify prints what it has', async () => {
    // However long it takes here, it is not given up.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { code, stdout, stderr } = await webkan(['symbolify', small!, '--data', table!], {
        onInterrupt: atOnce,
      })
      expect(stderr).toMatch(/^note: stopping/)
      expect(code).toBe(130)
      expect(stdout).toMatch(/y = .*\*a/)
      expect(stdout).toContain('; interrupted')
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('the progress of a search', () => {
  it.each([
    [0.5692, '57 %'],
    [0.0034, '0.34 %'],
    [2e-9, '2e-7 %'],
    [0, '0e+0 %'],
    [Infinity, 'none yet'],
  ])('percent(%s) is %s', (share, text) => expect(percent(share)).toBe(text))

  it('says within 80 columns what its figures are, with the stage', async () => {
    const { output, written } = fakeTerminal(true)
    const path = shippedTable('airfoil')
    await webkan(['discover', path, '--target', 'sound_db', '--seconds', '3'], {
      stderr: output,
      env: { NO_COLOR: '1' },
    })
    const drawn = written()
      .split('\u001B')
      .filter(part => part.includes('%'))
    for (const line of drawn) expect(line.replace(/^\[\??\d*[A-Za-z]/, '').length).toBeLessThanOrEqual(80)
    expect(written()).toMatch(
      /(fit|sparsify|prune|refine|symbolify|snap) +RMSE: formula .*, network .* % of deviation/,
    )
  })
})
