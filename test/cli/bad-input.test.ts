import { mkdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { KAN } from '../../src/kan.ts'
import { scratchFolder, shippedTable, smallTable, webkan } from './command.ts'
import type { Outcome } from './command.ts'

const files = scratchFolder()
let tables = 0

/** `webkan fit` on a table of that text. */
function fit(text: string, ...args: string[]): Promise<Outcome> {
  return webkan(['fit', files.write(`table${tables++}.csv`, text), '--target', 'y', '--steps', '2', ...args])
}

/** Bad input: exit code 2, nothing on stdout, and one line on stderr that says all of `parts`. */
function expectRefusal({ code, stdout, stderr }: Outcome, ...parts: string[]): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/^webkan: [^\n]+\n$/)
  for (const part of parts) expect(stderr).toContain(part)
}

describe('webkan refuses a table in one line with exit code 2:', () => {
  it('a file that is missing, or a folder', async () => {
    expectRefusal(await webkan(['fit', files.path('none.csv'), '--target', 'y']), 'none.csv', 'no such file')
    expectRefusal(await webkan(['fit', files.path('.'), '--target', 'y']), 'folder')
  })

  it('an empty file, and one with a header only', async () => {
    expectRefusal(await fit(''), 'empty')
    expectRefusal(await fit('a,b,y\n'), 'no data rows')
  })

  it('ragged rows, with the line', async () => {
    expectRefusal(await fit('a,b,y\n1,2,3\n4,5\n6,7,8\n'), 'line 3', '2 cells', 'header has 3')
  })

  it('a missing value, with its place and the remedy', async () => {
    expectRefusal(await fit('a,b,y\n1,2,3\n4,,6\n7,8,9\n'), 'line 3', '"b"', '--missing drop')
  })

  it('an unknown target, with the columns there are', async () => {
    expectRefusal(
      await webkan(['fit', shippedTable('airfoil'), '--target', 'sound_dB']),
      'Did you mean "sound_db"?',
    )
  })

  it('a constant target, and a single row', async () => {
    expectRefusal(await fit('a,b,y\n1,2,5\n3,4,5\n5,7,5\n'), '"y"', '"5" in every row')
    expectRefusal(await fit('a,b,y\n1,2,5\n'), 'only 1 row')
  })

  it.each(['NaN', '1e400', '-inf', 'x7'])(
    'the cell %s in a numeric column, with row and column',
    async cell => {
      const text = smallTable(40).replace(/^(.*\n.*\n)[^,]*/, `$1${cell}`)
      expectRefusal(await fit(text), 'line 3', '"a"', `"${cell}"`)
    },
  )

  it('a table of constant columns', async () => {
    expectRefusal(await fit('a,y\n1,2\n1,3\n1,4\n'), 'no usable input')
  })
})

describe('webkan refuses options in one line with exit code 2:', () => {
  it.each([
    [['--steps', 'many'], '--steps'],
    [['--steps', '0'], '--steps'],
    [['--lr', '-1'], '--lr'],
    [['--test', '1'], '--test'],
    [['--hidden', '5,,3'], '--hidden'],
    [['--task', 'guess'], '--task'],
    [['--optimizer', 'sgd'], '--optimizer'],
    [['--step', '3'], 'Did you mean --steps?'],
    [['--degree', '6'], 'degree is 6'],
    [['--grid', '100000'], 'grid is 100000'],
    [['--hidden', '60000,60000'], '28801440000 parameters; the limit is'],
  ])('%j', async (args, part) => {
    expectRefusal(await fit(smallTable(20), ...args), part)
  })

  it('a network that exceeds the device, with bytes, limit and remedy', async () => {
    // 18000 edges of 8 parameters, in float64: 1.2 MB for one copy of the weights.
    const path = files.write('exceeds.csv', smallTable(20))
    const outcome = await webkan(['fit', path, '--target', 'y', '--hidden', '6000', '--json'], {
      requestEngine: () => Promise.resolve(createCpuEngine({ memoryLimit: 1e6 })),
    })
    expectRefusal(outcome, '1000000', 'bytes')
  })

  it('no command, an unknown command, no target, too few arguments', async () => {
    expect((await webkan([])).code).toBe(2)
    expectRefusal(await webkan(['train']), "unknown command 'train'")
    expectRefusal(await webkan(['fit', shippedTable('wine')]), '--target')
    expectRefusal(await webkan(['predict', 'model']), "'table'")
  })

  it('an --out that cannot be written, before it trains', async () => {
    const folder = files.path('folder')
    mkdirSync(folder)
    const never = { requestEngine: () => Promise.reject(new Error('an engine was started')) }
    const args = ['fit', shippedTable('wine'), '--target', 'cultivar', '--out']
    expectRefusal(await webkan([...args, folder], never), 'it is a folder')
    expectRefusal(await webkan([...args, files.path('no/such/model')], never), 'no folder')
  })

  it('tests or validations that leave nothing to train on', async () => {
    expectRefusal(await fit('a,y\n1,2\n2,3\n'), '2 rows cannot be split')
  })
})

