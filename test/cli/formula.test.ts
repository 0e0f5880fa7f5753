import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatNames } from '../../src/formula/index.ts'
import { KAN } from '../../src/kan.ts'
import { scratchFolder, webkan } from './command.ts'

const files = scratchFolder()

/** 3 size, and 5 more for what is red; of 60 rows. */
function colours(): string {
  const lines = Array.from({ length: 60 }, (_, row) => {
    const [size, colour] = [1 + ((row * 7) % 11) / 3, ['red', 'green', 'blue'][row % 3]!]
    return `${size},${colour},${3 * size + (colour === 'red' ? 5 : 0)}`
  })
  return `size,colour,price\n${lines.join('\n')}\n`
}

/** sin(2 x1) and 3 x1 + 1, of a model that a program made. */
function twoOutputs(): string {
  const kan = new KAN({ width: [1, 2], base: 'zero' })
    .fix(0, 0, 0, 'sin', [2, 0, 1, 0])
    .fix(0, 0, 1, 'x', [3, 1, 1, 0])
  return files.write('two.safetensors', kan.save())
}

/** What a printed formula says of its errors. */
const notMeasured =
  "note: the formula's errors are not measured here: webkan discover, and webkan symbolify MODEL --data TABLE, print them beside the network's\n"

describe('webkan formula of several outputs', () => {
  it('is one program with a function for each, and a line for each elsewhere', async () => {
    const model = twoOutputs()
    const { stdout: python } = await webkan(['formula', model, '--format', 'python'])
    expect(python.match(/^import numpy/gm)).toHaveLength(1)
    expect(python.match(/^def y[12]\(x1\):$/gm)).toEqual(['def y1(x1):', 'def y2(x1):'])
    expect((await webkan(['formula', model])).stdout).toBe('y1 = sin(2*x1)\ny2 = 3*x1 + 1\n')
    expect((await webkan(['formula', model, '--format', 'c', '--bare'])).stdout.split('\n')).toHaveLength(3)
    const excel = await webkan(['formula', model, '--format', 'excel'])
    expect(excel.stdout).toBe('=SIN(2*A2)\n=3*A2 + 1\n')
    expect(excel.stderr).toBe(`note: A2 is x1.\n${notMeasured}`)
    const refused = await webkan(['formula', model, '--format', 'python', '--name', 'law'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--name is for the function of one output, and the model has 2')
  })
})

describe('webkan formula --digits', () => {
  it('rounds what people read, and refuses to round programs', async () => {
    const rounded = async (format: string): Promise<string> =>
      (await webkan(['formula', '=3.14159*a', '--format', format, '--digits', '3'])).stdout
    expect(await rounded('text')).toBe('3.14*a\n')
    expect(await rounded('latex')).toContain('3.14')
    expect(await rounded('latex')).not.toContain('3.141')
    expect(await rounded('mathml')).toContain('<mn>3.14</mn>')
    for (const format of ['python', 'excel', 'json']) {
      const { code, stderr } = await webkan(['formula', '=3.14159*a', '--format', format, '--digits', '3'])
      expect(code).toBe(2)
      expect(stderr).toContain('text, latex and mathml')
    }
    expect((await webkan(['formula', '=a', '--digits', '18'])).code).toBe(2)
  })
})

describe('webkan formula --help', () => {
  it('says within 80 columns what every format is for', async () => {
    const { stdout } = await webkan(['formula', '--help'])
    const list = stdout.slice(stdout.indexOf('Formats:'))
    for (const name of formatNames) expect(list).toMatch(new RegExp(`^  (\\w+, )?${name}\\b`, 'm'))
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('a column of texts', () => {
  it('is lines in a formula, with a legend, and the saved model prints it', { timeout: 60_000 }, async () => {
    const table = files.write('colours.csv', colours())
    const out = files.path('colours.safetensors')
    const discover = ['discover', table, '--target', 'price', '--test', '0', '--out', out]
    const { code, stdout } = await webkan(discover)
    expect(code).toBe(0)
    expect(stdout).toMatch(/\n {2}price = .*`colour=red`/)
    expect(stdout).not.toMatch(/\w\(.*`colour/)
    expect(stdout).toContain('\n  `colour=red` is 1 where colour is red, else 0\n')
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `Saved to ${out}: the formula, which webkan formula prints, and the spline network, by which webkan predict goes.`,
    )
    const [, chosen] = /\n {2}price = (.*)\n/.exec(stdout)!
    const kan = KAN.load(readFileSync(out))
    expect(kan.formulas).toEqual([chosen])
    const printed = await webkan(['formula', out])
    expect(printed).toEqual({
      code: 0,
      stdout: `${chosen}\n`,
      stderr: `note: \`colour=red\` is 1 where colour is red, else 0.\n${notMeasured}`,
    })
    // The network's own values, near the formula's.
    const { stdout: predicted } = await webkan(['predict', out, table])
    expect(Number(predicted.split('\n')[1])).toBeCloseTo(8, 1)
    const json = JSON.parse((await webkan([...discover, '--json'])).stdout) as { indicators: unknown[] }
    expect(json.indicators).toContainEqual({ name: 'colour=red', column: 'colour', level: 'red' })
  })
})
