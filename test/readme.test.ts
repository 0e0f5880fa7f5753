import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as formula from '../src/formula/index.ts'
import * as webkan from '../src/index.ts'
import { seeded } from './oracle/random.ts'

/** The README's programs, but for the last one, which needs a page. */
const programs = [
  ...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^```js\n(.*?)^```$/gms),
]
  .map(([, text = '']) => text)
  .slice(0, -1)

/** x and y of the first program, which later ones go on with. */
const rows = programs[0]!.split('\n').filter(line => /^const [xy] =/.test(line))

/** A program as the body of a function: names come from its scope in the place of imports. */
function bodyOf(program: string): string {
  const text = program.replaceAll(/^import .*$/gm, '')
  return (/^const x =/m.test(text) ? [] : rows).concat(`{ ${text} }`).join('\n')
}

const names = { ...webkan, ...formula }
type Program = (...values: readonly unknown[]) => Promise<void>
const constructorOf: (of: object) => unknown = of => Reflect.get(of, 'constructor')
const AsyncFunction = constructorOf(async () => {}) as new (...texts: readonly string[]) => Program

/** What a program logs. */
async function logged(program: string): Promise<unknown[][]> {
  const lines: unknown[][] = []
  const own = { ...names, console: { log: (...values: unknown[]) => lines.push(values) } }
  await new AsyncFunction(...Object.keys(own), bodyOf(program))(...Object.values(own))
  return lines
}

beforeEach(() => {
  vi.spyOn(Math, 'random').mockImplementation(seeded(1))
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe("the README's programs", () => {
  it('are those below, and import what there is', () => {
    expect(programs).toHaveLength(5)
    const imported = programs.join('\n').matchAll(/^import \{ (.*) \} from '(.*)'$/gm)
    for (const [, list = '', from] of imported) {
      const module: object = from === 'webkan' ? webkan : formula
      for (const name of list.split(', ')) expect(Object.keys(module)).toContain(name)
    }
  })

  it('train, save and go on', async () => {
    const lines = await logged(programs[0]!)
    const { value, rmse } = lines.at(-2)![0] as { value: number; rmse: number }
    // A fit that has learned nothing is off by the deviation of y, near 1.
    expect(rmse).toBeLessThan(0.5)
    expect(value).toBeGreaterThan(0)
    expect(lines.at(-1)).toEqual([0])
  })

  it('tell classes apart', async () => {
    // 0.5 * 0.5 > 0.
    expect((await logged(programs[1]!)).at(-1)).toMatchObject([{ label: 1 }])
  })

  it('refine grids', async () => {
    const lines = await logged(programs[2]!)
    expect(lines[0]![0]).toBe('lm')
    expect(lines.slice(1).map(([intervals]) => intervals)).toEqual(
      [3, 5, 10, 20, 50, 100].map(own => [own, own]),
    )
  })

  it('lead to the formula', async () => {
    const lines = await logged(programs[3]!)
    expect(lines[0]![0]).toBe('sin')
    expect(lines[1]![0]).toEqual(['exp(sin(pi*x1) + x2^2)'])
    expect(lines[2]![0]).toContain('def f(x1, x2)')
    expect(lines[3]![0]).toBe('exp(sin(pi*a) + b^2)')
  })

  it('train populations', async () => {
    expect((await logged(programs[4]!.replace('seeds: 64', 'seeds: 8'))).at(-1)![1]).toBeGreaterThan(0)
  })
})
