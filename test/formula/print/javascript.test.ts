import { describe, expect, it } from 'vitest'
import { format, parse } from '../../../src/formula/index.ts'
import { expectAgreement, names, samples } from './samples.ts'

type Numbers = (...x: number[]) => number

/** One module of all the programs, each part that they share written once; its functions are f0, f1, .. */
async function functionsOf(programs: readonly string[]): Promise<readonly Numbers[]> {
  const parts = new Set(programs.flatMap(program => program.trim().split('\n\n')))
  const code = encodeURIComponent([...parts].join('\n\n'))
  const module: unknown = await import(/* @vite-ignore */ `data:text/javascript,${code}`)
  return programs.map((_, i) => exported(module, `f${i}`))
}

function exported(module: unknown, name: string): Numbers {
  const found: unknown = Reflect.get(Object(module), name)
  if (typeof found !== 'function') throw new Error(`The module exports no function ${name}.`)
  return (...x) => Number(Reflect.apply(found, undefined, x))
}

describe('JavaScript', () => {
  it('computes what the formulas are worth', async () => {
    const list = samples(400)
    for (const form of ['program', 'expression'] as const) {
      const programs = list.map(({ expression }, i) => {
        const functionName = `f${i}`
        const program = format(expression, 'javascript', { functionName, variables: names })
        if (form === 'program') return program
        // The expression in the place of the statements, which name what occurs twice.
        const alone = format(expression, 'javascript', { functionName, variables: names, form })
        const head = program.slice(0, program.indexOf('{\n', program.indexOf('export function')) + 2)
        return `${head}  return ${alone}\n}`
      })
      const compiled = await functionsOf(programs)
      const values = list.map(({ rows }, i) => rows.map(row => compiled[i]!(...row)))
      expectAgreement(list, values, 2000)
    }
  })

  it.each([
    ['-x1^2', '-(x1**2)'],
    ['(-2)^x1', '(-2)**x1'],
    ['2^-x1', '2**-x1'],
    ['2^x1^2', '2**x1**2'],
    ['(2^x1)^2', '(2**x1)**2'],
    ['3*x1^2', '3*x1**2'],
    ['-(-x1)', '-(-x1)'],
  ])('writes %s', (text, expected) => {
    expect(format(parse(text), 'javascript', { form: 'expression' })).toBe(expected)
  })
})
