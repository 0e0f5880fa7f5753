import { describe, expect, it } from 'vitest'
import { equals, parse, toText } from '../../../src/formula/index.ts'
import type { Expression } from '../../../src/formula/index.ts'
import { Random } from '../../../src/random.ts'
import { randomTree } from '../trees.ts'

/** The tree of the text, or undefined when there is none. */
function tryParse(text: string): Expression | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** The texts with one pair of parentheses taken away (replaced by spaces), those of calls left alone. */
function withoutOnePair(text: string): string[] {
  const open: number[] = []
  const shorter: string[] = []
  let quoted = false
  for (const [i, character] of text.split('').entries()) {
    if (character === '`') quoted = !quoted
    if (quoted) continue
    if (character === '(') open.push(i)
    if (character !== ')') continue
    const start = open.pop()!
    if (start > 0 && /[\p{L}\d_`]/u.test(text[start - 1]!)) continue
    shorter.push(`${text.slice(0, start)} ${text.slice(start + 1, i)} ${text.slice(i + 1)}`)
  }
  return shorter
}

describe('toText', () => {
  it('prints what parse reads back, node by node', () => {
    const random = new Random(1)
    const misread: string[] = []
    for (let i = 0; i < 3000; i++) {
      const tree = randomTree(random, 1 + (i % 6))
      const text = toText(tree)
      const back = tryParse(text)
      if (back === undefined || !equals(back, tree)) misread.push(text)
    }
    expect(misread).toEqual([])
  })

  it('prints no parentheses that could be left out', () => {
    const random = new Random(2)
    const same: string[] = []
    let pairs = 0
    for (let i = 0; i < 1000; i++) {
      const tree = randomTree(random, 4)
      for (const shorter of withoutOnePair(toText(tree))) {
        const other = tryParse(shorter)
        if (other !== undefined && equals(other, tree)) same.push(shorter)
        pairs++
      }
    }
    expect(same).toEqual([])
    expect(pairs).toBeGreaterThan(500)
  })

  it('rounds numbers to the digits asked for', () => {
    const tree = parse('exp(sin(3.14159265*x1) + 0.99996*x2^2 - 123456.7)')
    expect(toText(tree, { digits: 4 })).toBe('exp(sin(3.142*x1) + 1*x2^2 - 123500)')
  })
})
