import { beforeAll, describe, expect, it } from 'vitest'
import { columnsOf, note } from '../../src/cli/shell.ts'
import { fakeTerminal, scratchFolder, smallTable, webkan } from './command.ts'

const files = scratchFolder()
const model = files.path('model-whose-name-is-of-some-length.safetensors')
const table = files.write('table.csv', smallTable(60))

/** The sum of twelve columns, each of which has its edge. */
const sums = files.write('sums.csv', sumsOf(60))
const many = files.path('many.safetensors')

function sumsOf(rows: number): string {
  const names = Array.from({ length: 12 }, (_, i) => `c${i}`)
  const lines = Array.from({ length: rows }, (_, r) => {
    const cells = names.map((_name, i) => ((r + 1) * (2 * i + 3) ** 2) % 31)
    return [...cells, cells.reduce((sum, cell) => sum + cell)].join()
  })
  return `${[...names, 'y'].join()}\n${lines.join('\n')}\n`
}

/** What a command writes on terminals of so many columns, which move no cursor, line by line. */
async function shown(
  args: readonly string[],
  columns: number,
): Promise<{ stdout: string[]; stderr: string[] }> {
  const [stdout, stderr] = [fakeTerminal(true, columns), fakeTerminal(true, columns)]
  await webkan(args, { stdout: stdout.output, stderr: stderr.output, env: { NO_COLOR: '1', TERM: 'dumb' } })
  return { stdout: stdout.written().split('\n'), stderr: stderr.written().split('\n') }
}

/** Neither a row of numbers or what goes on beneath one, nor one word or command that is wider than the page itself. */
function isText(line: string): boolean {
  return (
    !/ {3}|^ {20}/.test(line.trimEnd().slice(2)) &&
    line.trim().includes(' ') &&
    !line.includes('webkan predict ')
  )
}

beforeAll(async () => {
  await webkan(['fit', table, '--target', 'y', '--hidden', '5', '--steps', '2', '--out', model])
  await webkan(['fit', sums, '--target', 'y', '--hidden', 'none', '--steps', '30', '--out', many])
})

describe('text is as wide as the terminal', () => {
  const commands: Readonly<Record<string, readonly string[]>> = {
    fit: ['fit', table, '--target', 'y', '--steps', '2'],
    'fit --out': ['fit', table, '--target', 'y', '--steps', '2', '--out', files.path('other.safetensors')],
    prune: ['prune', model, '--data', table],
    'prune --out': ['prune', model, '--out', files.path('smaller.safetensors')],
    'symbolify, of 12 edges': ['symbolify', many, '--data', sums, '--seconds', '2', '--functions', 'x,x^2'],
    'symbolify --suggest': ['symbolify', model, '--suggest', '0:0:0'],
    'symbolify --fix': ['symbolify', model, '--fix', '0:0:0=x'],
    discover: ['discover', table, '--target', 'y', '--seconds', '2'],
    'discover --out': [
      'discover',
      table,
      '--target',
      'y',
      '--seconds',
      '2',
      '--out',
      files.path('d.safetensors'),
    ],
    'a refusal': ['fit', table, '--target', 'nothing of the kind'],
    'a refused option': ['fit', table, '--target', 'y', '--steps', 'many of them, and then some'],
  }
  it.each(Object.entries(commands))('%s', { timeout: 30_000 }, async (_, args) => {
    for (const columns of [40, 80]) {
      const { stdout, stderr } = await shown(args, columns)
      const texts = [...stdout, ...stderr].filter(isText)
      expect(texts.length).toBeGreaterThan(0)
      expect(texts.filter(line => line.length > columns)).toEqual([])
    }
  })

  it('with edges whole', { timeout: 30_000 }, async () => {
    const { stdout } = await shown(commands['symbolify, of 12 edges']!, 40)
    const [, edges = ''] = /\n {2}(edges .*?); /s.exec(stdout.join('\n')) ?? []
    const lines = edges.split('\n')
    expect(lines.length).toBeGreaterThan(3)
    for (const line of lines) expect(line.trim()).toMatch(/^(edges )?(\d+:\d+:\d+ \S+,? ?)+$/)
  })
})

describe('messages', () => {
  const text = `${'one two three four five six seven '.repeat(4)}eight`

  it.each([
    [false, {}],
    [true, {}],
    [true, { TERM: 'dumb' }],
  ])('on a terminal (%s) with %j', (isTTY, env) => {
    const { output, written } = fakeTerminal(isTTY, 60)
    const onInterrupt = (): (() => void) => () => {}
    const requestEngine = (): Promise<never> => Promise.reject(new Error('unused'))
    note({ stdout: output, stderr: output, env: { ...env, NO_COLOR: '1' }, onInterrupt, requestEngine }, text)
    const lines = written().trimEnd().split('\n')
    // 149 characters with the label: one line of a pipe, three of at most 60 on a terminal.
    expect(lines).toHaveLength(isTTY ? 3 : 1)
    expect(lines.map(line => line.trim()).join(' ')).toBe(`note: ${text}`)
    for (const line of lines.slice(1)) expect(line).toMatch(/^ {2}\S/)
  })

  it('are laid out for 80 columns where a terminal does not know', () => {
    expect(columnsOf(fakeTerminal(true, 0).output)).toBe(80)
    expect(columnsOf(fakeTerminal(true, 60).output)).toBe(60)
    expect(columnsOf(fakeTerminal(false, 60).output)).toBe(80)
  })
})
