import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { applyEncoder, parseTable } from '../../src/data/index.ts'
import { KAN } from '../../src/kan.ts'
import { scratchFolder, webkan } from './command.ts'

const files = scratchFolder()
const model = files.path('model.safetensors')
/** What `webkan prune --json` prints. */
interface Pruned {
  rows: number | null
  before: { width: number[]; edges: number; errors: { rmse: number; r2: number } | null }
  after: { width: number[]; edges: number; errors: { rmse: number; r2: number } | null }
  importance: { column: string; score: number }[]
  removed: { inputs: string[]; nodes: number[][]; edges: number[][] }
  out: string | null
}

/** y = a^2 + b, a text column that moves y, and a column of noise. */
function table(extra = ''): string {
  const lines = Array.from({ length: 80 }, (_, row) => {
    const [a, b] = [((row * 7) % 11) - 5, ((row * 5) % 13) - 6]
    const noise = (row * 37) % 17
    const kind = ['red', 'green', 'blue'][row % 3]
    return `${a},${kind},${b},${noise},${a ** 2 + b + (kind === 'red' ? 9 : 0)}`
  })
  return `a,kind,b,noise,y\n${lines.join('\n')}\n${extra}`
}

const path = files.write('table.csv', table())
const [prune, data] = [
  ['prune', model],
  ['--data', path],
] as const

/** The model as the command has it once it knows the table. */
async function calibrated(): Promise<KAN> {
  const kan = KAN.load(readFileSync(model))
  const { x } = applyEncoder(kan.encoder!, parseTable(table()), { requireTarget: false })
  await kan.calibrate(x)
  return kan
}

