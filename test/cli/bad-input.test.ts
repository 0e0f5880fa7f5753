import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { networkLimits } from '../../src/cli/defaults.ts'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { KAN } from '../../src/kan.ts'
import { resolveConfig } from '../../src/model/config.ts'
import type { KANOptions } from '../../src/model/config.ts'
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
    expectRefusal(await fit('a,b,y\n'), 'no data rows', 'one is enough to predict, training needs two')
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

  it('values that cannot be scaled, before it shows what it will train', async () => {
    const cell = (text: string, place: number): string =>
      smallTable(40)
        .split('\n')
        .map((line, row) => (row === 3 ? line.split(',').with(place, text).join(',') : line))
        .join('\n')
    expectRefusal(await fit(cell('-1e308', 2)), 'line 4, column "y": -1e+308 is too large', '1e+150')
    const tiny = smallTable(40).replaceAll(/(?<=\d)$/gm, 'e-200')
    expectRefusal(await fit(tiny), 'target "y" runs from', 'Multiply')
    const wide = cell('-1.7e308', 0).replace(/\n0,/, '\n1.7e308,')
    expectRefusal(await fit(wide), 'input "a" runs from -1.7e+308 to 1.7e+308, which is too wide', '--ignore')
  })

  it('a table of the target only', async () => {
    expectRefusal(await fit('y\n1\n2\n'), 'no column besides the target "y"')
  })

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
    [['--schedule', 'linear'], '--schedule'],
    [['--loss', 'cross-entropy'], '--loss'],
    [['--step', '3'], 'Did you mean --steps?'],
    [['--degree', '0'], 'Give a whole number from 1 to 5.'],
    [['--degree', '6'], 'Give a whole number from 1 to 5.'],
    [['--grid', '0'], 'Give a whole number from 1 to 4096.'],
    [['--grid', '4097'], 'Give a whole number from 1 to 4096.'],
    [['--hidden', '0'], 'whole numbers from 1 to 65536'],
    [['--hidden', '5,65537'], 'whole numbers from 1 to 65536'],
    [['--hidden', '3+2+1'], 'or 3+2 for 3 sums and 2 products; or none'],
    [['--hidden', '0+0'], 'whole numbers from 1 to 65536'],
    [['--hidden', '3+-2'], 'whole numbers from 1 to 65536'],
    [['--hidden', '3+'], 'whole numbers from 1 to 65536'],
    [['--hidden', '3+2', '--arity', '1'], 'Give a whole number from 2 to 65536.'],
    [
      ['--hidden', '5', '--arity', '3'],
      '--arity 3 is the number of factors of products, and there are none.',
    ],
    [['--arity', '3'], 'Give --hidden sums and products, such as 3+2.'],
    [['--seed', '1e17'], 'Give a whole number from 0 to 9007199254740991.'],
    [['--ignore', 'a,,b'], 'Give the names of columns'],
    [['--hidden', '60000,60000'], '28801440000 parameters; the limit is'],
  ])('%j', async (args, part) => {
    expectRefusal(await fit(smallTable(20), ...args), part)
  })

  it('a loss of regressions for classes', async () => {
    const wine = ['fit', shippedTable('wine'), '--target', 'cultivar', '--loss', 'mae']
    expectRefusal(await webkan(wine), '--loss mae is for a regression', 'cross-entropy', '--task regression')
  })

  it('a network that exceeds the device, with bytes, limit and remedy', async () => {
    // 18000 edges of 8 parameters, in float64: 1.2 MB for one copy of the weights.
    const path = files.write('exceeds.csv', smallTable(20))
    const outcome = await webkan(['fit', path, '--target', 'y', '--hidden', '6000', '--json'], {
      requestEngine: () => Promise.resolve(createCpuEngine({ memoryLimit: 1e6 })),
    })
    expectRefusal(outcome, '1000000', 'bytes')
  })

  it('the limits of a network are those of the model', () => {
    for (const [option, [least, most]] of Object.entries(networkLimits)) {
      const network = (value: number): KANOptions =>
        option === 'hidden' ? { width: [1, value, 1], grid: 1 } : { width: [1, 1], [option]: value }
      for (const value of [least, most]) expect(() => resolveConfig(network(value))).not.toThrow()
      for (const value of [least - 1, most + 1])
        expect(() => resolveConfig(network(value))).toThrow(`${most}`)
    }
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
    expect(readdirSync(folder)).toEqual([])
  })

  it.runIf(process.platform === 'linux')('an --out in a folder that takes no files', async () => {
    const args = ['fit', shippedTable('wine'), '--target', 'cultivar', '--out', '/proc/model']
    expectRefusal(await webkan(args), 'Cannot write --out /proc/model')
  })

  it('an --out that is the table or the model, through links too', async () => {
    const table = files.write('own.csv', smallTable(20))
    const model = files.path('own.safetensors')
    await webkan(['fit', table, '--target', 'y', '--steps', '2', '--out', model])
    symlinkSync(table, files.path('symbolic.safetensors'))
    linkSync(table, files.path('hard.safetensors'))
    symlinkSync(model, files.path('model.csv'))
    for (const out of ['own.csv', 'symbolic.safetensors', 'hard.safetensors'].map(files.path)) {
      const fitted = await webkan(['fit', table, '--target', 'y', '--steps', '2', '--out', out])
      expectRefusal(fitted, 'it is the table that is read')
      expectRefusal(await webkan(['predict', model, table, '--out', out]), 'it is the table that is read')
    }
    const predicted = await webkan(['predict', model, table, '--out', files.path('model.csv')])
    expectRefusal(predicted, 'it is the model that is read')
    expect(readFileSync(table, 'utf8')).toBe(smallTable(20))
  })

  it('a model in place of some other file, unless its name says that it is a model', async () => {
    const table = files.write('source.csv', smallTable(20))
    const other = files.write('notes.txt', 'years of work')
    const run = (out: string): Promise<Outcome> =>
      webkan(['fit', table, '--target', 'y', '--steps', '2', '--out', out])
    expectRefusal(await run(other), 'is not a webkan model')
    expectRefusal(await run(files.write('short.txt', 'years')), 'is not a webkan model')
    expect(readFileSync(other, 'utf8')).toBe('years of work')
    const fresh = files.path('model.bin')
    for (const out of [fresh, fresh, files.write('empty.bin', '')]) expect((await run(out)).code).toBe(0)
  })

  it('tests or validations that leave nothing to train on', async () => {
    const three = 'a,y\n1,2\n2,3\n3,5\n'
    expectRefusal(
      await fit('a,y\n1,2\n2,3\n', '--val', '0.1'),
      '--test 0.2 and --val 0.1 leave none of 2 rows',
    )
    expectRefusal(await fit(three, '--val', '0.1'), '--test 0.2 and --val 0.1 leave 1 of 3 rows')
    expectRefusal(await fit('a,y\n1,2\n2,3\n'), '--test 0.2 leaves 1 of 2 rows')
    expect((await fit(three)).code).toBe(0)
    expectRefusal(await fit(smallTable(20), '--test', '0.99'), '--test 0.99')
    expectRefusal(
      await fit(smallTable(20), '--test', '0.85', '--val', '0.5'),
      '--test 0.85 and --val 0.5 leave 1 of 20 rows',
    )
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
    for (const command of ['eval', 'predict'])
      expectRefusal(
        await webkan([command, table, table]),
        `wine.csv is not a webkan model (it looks like text). Usage: webkan ${command} MODEL TABLE`,
      )
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
