import { describe, expect, it, vi } from 'vitest'
import { STARTS } from '../../src/train/defaults.ts'
import { fitDefaults } from '../../src/cli/defaults.ts'
import { grid, noBreak, pairs, paragraph, wrap } from '../../src/cli/layout.ts'
import { byteSize, duration, short, shortBelow } from '../../src/cli/numbers.ts'
import { createProgressDisplay } from '../../src/cli/progress.ts'
import { errorTable } from '../../src/cli/report.ts'
import { isColourful } from '../../src/cli/shell.ts'
import type { Output, Shell } from '../../src/cli/shell.ts'
import type { FitProgress } from '../../src/train/options.ts'
import { fakeTerminal, shippedTable, webkan } from './command.ts'

const plain = (text: string): string => text

function shellOn(stderr: Output, env: Shell['env'] = {}): Shell {
  return {
    stdout: stderr,
    stderr,
    env,
    onInterrupt: () => () => {},
    requestEngine: () => Promise.reject(new Error('unused')),
  }
}

function progressAt(step: number, seconds: number): FitProgress {
  return {
    step,
    steps: 1000,
    stage: 1,
    stages: 1,
    intervals: [5],
    epoch: 1,
    functionEvaluations: step,
    loss: 0.0412,
    losses: new Float64Array(),
    evaluation: undefined,
    seconds,
    stepsPerSecond: step / seconds,
  }
}

