import { describe, expect, it } from 'vitest'
import { format, formatLegend, parse } from '../../../src/formula/index.ts'
import { numberRows, output, runs } from './foreign.ts'
import { expectAgreement, names, samples } from './samples.ts'

const hasNumpy = runs('python3', '-c', 'import numpy, scipy.special')
const hasPython = runs('python3', '-c', '')
const hasSympy = runs('python3', '-c', 'import sympy')

/**
 * Runs every program in a namespace of its own and prints the values of its function f at the points, a line a program: the
 * first point is given as plain numbers, the others as arrays.
 */
const runPrograms = `
import json, sys, warnings
import numpy as np
warnings.simplefilter('ignore')
for program, rows in json.load(sys.stdin):
    space = {}
    exec(program, space)
    columns = np.array(rows).T
    y = np.broadcast_to(space['f'](*columns), (len(rows),))
    print(repr(float(space['f'](*rows[0]))), *(repr(float(value)) for value in y[1:]))
`

/** The same for SymPy: exact values of the points are put in, and 40 digits are kept until the end. */
const runSympy = `
import json, sys
import sympy
for program, rows in json.load(sys.stdin):
    line = []
    for row in rows:
        try:
            space = {}
            exec(program, space)
            f = sympy.sympify(space['f'])
            values = dict(zip(json.loads(sys.argv[1]), row))
            point = {s: sympy.Float(values[s.name], 40) for s in f.free_symbols}
            y = f.subs(point).evalf(40, maxn=400)
            line.append(repr(float(y)) if y.is_real else 'nan')
        except (ValueError, TypeError) as error: # Max(nan, x), a comparison of complex numbers
            line.append('nan')
    print(*line)
`

/** The same where there is no SymPy: a module of that name in which symbols are numbers already. */
const runStub = `
import json, math, sys, types
stub = types.ModuleType('sympy')
for name in 'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sqrt erf floor atan2 pi'.split():
    setattr(stub, name, getattr(math, name))
stub.exp = lambda x: math.exp(x) if x < 709.78 else math.inf
stub.log = lambda x, base=math.e: math.log(x)/math.log(base)
stub.Abs, stub.ceiling, stub.Min, stub.Max, stub.S, stub.E = abs, math.ceil, min, max, float, math.e
stub.oo, stub.nan = math.inf, math.nan
stub.sign = lambda x: (x > 0) - (x < 0)
nodes = [math.pi*(i + 0.5)/2000 for i in range(2000)] # Bessel's integral
stub.besselj = lambda n, x: sum(math.cos(n*t - x*math.sin(t)) for t in nodes)/2000
sys.modules['sympy'] = stub
for program, rows in json.load(sys.stdin):
    line = []
    for row in rows:
        values = dict(zip(json.loads(sys.argv[1]), row))
        stub.Symbol = lambda name, real: values[name]
        space = {}
        try:
            exec(program, space)
            line.append(repr(float(space['f'])))
        except (ValueError, TypeError, ZeroDivisionError, OverflowError):
            line.append('nan')
    print(*line)
`

