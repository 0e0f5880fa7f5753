import { describe, expect, it } from 'vitest'
import { FormatError } from '../../../src/errors.ts'
import { equals, format, fromJson, multiply, parse, toJson, variable } from '../../../src/formula/index.ts'
import type { Expression } from '../../../src/formula/index.ts'
import { Random } from '../../../src/random.ts'
import { randomTree } from '../trees.ts'

describe('JSON', () => {
  it('is read back node by node', () => {
    const random = new Random(7)
    for (let i = 0; i < 1000; i++) {
      const tree = randomTree(random, i % 7)
      const text = toJson(tree)
      expect(equals(fromJson(text), tree)).toBe(true)
      expect(() => {
        JSON.parse(text)
      }).not.toThrow()
    }
  })

  it('lists the nodes in the order of their computation', () => {
    expect(toJson(parse('exp(2*x)*x - -0'))).toBe(
      [
        '{"format":"webkan formula","version":1,"variables":["x"],"nodes":[',
        '["number",2],',
        '["variable","x"],',
        '["multiply",0,1],',
        '["exp",2],',
        '["multiply",3,1],',
        '["number",-0],',
        '["subtract",4,5]',
        ']}',
        '',
      ].join('\n'),
    )
  })

  it('writes shared subtrees once', () => {
    let tree: Expression = variable('x')
    for (let i = 0; i < 60; i++) tree = multiply(tree, tree)
    const text = format(tree, 'json')
    expect(text.split('\n')).toHaveLength(64)
    let [left, depth] = [fromJson(text), 0]
    for (; left.kind === 'multiply'; depth++) {
      expect(left.left).toBe(left.right)
      left = left.left
    }
    expect(depth).toBe(60)
  })

  it('holds sums of 100,000 terms', () => {
    let tree: Expression = variable('x')
    for (let i = 0; i < 100_000; i++) tree = { kind: 'add', left: tree, right: variable('y') }
    expect(equals(fromJson(toJson(tree)), tree)).toBe(true)
  })

  const nodes = (...list: unknown[]): string =>
    JSON.stringify({ format: 'webkan formula', version: 1, nodes: list })

  it.each([
    ['', 'is no JSON'],
    ['[1]', "its format is not 'webkan formula'"],
    ['null', "its format is not 'webkan formula'"],
    ['{"format":"webkan formula","version":2,"nodes":[["number",1]]}', 'version is 2; this webkan reads 1'],
    ['{"format":"webkan formula","version":1}', 'no list of nodes'],
    [nodes(), 'no list of nodes'],
    [nodes(['number', '1']), 'node 0 is a number without a finite value'],
    ['{"format":"webkan formula","version":1,"nodes":[["number",1e999]]}', 'without a finite value'],
    [nodes(['number']), 'node 0 has 0 operands; number has 1'],
    [nodes(['variable', '']), 'node 0 is a variable without a name'],
    [nodes(['variable', 3]), 'node 0 is a variable without a name'],
    [nodes(['constant', 'phi']), "node 0 is a constant that is not known: 'phi'"],
    [nodes(['constant', 'toString']), 'constant that is not known'],
    [nodes(['number', 1], ['add', 0]), 'node 1 has 1 operands; add has 2'],
    [nodes(['number', 1], ['sin', 1]), 'node 1 has the operand 1, which is no earlier node'],
    [nodes(['number', 1], ['sin', -1]), 'which is no earlier node'],
    [nodes(['number', 1], ['sin', 'length']), 'which is no earlier node'],
    [nodes(['number', 1], ['sin', 0.5]), 'which is no earlier node'],
    [nodes(['number', 1], ['constructor', 0]), "operation that is not known: 'constructor'"],
    [nodes(['number', 1], ['__proto__', 0]), "operation that is not known: '__proto__'"],
    [nodes({ sin: 0 }), 'node 0 is no list that begins with a name'],
    [nodes([['sin'], 0]), 'node 0 is no list that begins with a name'],
  ])('refuses %s', (text, message) => {
    expect(() => fromJson(text)).toThrow(FormatError)
    expect(() => fromJson(text)).toThrow(message)
  })
})
