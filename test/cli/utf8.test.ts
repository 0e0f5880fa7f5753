import { describe, expect, it } from 'vitest'
import { decodeTable } from '../../src/cli/utf8.ts'
import { DataError } from '../../src/errors.ts'
import { scratchFolder, webkan } from './command.ts'

const files = scratchFolder()
const latin = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Käse, Kuse and Köse in turn, in 30 rows. */
const levels = `x,kind,y\n${Array.from({ length: 30 }, (_, i) => `${i},${['Käse', 'Kuse', 'Köse'][i % 3]},${i * 2}`).join('\n')}\n`

describe('the text of a table', () => {
  it('is UTF-8, with or without a byte order mark, and may hold the replacement character itself', () => {
    for (const text of [levels, `\uFEFF${levels}`, 'a,b\n\uFFFD,2\n', ''])
      expect(decodeTable(Buffer.from(text), 't.csv')).toBe(text)
  })

  it.each([
    ['a,b\n1,Käse\n', 'line 2: the byte 0xE4 after "1,K" is not UTF-8'],
    ['a,b\r\n1,2\r\n3,ö\r\n', 'line 3: the byte 0xF6 after "3," is not UTF-8'],
    ['a,b\r1,2\r3,4\r\xfc,6', 'line 4: the byte 0xFC at its start is not UTF-8'],
    // The first two bytes of a character of three, as the last of the file.
    ['a,b\n1,\xef\xbf', 'line 2: the byte 0xEF after "1," is not UTF-8'],
    // A replacement character in good order stands before the fault.
    ['a,b\n\xef\xbf\xbd,\xff', 'line 2: the byte 0xFF after "\uFFFD," is not UTF-8'],
    ['Größe,b\n1,2\n', 'line 1: the byte 0xF6 after "Gr" is not UTF-8'],
  ])('%j as bytes is refused', (text, message) => {
    const decode = (): string => decodeTable(latin(text), 't.csv')
    expect(decode).toThrow(DataError)
    expect(decode).toThrow(`t.csv: ${message}`)
    expect(decode).toThrow('Save it as UTF-8.')
  })

  it('leaves UTF-16 to the words it has', async () => {
    const path = files.write('utf16.csv', Buffer.from(`\uFEFF${levels}`, 'utf16le'))
    const { code, stderr } = await webkan(['fit', path, '--target', 'y'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'webkan: utf16.csv: the file is binary or UTF-16 (it holds a zero byte). Save it as comma-separated text in UTF-8.\n',
    })
  })

  it('keeps levels apart, or is refused: Latin-1 would make Käse and Köse one', async () => {
    const { code, stdout, stderr } = await webkan([
      'fit',
      files.write('latin.csv', latin(levels)),
      '--target',
      'y',
    ])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe(
      'webkan: latin.csv: line 2: the byte 0xE4 after "0,K" is not UTF-8: the file is in another encoding, such as ' +
        'Latin-1 or Windows-1252. Save it as UTF-8.\n',
    )
    const model = files.path('levels.safetensors')
    const table = files.write('levels.csv', `\uFEFF${levels}`)
    await webkan(['fit', table, '--target', 'y', '--steps', '2', '--out', model])
    // An indicator for each level, beside x.
    const { stdout: json } = await webkan(['prune', model, '--json', '--data', table])
    expect(json).toContain('[4,')
  })
})
