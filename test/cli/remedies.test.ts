import { beforeAll, describe, expect, it } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { scratchFolder, smallTable, webkan } from './command.ts'

const files = scratchFolder()
const table = files.write('table.csv', smallTable(30))
const negative = files.write('negative.csv', 'a,b,y\n1,2,3\n-1,2,4\n2,3,5\n3,1,2\n')
const holes = files.write('holes.csv', 'a,b,y\n1,2,3\n,2,4\n2,3,5\n3,1,2\n')
const text = files.write('text.csv', 'a,b,y\n1,2,low\n2,3,high\n3,1,low\n')
const [model, classes, logs, arrays] = ['model', 'classes', 'logs', 'arrays'].map(name =>
  files.path(`${name}.safetensors`),
) as [string, string, string, string]

beforeAll(async () => {
  const fit = ['fit', table, '--target', 'y', '--hidden', 'none', '--steps', '2']
  await webkan([...fit, '--out', model])
  const kinds = files.write(
    'kinds.csv',
    `a,y\n${Array.from({ length: 30 }, (_, r) => `${r},${r % 2 ? 'odd' : 'even'}`).join('\n')}\n`,
  )
  await webkan(['fit', kinds, '--target', 'y', '--hidden', 'none', '--steps', '2', '--out', classes])
  const positive = files.write('positive.csv', 'a,b,y\n1,2,3\n2,2,4\n2,3,5\n3,1,2\n4,1,7\n')
  const log = ['--log', 'a', '--test', '0', '--val', '0', '--hidden', 'none', '--steps', '2', '--out', logs]
  await webkan(['fit', positive, '--target', 'y', ...log])
  files.write('arrays.safetensors', new KAN({ width: [2, 1] }).save())
})

/** Refusals of the commands that lead to a formula. */
const refusals: readonly (readonly [name: string, () => readonly string[], message: string])[] = [
  ['nothing to learn', () => ['discover'], 'webkan discover TABLE.csv --target COLUMN'],
  ['no target', () => ['discover', table], 'A table needs --target'],
  ['a target that is not there', () => ['discover', table, '--target', 'z'], 'there is no target column "z"'],
  ['a target of texts', () => ['discover', text, '--target', 'y'], 'but a formula gives numbers'],
  ['an unknown option', () => ['discover', table, '--task', 'regression'], "unknown option '--task'"],
  ['a bad number', () => ['discover', table, '--target', 'y', '--seconds', '0'], 'Give a number above 0'],
  [
    'no rows to train on',
    () => ['discover', negative, '--target', 'y', '--test', '0.9'],
    '--test 0.9 leaves',
  ],
  ['holes', () => ['discover', holes, '--target', 'y'], '--missing drop'],
  ['an unknown function', () => ['discover', table, '--target', 'y', '--functions', 'sine'], "'sine'"],
  [
    'an unknown function beside its remedy',
    () => ['symbolify', model, '--data', table, '--functions', 'x,sine'],
    'of your own as lorentz=1/(1+u^2)',
  ],
  [
    'a formula of another variable',
    () => ['discover', table, '--target', 'y', '--functions', 'f=1/x'],
    'write it in u',
  ],
  ['a function with no value', () => ['discover', '--function', 'log(x1)'], 'Choose a --range'],
  ['a table and a function', () => ['discover', table, '--function', 'x1'], 'Give one or the other'],
  ['no logarithm', () => ['discover', negative, '--target', 'y', '--log', 'a'], 'has no logarithm'],
  ['no rows', () => ['symbolify', model], 'give --data TABLE'],
  ['a table in the place of a model', () => ['symbolify', table, '--data', table], 'it looks like text'],
  ['no such model', () => ['symbolify', 'none.safetensors', '--data', table], 'there is no such file'],
  ['a model of classes', () => ['symbolify', classes, '--data', table], 'tells classes apart'],
  ['a model of arrays', () => ['symbolify', arrays, '--data', table], "does not know a table's columns"],
  ['a model of logarithms', () => ['symbolify', logs, '--data', negative], 'which the model takes'],
  ['samples of a table', () => ['symbolify', model, '--data', table, '--samples', '9'], 'leave it out'],
  ['holes beside a model', () => ['symbolify', model, '--data', holes], '--missing drop'],
  ['too much pruned', () => ['prune', model, '--edge', '99'], 'would leave layer 0 without an edge'],
  ['an unknown part', () => ['prune', model, '--remove', 'z'], 'There is no input "z"'],
  ['logarithms that prune takes', () => ['prune', logs, '--data', negative], 'which the model takes'],
  ['splines', () => ['formula', model], 'symbolify'],
  ['no such format', () => ['formula', model, '--format', 'fortran'], 'Allowed choices are text'],
  ['a typed mistake', () => ['formula', '=a +'], 'formula'],
  ['digits of a program', () => ['formula', '=a', '--format', 'c', '--digits', '3'], '--digits is for'],
]

describe('discover, symbolify, prune and formula', () => {
  it.each(refusals)('exit with 2 for %s, and name only options that they have', async (_, given, message) => {
    const args = given()
    const { code, stdout, stderr } = await webkan(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    const help = (await webkan([args[0]!, '--help'])).stdout
    // What the user typed himself, and other commands' lines, are no remedies.
    const remedies = stderr.replaceAll(/webkan (fit|symbolify) .*/g, '').match(/--[a-z][a-z-]*/g) ?? []
    expect(remedies.filter(option => !args.includes(option) && !help.includes(`${option} `))).toEqual([])
  })

  it('name no option that discover lacks beside a target of few whole numbers', async () => {
    const rows = Array.from({ length: 40 }, (_, r) => `${r % 7},${r % 3},${(r % 3) + 1}`)
    const few = files.write('few.csv', `a,b,y\n${rows.join('\n')}\n`)
    const { code, stdout, stderr } = await webkan(['discover', few, '--target', 'y', '--seconds', '5'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('y = b + 1')
  })
})
