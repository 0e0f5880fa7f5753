import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { splitRows } from '../../src/data/index.ts'
import { KAN } from '../../src/kan.ts'
import { printed, scratchFolder, shippedTable, webkan } from './command.ts'

const files = scratchFolder()
const aNumber: unknown = expect.any(Number)
const airfoil = ['fit', shippedTable('airfoil'), '--target', 'sound_db']
const wine = ['fit', shippedTable('wine'), '--target', 'cultivar']

describe('webkan fit --json', () => {
  it('prints one object, the last line, for a regression', async () => {
    const out = files.path('airfoil.safetensors')
    const { code, stdout, stderr } = await webkan([...airfoil, '--steps', '20', '--json', '--out', out])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    // 6 columns; 5 * 5 + 5 edges with G + k = 8 coefficients and one base scale each.
    expect(printed({ stdout })).toEqual({
      function: null,
      rows: 1502,
      columns: 6,
      task: 'regression',
      width: [5, 5, 1],
      grid: 5,
      degree: 3,
      log: [],
      parameters: 270,
      seed: 0,
      loss: 'mse',
      optimizer: 'adam',
      learningRate: 0.01,
      schedule: 'constant',
      batch: 1082,
      lambda: 0,
      entropy: null,
      device: 'CPU, float64',
      kernels: { layers: 'simd' },
      steps: 20,
      seconds: aNumber,
      stop: 'steps',
      bestStep: 20,
      functionEvaluations: 20,
      starts: [aNumber],
      seeds: null,
      stages: [{ grid: 5, steps: 20, bestStep: 20, loss: aNumber, functionEvaluations: 20, stop: 'steps' }],
      train: { rmse: aNumber, mae: aNumber, r2: aNumber, loss: aNumber },
      validation: { loss: aNumber },
      test: { rmse: aNumber, mae: aNumber, r2: aNumber, loss: aNumber },
      out,
    })
    expect(existsSync(out)).toBe(true)
  })

  it('has accuracy for a classification, and null where there is nothing', async () => {
    const { stdout } = await webkan([...wine, '--steps', '5', '--test', '0', '--json'])
    expect(printed({ stdout })).toMatchObject({
      rows: 178,
      columns: 14,
      task: 'classification',
      width: [13, 5, 3],
      train: { accuracy: aNumber, loss: aNumber },
      test: null,
      out: null,
    })
  })

  it('learns past outliers with --loss mae, on a falling rate; the model remembers its loss', async () => {
    // y = 2 x but for every tenth training row, which is far off: the median of the rows is on the line, their mean is not.
    const rows = Array.from({ length: 200 }, (_, row) => `${row},${row % 10 === 3 ? 5000 : 2 * row}`)
    const path = files.write('outliers.csv', `x,y\n${rows.join('\n')}\n`)
    const clean = files.write(
      'clean.csv',
      `x,y\n${Array.from({ length: 200 }, (_, row) => `${row},${2 * row}`).join('\n')}\n`,
    )
    const out = files.path('robust.safetensors')
    const cleanError = async (...loss: string[]): Promise<number> => {
      const args = ['--hidden', 'none', '--steps', '800', '--schedule', 'cosine', '--out', out]
      const { stdout } = await webkan(['fit', path, '--target', 'y', ...args, ...loss])
      expect(stdout).toMatch(/learning rate 0\.01\s+\(cosine\)/)
      expect(stdout.includes('adam on mae')).toBe(loss.length > 0)
      const evaluated: unknown = JSON.parse((await webkan(['eval', out, clean, '--json'])).stdout)
      return (evaluated as { rmse: number }).rmse
    }
    // Measured: 470 and 0.16.
    const squares = await cleanError()
    const absolute = await cleanError('--loss', 'mae')
    expect(KAN.load(readFileSync(out)).loss).toBe('mae')
    expect(absolute).toBeLessThan(squares / 10)
  })

  it('says how the run ended, and that there was no validation', async () => {
    // 200 rows of noise: the validation loss is soon past its least, and 400 steps after that the run ends.
    const rows = Array.from({ length: 200 }, (_, row) => `${row % 50},${(row * 7919) % 101}.5`)
    const path = files.write('noise.csv', `x,y\n${rows.join('\n')}\n`)
    const args = ['fit', path, '--target', 'y', '--lr', '0.1', '--json']
    const patient = printed(await webkan(args))
    expect(patient).toMatchObject({ stop: 'patience', learningRate: 0.1 })
    expect(patient.steps).toBe(patient.bestStep + 400)
    // Patience that ends with the last step did not end the run.
    const exact = await webkan([...args, '--steps', String(patient.steps)])
    expect(printed(exact)).toMatchObject({ stop: 'steps', bestStep: patient.bestStep })
    const unvalidated = await webkan([...args, '--val', '0', '--steps', '3'])
    expect(printed(unvalidated)).toMatchObject({ stop: 'steps', validation: null })
  }, 20_000)

  it('never has NaN: the R2 of a constant test part is null', async () => {
    // The split of 10 rows by seed 0 is known before the table is written: its two test rows get one value.
    const { test } = splitRows(10, { test: 0.2, validation: 0.1, seed: 0 })
    const rows = Array.from(
      { length: 10 },
      (_, row) => `${row},${test.includes(row) ? 3.5 : row * row + 0.5}`,
    )
    const path = files.write('constant.csv', `x,y\n${rows.join('\n')}\n`)
    const { code, stdout } = await webkan(['fit', path, '--target', 'y', '--steps', '5', '--json'])
    expect(code).toBe(0)
    expect(printed({ stdout }).test.r2).toBeNull()
  })
})