describe('numbers for people', () => {
  it.each([
    [0, '0.000'],
    [0.0412345, '0.04123'],
    [9.876e-5, '9.88e-5'],
    [123.456, '123.5'],
    [12345.6, '12346'],
    [1.5e9, '1.50e+9'],
    [Number.NaN, 'NaN'],
  ])('short(%s) is %s', (value, text) => expect(short(value)).toBe(text))

  it.each([
    [0, '0'],
    [0.3, '0.3'],
    [0.997731087719116, '0.9977'],
    [0.99778, '0.9977'],
    [0.99999, '0.9999'],
    [5.06149, '5.061'],
    [1.23456e-7, '1.234e-7'],
    [Number.NaN, 'NaN'],
  ])('shortBelow(%s) is %s', (value, text) => expect(shortBelow(value)).toBe(text))

  it.each([
    [0.04, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min'],
  ])('duration(%s) is %s', (seconds, text) => expect(duration(seconds)).toBe(text))

  it.each([
    [812, '812 B'],
    [8120, '8.1 kB'],
    [24_000, '24 kB'],
    [1_234_567, '1.2 MB'],
  ])('byteSize(%s) is %s', (bytes, text) => expect(byteSize(bytes)).toBe(text))
})

describe('layout', () => {
  it('wraps at spaces and keeps long words whole', () => {
    expect(wrap('a bb ccc dddddddd', 6)).toEqual(['a bb', 'ccc', 'dddddddd'])
  })

  it('does not break where a space stands for that', () => {
    const text = `a${noBreak}1, b${noBreak}2`
    expect(paragraph(text, 7)).toBe('  a 1,\n  b 2\n')
    expect(pairs([['n', text]], plain, 9)).toBe('  n  a 1,\n     b 2\n')
  })

  it('aligns names and texts, and numbers to the right', () => {
    expect(
      pairs(
        [
          ['a', 'x'],
          ['name', 'y'],
        ],
        plain,
      ),
    ).toBe('  a     x\n  name  y\n')
    expect(
      grid(
        [
          ['', 'n'],
          ['row', '10'],
          ['long row', '5'],
        ],
        plain,
      ),
    ).toBe('              n\n  row        10\n  long row    5\n')
  })
})

describe('errorTable', () => {
  it('stays aligned for an R2 of any size', () => {
    const evaluation = { rows: 300, loss: 0.2, rmse: 1.5, mae: 1, accuracy: undefined }
    const text = errorTable(
      [
        ['train', { ...evaluation, r2: 0.97654 }],
        ['test', { ...evaluation, r2: -5.7e34 }],
        ['rest', { ...evaluation, r2: Number.NaN }],
      ],
      plain,
    )
    expect(text).toBe(
      '          rows    RMSE          R2     loss\n' +
        '  train    300   1.500      0.9765   0.2000\n' +
        '  test     300   1.500   -5.70e+34   0.2000\n' +
        '  rest     300   1.500        none   0.2000\n',
    )
  })
})

describe('progress', () => {
  it('is a bar within 80 columns on a terminal, and is gone at the end', async () => {
    const { output, written } = fakeTerminal(true)
    const display = createProgressDisplay(shellOn(output, { NO_COLOR: '1' }), 1000)
    display.show(progressAt(640, 100))
    expect(written()).toMatch(/░{24} {3}0% {2}the first step/)
    // The bar is drawn ten times a second.
    await vi.waitFor(() =>
      expect(written()).toMatch(/█{15}░{9} {2}64% {2}loss 0\.04120 {2}6\.4 steps\/s {2}56 s left/),
    )
    const bar =
      written()
        .split('\u001B')
        .find(part => part.includes('█')) ?? ''
    expect(bar.length).toBeLessThanOrEqual(80)
    display.end()
    // Ends with the cursor shown (?25h) after the line was erased.
    expect(written()).toContain('\u001B[?25h')
  })

  it('is at most ten plain lines elsewhere', () => {
    const { output, written } = fakeTerminal(false)
    const display = createProgressDisplay(shellOn(output), 1000)
    for (let step = 1; step <= 1000; step++) display.show(progressAt(step, step / 10))
    display.end()
    const lines = written().trimEnd().split('\n')
    expect(lines.length).toBe(10)
    expect(lines[0]).toBe('step 100 of 1000  loss 0.04120  10 steps/s  1 min 30 s left')
  })

  it('says early how long slow steps will take, and breaks a long silence', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { output, written } = fakeTerminal(false)
      const display = createProgressDisplay(shellOn(output), 1000)
      vi.advanceTimersByTime(10_000)
      display.show(progressAt(1, 12))
      vi.advanceTimersByTime(25_000)
      display.stopping()
      vi.advanceTimersByTime(25_000)
      display.end()
      expect(written().trimEnd().split('\n')).toEqual([
        'still at work in the first of 1000 steps, 10 s since the start',
        'note: the first step took 12 s; at this pace (0.083 steps/s) the other 999 take 3 h 19 min. Ctrl-C stops early; ' +
          'fewer --hidden nodes, --steps or --batch rows take less.',
        'step 1 of 1000  loss 0.04120  0.083 steps/s  3 h 19 min left',
        'still at work after step 1 of 1000, 20 s since the start',
        'still at work after step 1 of 1000, 30 s since the start',
        'note: stopping after this step; Ctrl-C again to leave at once',
      ])
    } finally {
      vi.useRealTimers()
    }
  })

  it('names the grid where there are several, and follows their number of steps', () => {
    const { output, written } = fakeTerminal(false)
    const display = createProgressDisplay(shellOn(output), 50, 'lm')
    display.show({ ...progressAt(70, 7), steps: 140, stage: 2, stages: 3, intervals: [10, 10] })
    display.end()
    expect(written()).toBe('step 70 of 140  grid 10  loss 0.04120  10 steps/s  7.0 s left\n')
  })

  it('is nothing for a run of under a second', () => {
    const { output, written } = fakeTerminal(false)
    const display = createProgressDisplay(shellOn(output), 1000)
    for (let step = 1; step <= 1000; step++) display.show(progressAt(step, step / 1100))
    expect(written()).toBe('')
  })
})