async function pruned(...args: string[]): Promise<Pruned> {
  const { code, stdout, stderr } = await webkan([...prune, ...args, '--json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Pruned
}

beforeAll(async () => {
  await webkan([
    'fit',
    path,
    '--target',
    'y',
    '--hidden',
    '4',
    '--grid',
    '3',
    '--optimizer',
    'lm',
    '--out',
    model,
  ])
})

describe('webkan prune', () => {
  it('saves a smaller model, and says what was removed and what it costs', async () => {
    const out = files.path('small.safetensors')
    const { rows, before, after, removed } = await pruned(
      ...data,
      '--node',
      '0.05',
      '--edge',
      '0.05',
      '--out',
      out,
    )
    expect([rows, before.width, before.edges]).toEqual([80, [6, 4, 1], 28])
    expect(removed.edges.length).toBeGreaterThan(0)
    expect(after.edges).toBe(28 - removed.edges.length)
    const kan = KAN.load(readFileSync(out))
    expect(kan.width).toEqual(after.width)
    // Calibrated on the table, so that it can be pruned further.
    expect(kan.statistics!.rows).toBe(80)
    expect(before.errors!.r2).toBeGreaterThan(0.99)
    expect(after.errors!.rmse).toBeGreaterThan(before.errors!.rmse)
    const evaluated = JSON.parse((await webkan(['eval', out, path, '--json'])).stdout) as { rmse: number }
    expect(evaluated.rmse).toBe(after.errors!.rmse)
    const whole = await calibrated()
    const expected = whole.prune({ node: 0.05, edge: 0.05 })
    expect(kan.parameters).toEqual(expected.parameters)
  })

  it('without a table goes by the statistics of the training rows, and names no errors', async () => {
    const out = files.path('blind.safetensors')
    const { code, stdout, stderr } = await webkan([...prune, '--edge', '0.05', '--out', out])
    expect(code).toBe(0)
    expect(stdout).toMatch(/before +\[6, 4, 1\], 28 edges/)
    expect(stdout).toMatch(/removed +\d+ (edges|nodes?)/)
    expect(stdout).not.toContain('RMSE')
    expect(stderr).toContain('note: hidden nodes have lost much of what they were')
    expect(KAN.load(readFileSync(out)).parameters).toEqual(
      KAN.load(readFileSync(model)).prune({ edge: 0.05 }).parameters,
    )
    expect((await webkan(['prune', out])).stderr).toContain('blind.safetensors has no statistics')
    expect((await webkan(['prune', out, ...data])).code).toBe(0)
    const shown = (await webkan([...prune, ...data])).stdout
    expect(shown).toMatch(/rows +RMSE +R2 +loss\n +before +80 .*\n +after +80 /)
    expect(shown).toContain('Not saved; add --out')
  })

  it('says what scores above 1 mean, where there are some', async () => {
    // y is the small difference of two columns: each contributes much more than is left of both.
    const rows = Array.from({ length: 80 }, (_, row) => [row, ((row * 7) % 11) - 5] as const)
    const text = `a,b,y\n${rows.map(([a, e]) => `${a},${a + e},${e}`).join('\n')}\n`
    const [difference, out] = [files.write('difference.csv', text), files.path('difference.safetensors')]
    await webkan(['fit', difference, '--target', 'y', '--hidden', 'none', '--optimizer', 'lm', '--out', out])
    const { stdout } = await webkan(['prune', out])
    const [, a] = /importance +[ab] ([\d.]+)/.exec(stdout)!
    expect(Number(a)).toBeGreaterThan(5)
    const meaning = '1 is the whole variation of one output; above it, contributions cancel'
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(meaning)
    expect((await webkan([...prune, ...data])).stdout.includes('1 is the whole')).toBe(
      (await calibrated()).importance().some(({ score }) => score > 1),
    )
  })

  it('leaves columns out that are not used, and reads the same tables', async () => {
    const out = files.path('columns.safetensors')
    const scores = (await calibrated()).importance().toSorted((a, b) => a.score - b.score)
    expect(scores[0]!.column).toBe('noise')
    const least = String((scores[0]!.score + scores[1]!.score) / 2)
    const { removed, after, importance } = await pruned(...data, '--inputs', least, '--out', out)
    expect(importance).toEqual(scores.toReversed())
    expect(removed.inputs).toEqual(['noise'])
    expect(after.width[0]).toBe(5)
    const shorter = files.write('shorter.csv', table().replaceAll(/,[^,\n]*(,[^,\n]*)$/gm, '$1'))
    expect(readFileSync(shorter, 'utf8')).toMatch(/^a,kind,b,y\n/)
    const [said, again] = [await webkan(['predict', out, path]), await webkan(['predict', out, shorter])]
    expect(said).toEqual({ code: 0, stdout: again.stdout, stderr: '' })
    expect((await webkan(['predict', model, shorter])).stderr).toContain('there is no column "noise"')
    const text = await webkan([...prune, ...data, '--inputs', least])
    expect(text.stdout).toMatch(/importance +\w+ [\d.]+, .*, noise [\d.]+\n/)
    expect(text.stdout).toMatch(/removed +1 column: noise\n/)
  })

  it('removes by hand what is named: columns, nodes, edges', async () => {
    const { removed, after } = await pruned('--remove', 'kind,1:2', '--remove', '0:0:1')
    expect(removed.inputs).toEqual(['kind'])
    expect(removed.nodes).toEqual([[1, 2]])
    expect(removed.edges).toContainEqual([0, 0, 1])
    expect(after.width).toEqual([3, 3, 1])
    expect(await pruned('--remove', 'a')).toMatchObject({ removed: { inputs: ['a'] } })
  })

  it.each([
    [
      'a threshold that leaves nothing',
      ['--edge', '9'],
      /Pruning with --edge 9 would leave layer 0 without an edge; its highest edge score is [\d.]{1,6}\. Lower/,
    ],
    ['an unknown part', ['--remove', 'size'], 'There is no input "size"; the inputs are a, kind, b, noise'],
    [
      'an edge that is not there',
      ['--remove', '0:9:0'],
      'There is no edge from input 9 to output 0 of layer 0',
    ],
    [
      'both ways',
      ['--remove', 'a', '--edge', '0.1'],
      '--remove names what to remove, and --edge lets scores decide.',
    ],
    ['no threshold', ['--node', '-1'], 'Give a number of at least 0.'],
    ['a metric with a unit', ['--metric', 'paper'], 'Allowed choices are backward, paper_n'],
    ['the model itself as --out', ['--out', model], 'it is the model that is read'],
    [
      'a table without the target',
      ['--data', files.write('b.csv', 'a,kind,b,noise\n1,red,2,3\n')],
      'there is no column "y"',
    ],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await webkan([...prune, ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })

  it('prunes a model of arrays, which no table goes with', async () => {
    const kan = new KAN({ width: [2, 3, 1], seed: 3, noise: 1 })
    await kan.calibrate([0.1, 0.2, -0.5, 0.3, 0.9, -0.4])
    const arrays = files.write('arrays.safetensors', kan.save())
    const out = files.path('arrays-small.safetensors')
    expect((await webkan(['prune', arrays, '--remove', 'x2', '--out', out])).code).toBe(0)
    expect(KAN.load(readFileSync(out)).width).toEqual([1, 3, 1])
    const { stderr } = await webkan(['prune', arrays, ...data])
    expect(stderr).toContain("The model does not know a table's columns")
    expect(existsSync(files.path('table.safetensors'))).toBe(false)
  })
})
