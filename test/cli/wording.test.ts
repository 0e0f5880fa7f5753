import { describe, expect, it } from 'vitest'
import { structureWords, tooLong } from '../../src/cli/discover.ts'
import { worded } from '../../src/cli/wording.ts'
import { ConfigError } from '../../src/errors.ts'

describe('the words of the command', () => {
  it('name structures by their nodes', () => {
    expect(structureWords('log y = + +(1 2) *(1|3) -> +')).toBe('log y: 2 sums, 1 product -> 1 sum')
    expect(structureWords('')).toBe('')
  })

  it('say that a formula is too long to keep', () => {
    expect(tooLong('x'.repeat(20001))).toMatch(
      /has 20001 characters, too long to keep in the file, which takes \d+/,
    )
  })

  it('stand in errors of the library, which keep their class', async () => {
    const fail = (): never => {
      throw new ConfigError('{ node: 5 } is too much')
    }
    const told = worded([[/\{ node: (\d) \}/g, '--node $1']], fail)
    await expect(told).rejects.toThrow('--node 5 is too much')
    await expect(told).rejects.toBeInstanceOf(ConfigError)
    const shown = worded([[/\d/g, digit => String(2 * Number(digit))]], fail)
    await expect(shown).rejects.toThrow('{ node: 10 } is too much')
  })
})