describe('colour', () => {
  it('is for terminals, unless NO_COLOR or TERM=dumb says otherwise', () => {
    const { output } = fakeTerminal(true)
    expect(isColourful(output, {})).toBe(true)
    expect(isColourful(output, { NO_COLOR: '1' })).toBe(false)
    expect(isColourful(output, { NO_COLOR: '' })).toBe(true)
    expect(isColourful(output, { TERM: 'dumb' })).toBe(false)
    expect(isColourful(fakeTerminal(false).output, {})).toBe(false)
  })

  it('paints a refusal on a terminal', async () => {
    const { output, written } = fakeTerminal(true)
    await webkan(['fit', shippedTable('wine'), '--target', 'grape'], { stderr: output })
    expect(written()).toContain('\u001B[31mwebkan:\u001B[39m wine.csv: there is no target column "grape"')
  })
})

describe('help', () => {
  it.each([
    [['--help']],
    [['fit', '--help']],
    [['predict', '--help']],
    [['eval', '--help']],
    [['info', '--help']],
  ])('%j exits 0 within 80 columns', async args => {
    const { code, stdout, stderr } = await webkan(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('is as wide as the terminal, up to 120 columns', async () => {
    const longest = async (columns: number): Promise<number> => {
      const { output: stdout, written } = fakeTerminal(true, columns)
      await webkan(['fit', '--help'], { stdout, env: { NO_COLOR: '1' } })
      return Math.max(
        ...written()
          .split('\n')
          .map(line => line.length),
      )
    }
    expect(await longest(200)).toBe(await longest(120))
    const wide = await longest(120)
    expect(wide).toBeLessThanOrEqual(120)
    expect(wide).toBeGreaterThan(100)
  })

  it('shows every option of fit that the documentation promises', async () => {
    const { stdout } = await webkan(['fit', '--help'])
    const promised =
      'target function range samples ignore task hidden arity grid degree optimizer steps lr batch restarts refine grid-update lambda entropy test val seed device threads out json missing'
    for (const option of promised.split(' ')) expect(stdout).toContain(`--${option}`)
  })

  it('says the defaults that fit uses, for every task and size', async () => {
    const help = (await webkan(['fit', '--help'])).stdout.replaceAll(/\s+/g, ' ')
    const many = fitDefaults('regression', 10_000)
    const few = fitDefaults('regression', 100)
    const classes = fitDefaults('classification', 10_000)
    const levenberg = fitDefaults('classification', 10_000, 'lm')
    const lbfgs = fitDefaults('classification', 10_000, 'lbfgs')
    expect(levenberg).toMatchObject({ learningRate: undefined, batch: 10_000 })
    expect(few.grid).toBe(classes.grid)
    expect(help).toContain(`(default: ${many.grid}; ${few.grid} for classes or fewer than 500 training rows)`)
    expect([fitDefaults('regression', 499).grid, fitDefaults('regression', 500).grid]).toEqual([
      few.grid,
      many.grid,
    ])
    expect(help).toContain(
      `(default: ${many.steps}; ${classes.steps} for classes; ${levenberg.steps} with lm; ${lbfgs.steps} with lbfgs)`,
    )
    expect(help).toContain(
      `(default: ${many.learningRate}; ${classes.learningRate} for classes; none with lm or lbfgs)`,
    )
    expect(help).toContain(
      `(default: all; ${many.batch} of more than 4096 training rows; always all with lm and lbfgs)`,
    )
    expect(help).toContain(`(default: 1; ${STARTS.lm} with lm or lbfgs on up to 1000 parameters)`)
    expect([fitDefaults('regression', 4096).batch, fitDefaults('regression', 4097).batch]).toEqual([
      4096,
      many.batch,
    ])
  })

  it('lists every exit code', async () => {
    const { stdout } = await webkan(['--help'])
    for (const code of [0, 1, 2, 3, 130]) expect(stdout).toMatch(new RegExp(`\\b${code} [a-z]`))
  })

  it('--version prints the version of package.json', async () => {
    expect((await webkan(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})
