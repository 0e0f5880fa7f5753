import { describe, expect, it } from 'vitest'
import { compile, complexity, parse, toText, variables } from '../../../src/formula/index.ts'
import {
  withFactorsBefore,
  withFactorsInside,
  withLevels,
  withMapsTurned,
  withPlainBases,
} from '../../../src/interpret/constants/levelmaps.ts'
import { levelsOf } from '../../../src/interpret/constants/levels.ts'
import { ColumnTable } from '../../../src/interpret/constants/problem.ts'

/** u and v are levels of one text, w is one of another. */
const FIRST = { names: ['u', 'v'], isComplete: false }
const SECOND = { names: ['w'], isComplete: false }
const LEVELS = new Map([
  ['u', FIRST],
  ['v', FIRST],
  ['w', SECOND],
])

/** Values of u, v, w, x and z: every level with either of w. */
const ROWS = [
  [0, 0, 0, 1.3, 0.4],
  [1, 0, 0, 0.7, 2.1],
  [0, 1, 0, 2.9, 1.7],
  [0, 0, 1, 0.2, 0.9],
  [1, 0, 1, 1.1, 3.3],
  [0, 1, 1, 1.9, 0.6],
]

function groupsOf(names: readonly string[], rows: readonly (readonly number[])[]): string[][] {
  const levels = levelsOf(
    names,
    names.map((_, i) => rows.map(row => row[i]!)),
  )
  return [...new Set(levels.values())].map(({ names }) => [...names])
}

describe('levels of texts', () => {
  const text = Array.from({ length: 60 }, (_, r) => [r / 7, ...[0, 1, 2].map(k => Number(r % 3 === k))])

  it('are columns of 0 and 1 of which no two are 1 together', () => {
    expect(groupsOf(['x', 'a', 'b', 'c'], text)).toEqual([['a', 'b', 'c']])
    expect(levelsOf(['a'], [[1, 0, 1]]).get('a')).toEqual({ names: ['a'], isComplete: false })
    expect(
      levelsOf(
        ['m=a', 'm=b'],
        [
          [1, 0, 1],
          [0, 1, 0],
        ],
      ).get('m=b'),
    ).toEqual({ names: ['m=a', 'm=b'], isComplete: true })
    // 1 on every second row, beside the levels of every third: all pairs come.
    const beside = text.map((row, r) => [...row, r % 2])
    expect(groupsOf(['x', 'a', 'b', 'c', 'even'], beside)).toEqual([['a', 'b', 'c'], ['even']])
  })

  it('need rows that would show them together, or the names of one column', () => {
    // Of 12 rows each is 1 on four: 4/3 would be both by chance.
    const few = text.slice(0, 12)
    expect(groupsOf(['x', 'a', 'b', 'c'], few)).toEqual([['a'], ['b'], ['c']])
    expect(groupsOf(['x', 'm=a', 'm=b', 'k=c'], few)).toEqual([['m=a', 'm=b'], ['k=c']])
    expect(groupsOf(['x', 'm=a', 'm=ab', 'm=b'], few)).toEqual([['m=a', 'm=ab', 'm=b']])
  })
})

