import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { scratchFolder, webkan } from './command.ts'

const files = scratchFolder()
const [model, fixed, arrays] = ['model', 'fixed', 'arrays'].map(name =>
  files.path(`${name}.safetensors`),
) as [string, string, string]
const law = ['--function', 'sin(3*x1) + x2']

/** What `webkan symbolify --suggest --json` prints. */
interface Suggested {
  edges: { edge: number[]; input: string | null; functions: { name: string; r2: number; score: number }[] }[]
}

beforeAll(async () => {
  await webkan(['fit', ...law, '--hidden', 'none', '--out', model])
  files.write('arrays.safetensors', new KAN({ width: [2, 1] }).save())
})

describe('webkan symbolify --suggest', () => {
  it('lists functions for edges, best first, without rows', async () => {
    const { code, stdout } = await webkan(['symbolify', model, '--suggest', '0:0:0,0:1:0'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/edge 0:0:0 from x1: --fix 0:0:0=NAME takes one, best first\n/)
    expect(stdout).toMatch(/function +R2 +complexity +score .*\n +sin, cos +1\.0000 +2 /)
    expect(stdout).toMatch(/edge 0:1:0 from x2.*\n.*\n +x +1\.0000 +1 /)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    const json = await webkan(['symbolify', model, '--suggest', '0:1:0', '--functions', 'x,exp', '--json'])
    const { edges } = JSON.parse(json.stdout) as Suggested
    expect(edges.map(({ edge, input }) => [edge, input])).toEqual([[[0, 1, 0], 'x2']])
    expect(edges[0]!.functions.map(({ name }) => name)).toEqual(['x', 'exp'])
    expect(edges[0]!.functions[0]!.score).toBeLessThan(edges[0]!.functions[1]!.score)
  })
})

describe('webkan symbolify --fix and --unfix', () => {
  it('name edges by hand, and make them splines again', async () => {
    const one = await webkan(['symbolify', model, '--fix', '0:0:0=sin', '--out', fixed])
    expect(one.code).toBe(0)
    expect(one.stdout).toMatch(/functions +0:0:0 sin\n +splines +1 edge\n/)
    const both = ['symbolify', fixed, '--fix', '0:1:0=x', '--json']
    expect(JSON.parse((await webkan(both)).stdout)).toMatchObject({
      functions: ['0:0:0 sin', '0:1:0 x'],
      splines: 0,
      out: null,
    })
    const back = await webkan([
      'symbolify',
      fixed,
      '--unfix',
      '0:0:0',
      '--out',
      files.path('back.safetensors'),
    ])
    expect(back.code).toBe(0)
    expect(KAN.load(readFileSync(files.path('back.safetensors'))).parameters).toEqual(
      KAN.load(readFileSync(model)).parameters,
    )
  })

  it("take functions of one's own", async () => {
    const own = ['--functions', 'x,wave=sin(3*u)', '--fix', '0:0:0=wave', '--json']
    const { stdout } = await webkan(['symbolify', model, ...own])
    expect(JSON.parse(stdout)).toMatchObject({ functions: ['0:0:0 wave'] })
    const listed = await webkan(['symbolify', model, '--suggest', '0:0:0', ...own.slice(0, 2), '--json'])
    const { edges } = JSON.parse(listed.stdout) as Suggested
    expect(edges[0]!.functions.map(({ name }) => name)).toEqual(['wave', 'x'])
  })

  it('leave the other edges to the search where there are rows', { timeout: 30_000 }, async () => {
    const { code, stdout } = await webkan(['symbolify', model, '--fix', '0:1:0=exp', ...law, '--json'])
    expect(code).toBe(0)
    const { edges } = JSON.parse(stdout) as { edges: { i: number; name: string }[] }
    // The first column, a sine or a shifted cosine, was named by the rows.
    expect(edges.map(({ i }) => i)).toEqual([0, 1])
    expect(edges[1]!.name).toBe('exp')
  })

  it.each([
    ['no function', ['--fix', '0:0:0'], 'as in 0:1:0=sin,1:0:0=exp'],
    ['no edge', ['--fix', 'x1=sin'], 'Name an edge by layer:input:output'],
    ['an edge that is not there', ['--suggest', '0:9:0'], 'There is no edge from input 9 to output 0'],
    ['an unknown function', ['--fix', '0:0:0=sine'], "Did you mean 'sin'?"],
    ['an edge that is a spline', ['--unfix', '0:0:0'], 'symbolic'],
    ['a list to save', ['--suggest', '0:0:0', '--out', fixed], '--suggest only lists functions'],
    ['samples without a function', ['--suggest', '0:0:0', '--samples', '9'], '--samples is for'],
  ])('refuse %s', async (_, args, message) => {
    const { code, stdout, stderr } = await webkan(['symbolify', model, ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })

  it('say what a model without statistics needs', async () => {
    const { code, stderr } = await webkan(['symbolify', arrays, '--suggest', '0:0:0'])
    expect(code).toBe(2)
    expect(stderr).toContain('has no statistics')
  })
})

describe('edges of a pruned model', () => {
  const [whole, small] = ['whole', 'small'].map(name => files.path(`${name}.safetensors`)) as [string, string]

  it('have suggestions without rows, each curve once', async () => {
    await webkan(['fit', ...law, '--hidden', '2', '--lambda', '1e-3', '--out', whole])
    expect((await webkan(['prune', whole, '--out', small])).stderr).toBe('')
    const { code, stdout } = await webkan(['symbolify', small, '--suggest', '0:0:0'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/\n +sin, cos +1\.0000 +2 /)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('j0 is besselj0 in formulas')
    expect(stdout).toMatch(/score: half the complexity/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('make a formula with few digits that says what is not measured', async () => {
    const { stdout } = await webkan(['symbolify', small, '--fix', '0:0:0=sin,0:1:0=x,1:0:0=x'])
    expect(stdout).toMatch(/ y = /)
    expect(stdout).not.toMatch(/\d\.0*[1-9]\d{7}/)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('not measured. Give --data TABLE')
  })
})

describe('what cannot be done to edges', () => {
  it.each([
    [['--suggest', '0:7:0'], 'There is no edge from input 7'],
    [['--fix', '0:0:0=foo'], /no function 'foo'.*j1; give .*--functions 'lorentz=1\/\(1\+u\^2\)'/],
    [['--unfix', '0:0:0'], 'is not symbolic'],
    [['--suggest', '0:0:0'], 'give --data TABLE with the rows that matter, or the --function'],
  ])('is said before rows are asked for: %s', async (args, message) => {
    files.write('bare.safetensors', new KAN({ width: [2, 1] }).save())
    const { code, stderr } = await webkan(['symbolify', files.path('bare.safetensors'), ...args])
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  })

  it('speaks of options and edges, not of arguments of the library', async () => {
    const spline = await webkan(['formula', model])
    expect(spline.stderr).toMatch(
      /0:0:0; 0:1:0\)\. Give them known functions: webkan symbolify \S+ --data TABLE/,
    )
    const named = await webkan(['formula', '=x^2', '--format', 'c', '--name', 'my f'])
    expect(named.stderr).toContain("--name is 'my f'")
    expect((await webkan(['prune', model, '--edge', '5'])).stderr).toContain('Pruning with --edge 5 ')
    expect((await webkan(['symbolify', model, '--functions', 'foo'])).stderr).toMatch(
      /arctanh.*silu, relu, j1/,
    )
  })
})
