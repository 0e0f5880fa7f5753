import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { format, parse } from '../../../src/formula/index.ts'
import { numberRows, output, runs } from './foreign.ts'
import { expectAgreement, names, samples } from './samples.ts'
import type { Sample } from './samples.ts'

const hasCompiler = runs('cc', '--version')

/** One C file of all the programs, each part that they share written once, and a main that prints their values. */
function wholeProgram(list: readonly Sample[], form: 'program' | 'expression'): string {
  const parts = new Set<string>()
  const calls: string[] = []
  for (const [i, { expression, rows }] of list.entries()) {
    const options = { functionName: `f${i}`, variables: names }
    const program = format(expression, 'c', options)
    const alone = format(expression, 'c', { ...options, form: 'expression' })
    const text =
      form === 'program'
        ? program
        : `${program.slice(0, program.indexOf('{\n', program.indexOf(`double f${i}(`)) + 2)}  return ${alone};\n}`
    for (const part of text.trim().split('\n\n')) parts.add(part)
    for (const row of rows) calls.push(`  printf("%.17g ", f${i}(${row.join(', ')}));`)
    calls.push('  printf("\\n");')
  }
  return [...parts, '#include <stdio.h>', `int main(void) {\n${calls.join('\n')}\n  return 0;\n}\n`].join(
    '\n\n',
  )
}

describe('C', () => {
  it.skipIf(!hasCompiler)(
    `computes what the formulas are worth${hasCompiler ? '' : ' (skipped: no cc is here)'}`,
    () => {
      const list = samples(400)
      const folder = mkdtempSync(join(tmpdir(), 'webkan-c-'))
      try {
        for (const form of ['program', 'expression'] as const) {
          const [source, program] = [join(folder, 'f.c'), join(folder, 'f')]
          writeFileSync(source, wholeProgram(list, form))
          output('cc', ['-std=c99', '-pedantic-errors', '-ffp-contract=off', '-o', program, source, '-lm'])
          expectAgreement(list, numberRows(output(program, []).replaceAll(/ $/gm, '')), 2000)
        }
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )

  it.each([
    ['1/2*x1', '1.0/2.0*x1'],
    ['-x1^2', '-(x1*x1)'],
    ['(x1 + 1)^2', 'square(x1 + 1.0)'],
    ['2^-x1', 'pow(2.0, -x1)'],
    ['-(-x1)', '-(-x1)'],
    ['max(x1, 1/0)', 'maximum(x1, INFINITY)'],
    ['pi*x1 + 1e300', '3.141592653589793*x1 + 1e+300'],
  ])('writes %s', (text, expected) => {
    expect(format(parse(text), 'c', { form: 'expression' })).toBe(expected)
  })
})