describe('functions of levels', () => {
  it.each([
    ['x*exp(0.6931471805599453*u)', 'x*(u + 1)'],
    ['x - u*x/2 - 0.6*v*x + z', 'x*(1 - 0.5*u - 0.6*v) + z'],
    ['x*2^u', 'x*(u + 1)'],
    ['2*x*exp(0.5596157879354227*u - log(2)*v)', '2*x*(0.75*u - 0.5*v + 1)'],
    ['exp(log(3)*u + x)', 'exp(x)*(2*u + 1)'],
    ['x/exp(log(2)*u)', 'x/(u + 1)'],
    ['x*(1 + u)^2*z*(1 + 3*v)^0.5', 'x*z*(3*u + v + 1)'],
    ['x*exp(log(2)*u + log(3)*w)', 'x*(u + 1)*(2*w + 1)'],
    ['sin(x)*u^3/(1 + u)', 'sin(x)*0.5*u'],
    ['tanh(1/(0.5 - 0.25*u))', '0.03530172*u + 0.96402758'],
    ['x + u*v', 'x + 0'],
    ['sqrt(x)*(4 + 5*u)^0.5', 'sqrt(x)*(u + 2)'],
  ])('%s is %s', (before, after) => {
    const tree = parse(before)
    const tried = withLevels(tree, LEVELS)
    const inWords = toText(tried).replaceAll(/\d\.\d{9,}/g, digits =>
      String(Number(Number(digits).toFixed(9))),
    )
    expect(inWords).toBe(after)
    expect(complexity(tried)).toBeLessThanOrEqual(complexity(tree))
    // The same on every row: a few roundings of numbers up to 100.
    const names = ['u', 'v', 'w', 'x', 'z']
    for (const row of ROWS)
      expect(Math.abs(compile(tried, names)(row) - compile(tree, names)(row))).toBeLessThan(1e-13)
  })

  it.each([
    // A map would be longer, or has no value: log(0).
    'x*exp(u)',
    'x + log(u)',
    // They are maps.
    'x*(u + 1)/(2 - v)',
    'x + 3*u - v/2',
    'x + u*x/2',
    'x + u*x + w*x',
    // Other columns are beside them.
    'sin(u + x)',
    'exp(x*u)',
  ])('%s stays', text => {
    expect(toText(withLevels(parse(text), LEVELS))).toBe(toText(parse(text)))
  })

  it('take numbers in where that is shorter', () => {
    const inside = (text: string): string => toText(withFactorsInside(parse(text), LEVELS))
    expect(inside('x*(3*u - 2*v + 4)/2')).toBe('x*(1.5*u - v + 2)')
    expect(inside('2*x/(z*(1 + 0.5*u))')).toBe('x/(z*(0.25*u + 0.5))')
    expect(inside('x/(2*(1 + 0.5*u))')).toBe('x/(u + 2)')
    expect(inside('8.314*x*(u + 1)')).toBe('8.314*x*(u + 1)')
    expect(inside('3*(1.1*u + 0.4127)*x')).toBe('(3.3*u + 1.2381)*x')
  })

  it('have their constants before them where they shall', () => {
    const before = (text: string): string => toText(withFactorsBefore(parse(text), LEVELS))
    expect(before('x*(3*u - 2*v + 4)/2')).toBe('2*x*(0.75*u - 0.5*v + 1)')
    expect(before('x*(z*(u + 2))*3')).toBe('6*x*z*(0.5*u + 1)')
    expect(before('x*(u + 2)*(3*w + 4)')).toBe('8*x*(0.5*u + 1)*(0.75*w + 1)')
    expect(before('x/(z*(u + 4))')).toBe('0.25*x/(z*(0.25*u + 1))')
    expect(before('x*(u + v) + u + 2')).toBe('x*(u + v) + u + 2')
  })

  it('start from the plainest level, where one is on every row', () => {
    const group = { names: ['u', 'v', 'w'], isComplete: true }
    const levels = new Map(group.names.map(name => [name, group]))
    const based = (text: string): string => toText(withPlainBases(parse(text), levels))
    // The levels say 3.5, 1 and 2.
    expect(based('x*(1.5*u - v + 2)')).toBe('x*(2.5*u + w + 1)')
    // Two are alike.
    expect(based('x*(2 - u)')).toBe('x*(2 - u)')
    expect(based('x*(3 - 2*v - 2*u)')).toBe('x*(2*w + 1)')
    expect(based('x + 2 - u')).toBe('x + 2 - u')
    expect(toText(withPlainBases(parse('x*(1.5*u - v + 2)'), LEVELS))).toBe('x*(1.5*u - v + 2)')
  })

  it('change sides of fractions, where no level makes them 0', () => {
    const turned = (text: string): string => toText(withMapsTurned(parse(text), LEVELS))
    expect(turned('x*(1 - 0.5*u)/z')).toBe('x/((u + 1)*z)')
    expect(turned('x/(u + 1) + 2')).toBe('x*(1 - 0.5*u) + 2')
    expect(turned('x*(1 - u)')).toBe('x*(1 - u)')
    expect(turned('exp(x*(1 + x))*u')).toBe('exp(x*(1 + x))*u')
  })

  it('are maps in the normal form on a table', () => {
    const names = ['m=a', 'm=b', 'x']
    const rows = Array.from({ length: 30 }, (_, r) => [Number(r % 3 === 0), Number(r % 3 === 1), 1 + r])
    const table = new ColumnTable(names, rows.flat(), Array<number>(30).fill(0), 30)
    const normal = table.normalised(parse('3*x*exp(log(2)*`m=a` - log(3)*`m=b`)', { variables: names }))
    expect(variables(normal)).toHaveLength(3)
    // The levels say 6, 1 and, neither a nor b, 3; the rows have no column of that.
    expect(toText(normal)).toBe('x*(3*`m=a` - 2*`m=b` + 3)')
  })
})