describe('Python', () => {
  it.skipIf(!hasNumpy)(
    `computes what the formulas are worth${hasNumpy ? '' : ' (skipped: python3 with numpy and scipy is not here)'}`,
    () => {
      const list = samples(400)
      for (const form of ['program', 'expression'] as const) {
        const programs = list.map(({ expression }) => {
          const program = format(expression, 'python', { variables: names })
          if (form === 'program') return program
          const alone = format(expression, 'python', { variables: names, form })
          return `${program.slice(0, program.lastIndexOf('return '))}return ${alone}\n`
        })
        const input = JSON.stringify(programs.map((program, i) => [program, list[i]!.rows]))
        expectAgreement(list, numberRows(output('python3', ['-c', runPrograms], input)), 2000)
      }
    },
  )

  it.each([
    ['-x1^2', '-x1**2'],
    ['(-x1)^2', '(-x1)**2'],
    ['2^-x1', '2**-x1'],
    ['2^70*x1', '2.0**70*x1'],
    ['1/3', '1.0/3'],
    ['abs(2)^-3', 'np.abs(2.0)**-3'],
    ['x1 + 1e22', 'x1 + 1e+22'],
    ['erf(x1)', 'special.erf(x1)'],
    ['log(-1)*x1', 'np.nan*x1'],
  ])('writes %s', (text, expected) => {
    expect(format(parse(text), 'python', { form: 'expression' })).toBe(expected)
  })

  it('imports scipy only where numpy lacks a function', () => {
    expect(format(parse('exp(sin(pi*x1) + x2^2)'), 'python')).toBe(
      [
        'import numpy as np',
        '',
        'def f(x1, x2):',
        '    x1 = np.asarray(x1, dtype=float)',
        '    x2 = np.asarray(x2, dtype=float)',
        '    return np.exp(np.sin(np.pi*x1) + x2**2)',
        '',
      ].join('\n'),
    )
    expect(format(parse('J0(x1)'), 'python')).toContain('\nfrom scipy import special\n')
  })
})

describe('SymPy', () => {
  it.skipIf(!hasSympy)(
    `computes what the formulas are worth${hasSympy ? '' : ' (skipped: python3 with sympy is not here)'}`,
    () => {
      // Two points each: 40 digits take 10 ms a point.
      const list = samples(60).map(each => ({
        ...each,
        rows: each.rows.slice(0, 2),
        values: each.values.slice(0, 2),
        bounds: each.bounds.slice(0, 2),
      }))
      const programs = list.map(({ expression }) => format(expression, 'sympy', { variables: names }))
      const input = JSON.stringify(programs.map((program, i) => [program, list[i]!.rows]))
      const values = numberRows(output('python3', ['-c', runSympy, JSON.stringify(names)], input))
      expectAgreement(list, values, 150, { complex: true })
    },
  )

  it.skipIf(!hasPython)(
    `is Python that computes with numbers too${hasPython ? '' : ' (skipped: python3 is not here)'}`,
    () => {
      const list = samples(150)
      const programs = list.map(({ expression }) => format(expression, 'sympy', { variables: names }))
      const input = JSON.stringify(programs.map((program, i) => [program, list[i]!.rows]))
      const values = numberRows(output('python3', ['-c', runStub, JSON.stringify(names)], input))
      // Plain Python stops at 1/0, where the others go on.
      const stops = new Set(['1/(1/0 - x1)', 'exp(-1/0)*x1'])
      expect(values).toHaveLength(list.length)
      expectAgreement(
        list.filter(({ text }) => !stops.has(text)),
        values.filter((_, i) => !stops.has(list[i]!.text)),
        1000,
      )
    },
  )

  it.each([
    ['1/3*x1', 'S(1)/3*x1'],
    ['x1/3', 'x1/3'],
    ['x1^(-1/2)', 'x1**(S(-1)/2)'],
    ['cbrt(x1)', 'sign(x1)*Abs(x1)**(S(1)/3)'],
    ['log10(x1) + e', 'log(x1, 10) + E'],
    ['1/0*x1', 'oo*x1'],
  ])('writes %s', (text, expected) => {
    expect(format(parse(text), 'sympy', { form: 'expression' })).toBe(expected)
  })

  it('keeps the names of the columns', () => {
    const text = 'lambda*`sound pressure`'
    expect([...formatLegend(parse(text), 'sympy')]).toEqual([
      ['lambda', 'lambda_2'],
      ['sound pressure', 'sound_pressure'],
    ])
    expect(format(parse(text), 'sympy')).toBe(
      [
        'from sympy import Symbol',
        '',
        'lambda_2 = Symbol("lambda", real=True)',
        'sound_pressure = Symbol("sound pressure", real=True)',
        '',
        'f = lambda_2*sound_pressure',
        '',
      ].join('\n'),
    )
  })
})
