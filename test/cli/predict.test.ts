import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseTable } from '../../src/data/index.ts'
import { KAN } from '../../src/kan.ts'
import { printed, scratchFolder, shippedTable, smallTable, webkan } from './command.ts'

const files = scratchFolder()
const airfoil = ['fit', shippedTable('airfoil'), '--target', 'sound_db']
const wine = ['fit', shippedTable('wine'), '--target', 'cultivar']

describe('webkan fit, then predict and eval', () => {
  it('predicts a regression row by row, without the target column, as the library does', async () => {
    const model = files.path('a.safetensors')
    const out = files.path('predicted.csv')
    await webkan([...airfoil, '--steps', '20', '--out', model])
    const lines = readFileSync(shippedTable('airfoil'), 'utf8').trimEnd().split('\n')
    const inputs = lines.map(line => line.replace(/,[^,]*$/, '')).join('\n')
    const { code, stdout } = await webkan(['predict', model, files.write('inputs.csv', inputs), '--out', out])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const predicted = parseTable(readFileSync(out, 'utf8')).columns[0]
    expect(predicted?.name).toBe('predicted_sound_db')
    const x = lines.slice(1).flatMap(line => line.split(',').slice(0, 5).map(Number))
    const kan = KAN.load(readFileSync(model))
    expect(predicted?.values).toEqual(await kan.predict(x))
  })

  it('gives every row of the file its line, empty where the row was dropped', async () => {
    const table = smallTable(30).replace(/\n[^,]*,/, '\n,')
    const model = files.path('lines.safetensors')
    const train = files.write('lines.csv', smallTable(30))
    await webkan(['fit', train, '--target', 'y', '--steps', '2', '--out', model])
    const path = files.write('lines-missing.csv', table)
    const lines = (await webkan(['predict', model, path, '--missing', 'drop'])).stdout.trimEnd().split('\n')
    const whole = (await webkan(['predict', model, train])).stdout.trimEnd().split('\n')
    expect(lines[1]).toBe('""')
    expect(lines.slice(2)).toEqual(whole.slice(2))

    const text = smallTable(30, row => (row % 2 === 0 ? ',even' : ',odd')).replace('y', 'y,kind')
    const classes = files.write('lines-classes.csv', text)
    await webkan(['fit', classes, '--target', 'kind', '--steps', '2', '--out', model])
    const gap = files.write('lines-classes-missing.csv', text.replace(/\n[^,]*,/, '\nnan,'))
    const predicted = (await webkan(['predict', model, gap, '--missing', 'drop'])).stdout.split('\n')
    expect(predicted.slice(0, 2)).toEqual(['predicted_kind,probability', ','])
    expect(predicted).toHaveLength(32)
  })

  it('gives the rows of a single column their lines, blank ones too', async () => {
    const model = files.path('single.safetensors')
    const train = files.write(
      'single.csv',
      `x,y\n${Array.from({ length: 30 }, (_, i) => `${i},${2 * i}\n`).join('')}`,
    )
    await webkan(['fit', train, '--target', 'y', '--steps', '2', '--out', model])
    const predict = async (text: string, ...args: string[]): Promise<string[]> => {
      const { stdout } = await webkan(['predict', model, files.write('new.csv', text), ...args])
      return stdout.trimEnd().split('\n').slice(1)
    }
    const [first, second] = await predict('x\n11\n12\n')
    expect(await predict('x\n11\n\n12\nNA\n', '--missing', 'drop')).toEqual([first, '""', second, '""'])
  })

  it('warns of rows outside the training range, and of none that were trained on', async () => {
    const model = files.path('range.safetensors')
    const header = 'a,b,c,d,y\n'
    const row = (i: number): string =>
      `${12.5 + (i * 67.5) / 29},${i % 7},${i % 5},${i % 3},${(i * 13) % 11}.25\n`
    const train = files.write('range.csv', header + Array.from({ length: 30 }, (_, i) => row(i)).join(''))
    const args = ['fit', train, '--target', 'y', '--test', '0', '--val', '0', '--steps', '2', '--out', model]
    expect((await webkan(args)).code).toBe(0)
    expect((await webkan(['predict', model, train])).stderr).toBe('')
    const predict = async (...rows: string[]): Promise<string> =>
      (await webkan(['predict', model, files.write('outside.csv', `a,b,c,d\n${rows.join('\n')}\n`)])).stderr
    expect(await predict('12.4,1,1,1', '80.1,1,1,1', '80,6,4,2')).toBe(
      'warning: 2 rows lie outside the training range of "a" (12.5 to 80); predictions there are extrapolations.\n',
    )
    expect(await predict('12.4,7,1,1')).toContain(
      '1 row lies outside the training range of "a" (12.5 to 80) or "b" (0 to 6);',
    )
    expect(await predict('0,9,9,1', '20,1,1,9')).toContain(
      '2 rows lie outside the training range of "a" (12.5 to 80), "b" (0 to 6), "c" (0 to 4) and 1 more column; ',
    )
  })

  it('predicts labels with probabilities, and eval agrees with counting', async () => {
    const model = files.path('w.safetensors')
    await webkan([...wine, '--steps', '30', '--out', model])
    const { stdout } = await webkan(['predict', model, shippedTable('wine')])
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toBe('predicted_cultivar,probability')
    const truth = readFileSync(shippedTable('wine'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map(line => line.split(',').at(-1))
    const right = lines.slice(1).filter((line, row) => line.split(',')[0] === truth[row]).length
    for (const line of lines.slice(1)) {
      const probability = Number(line.split(',')[1])
      // The largest of three probabilities is at least a third.
      expect(probability).toBeGreaterThan(1 / 3)
      expect(probability).toBeLessThanOrEqual(1)
    }
    const evaluated = await webkan(['eval', model, shippedTable('wine'), '--target', 'cultivar', '--json'])
    expect(printed(evaluated)).toMatchObject({
      rows: 178,
      task: 'classification',
      accuracy: right / 178,
    })
  })

  it('eval and prune say when a loss is in the units of the target, as of networks that scale no output', async () => {
    const model = files.path('units.safetensors')
    const table = files.write('units.csv', smallTable(30))
    await webkan(['fit', table, '--target', 'y', '--steps', '20', '--out', model])
    expect((await webkan(['eval', model, table])).stderr).toBe('')
    const kan = KAN.load(readFileSync(model))
    const { input } = kan.scaling!
    const unscaled = { shift: Float64Array.of(0), scale: Float64Array.of(1) }
    kan.scaling = { input, output: unscaled }
    files.write('units.safetensors', kan.save())
    const message = (unit: string): string =>
      `note: the loss is that of errors in ${unit} of "y", which this network does not scale: compare RMSE or R2 with other models'.\n`
    const { stdout, stderr } = await webkan(['eval', model, table, '--json'])
    expect(stderr).toBe(message('the units'))
    const { rmse, loss } = JSON.parse(stdout) as { rmse: number; loss: number }
    expect(loss).toBeCloseTo(rmse ** 2, 10)
    expect((await webkan(['prune', model, '--data', table])).stderr).toBe(message('the units'))
    expect((await webkan(['prune', model])).stderr).toBe('')
    kan.scaling = { input, output: { ...unscaled, log: [true] } }
    files.write('units.safetensors', kan.save())
    const positive = files.write('positive.csv', 'a,b,y\n1,2,3\n4,5,6\n')
    expect((await webkan(['eval', model, positive])).stderr).toContain(message('natural logarithms'))
  })

  it('eval prints a table, and refuses a table without the target', async () => {
    const model = files.path('w2.safetensors')
    await webkan([...wine, '--steps', '2', '--out', model])
    expect((await webkan(['eval', model, shippedTable('wine')])).stdout).toMatch(/wine\.csv +178 +\d+\.\d%/)
    const refused = await webkan(['eval', model, shippedTable('wine'), '--target', 'grape'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('"grape"')
  })
})