describe('webkan refuses a model file in one line with exit code 2:', () => {
  let bytes: Uint8Array
  const table = shippedTable('wine')

  beforeAll(async () => {
    const path = files.path('wine.safetensors')
    await webkan(['fit', table, '--target', 'cultivar', '--steps', '2', '--out', path])
    bytes = readFileSync(path)
  })

  it('one that is missing, empty, or something else', async () => {
    expectRefusal(await webkan(['predict', files.path('none'), table]), 'no such file')
    expectRefusal(await webkan(['predict', files.write('empty', ''), table]), 'empty: ')
    expectRefusal(await webkan(['eval', table, table]), 'wine.csv: ')
  })

  it('a truncated one, at any length', async () => {
    for (const length of [4, 8, 100, bytes.length >> 1, bytes.length - 1])
      expectRefusal(await webkan(['predict', files.write('cut', bytes.subarray(0, length)), table]), 'cut: ')
  })

  it('one with a flipped bit, anywhere', async () => {
    for (let place = 0; place < bytes.length; place += Math.ceil(bytes.length / 40)) {
      const flipped = Uint8Array.from(bytes)
      flipped[place]! ^= 1 << (place % 8)
      expectRefusal(await webkan(['predict', files.write('flipped', flipped), table]), 'flipped: ')
    }
  }, 20_000)

  it('one that was trained without a table, with the remedy', async () => {
    const kan = new KAN({ width: [13, 3] })
    expectRefusal(
      await webkan(['predict', files.write('arrays', kan.save()), table]),
      'webkan fit',
      'KAN.load',
    )
  })

  it('a table that lacks an input column', async () => {
    const path = files.write('wine', bytes)
    expectRefusal(await webkan(['predict', path, shippedTable('airfoil')]), 'there is no column "alcohol"')
  })
})

describe('exit code 3', () => {
  it('a device that is not there', async () => {
    const { code, stdout, stderr } = await webkan([
      'fit',
      shippedTable('wine'),
      '--target',
      'cultivar',
      '--device',
      'webgpu',
    ])
    expect({ code, stdout, stderr }).toEqual({
      code: 3,
      stdout: '',
      stderr: 'webkan: No WebGPU adapter (Dawn: no adapter).\n',
    })
  })

  it('a self-test without a GPU', async () => {
    const { code, stderr } = await webkan(['selftest'])
    expect(code).toBe(3)
    expect(stderr).toContain('--device webgpu')
  })
})

describe('exit code 1', () => {
  it('a bug says so, with its stack', async () => {
    const { code, stderr } = await webkan(['fit', shippedTable('wine'), '--target', 'cultivar'], {
      requestEngine: () => Promise.reject(new TypeError('x is not a function')),
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^webkan: unexpected error: TypeError: x is not a function\n +at /)
  })
})
