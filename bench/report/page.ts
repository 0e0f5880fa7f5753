/** bench/RESULTS.md as text. */
import { ratiosOf } from '../ratios.ts'
import { OURS } from '../figure.ts'
import type { Figure } from '../figure.ts'
import {
  BYTES,
  DEVICE_STEP,
  GROWTH_WITH_BATCH,
  GROWTH_WITH_G,
  GROWTH_WITH_WIDTH,
  HOT_KERNEL,
  ITERATIONS,
  KERNEL,
  LIMITS,
  POPULATION,
  START,
  STEP,
} from '../groups.ts'
import type { BenchFile } from '../results.ts'
import { markdownTable } from '../studies/markdown.ts'
import { readable } from '../table.ts'
import { plotsOf } from './plots.ts'

/** A results file by its name, without ending. */
export interface NamedBench {
  readonly name: string
  readonly file: BenchFile
}

const HEAD = `# Results

What \`npm run bench\` measured (bench/bench.ts; every figure is in bench/results, and \`npm run bench:report\` writes this page).
Numbers are medians, with minimum and maximum in brackets. A step is forward, backward and Adam over the whole batch; the shapes
are A [2, 5, 1] with 1000 rows and G 5, B [4, 20, 20, 1] with 4096 and 10, C [64, 64, 64] with 1024 and 5, D [784, 64, 10] with 256
and 5, E [256, 256, 256] with 1024 and 8, all of degree 3. webkan computes in float32 on the GPU and in float64 on the CPU;
peers compute in float32. Peers' and our repetitions alternate; "2.0x" means that a peer takes twice our time in the same run.
`

/** The page, and the runs that it shows in full: the newest on each machine and device. */
export function renderPage(benches: readonly NamedBench[]): {
  readonly text: string
  readonly shown: readonly NamedBench[]
} {
  const newest = new Map<string, NamedBench>()
  for (const bench of benches) {
    // Deleted first, for its place in the order is the newest one's.
    newest.delete(placeOf(bench.file))
    newest.set(placeOf(bench.file), bench)
  }
  const shown = [...newest.values()].toReversed()
  const older = benches.filter(bench => !shown.includes(bench)).toReversed()
  return { text: [HEAD, ...shown.map(renderRun), ...historyOf(older)].join('\n'), shown }
}

/** What makes two runs comparable. */
function placeOf({ machine, gpu }: BenchFile): string {
  return [machine.processor, `${machine.cores} cores`, gpu?.device ?? 'no GPU'].join(', ')
}

function renderRun({ name, file }: NamedBench): string {
  const { figures } = file
  const group = (wanted: string): Figure[] => figures.filter(figure => figure.group === wanted)
  const sections = [
    ['Steps', [...stepTables(file), ...variants(group(STEP))]],
    ['Steps without the host: ms on the device', crossTable(group(DEVICE_STEP))],
    ['Growth', plotLinks(name, file, 'growth')],
    [
      'Growth, in numbers',
      [GROWTH_WITH_G, GROWTH_WITH_WIDTH, GROWTH_WITH_BATCH].flatMap(series =>
        growthTable(series, group(series)),
      ),
    ],
    [
      'Populations of A: ms a step of all',
      [...crossTable(group(POPULATION)), ...plotLinks(name, file, 'pop')],
    ],
    ['Iterations a second', crossTable(group(ITERATIONS))],
    ['Time to the first step, ms', crossTable(group(START))],
    ['Memory, MB', crossTable(group(BYTES))],
    ['Limits of the machine', listTable(group(LIMITS), [])],
    ['Kernels at a batch that makes them long', hotTable(group(HOT_KERNEL))],
    [
      'Every dispatch of a step',
      folded(listTable(group(KERNEL), ['workgroups', 'empty dispatches', 'waiting dispatches'])),
    ],
    ...others(figures),
    ['What was not measured', failures(file)],
  ] as const
  const body = sections.flatMap(([title, blocks]) => (blocks.length > 0 ? [`### ${title}`, ...blocks] : []))
  const steps = plotLinks(name, file, 'steps')
  return [`## ${file.began.slice(0, 10)}: ${placeOf(file)}`, conditions(file), ...steps, ...body].join('\n\n')
}

/** Groups with a section of their own. */
const KNOWN: ReadonlySet<string> = new Set([
  BYTES,
  DEVICE_STEP,
  GROWTH_WITH_BATCH,
  GROWTH_WITH_G,
  GROWTH_WITH_WIDTH,
  HOT_KERNEL,
  ITERATIONS,
  KERNEL,
  LIMITS,
  POPULATION,
  START,
  STEP,
])

/** A plain list for every group without one. */
function others(figures: readonly Figure[]): (readonly [title: string, blocks: string[]])[] {
  const groups = [...new Set(figures.map(({ group }) => group))].filter(group => !KNOWN.has(group))
  return groups.map(group => {
    const own = figures.filter(figure => figure.group === group)
    return [`${group[0]!.toUpperCase()}${group.slice(1)}`, listTable(own, [])] as const
  })
}

/** Where and with what. */
function conditions({ machine, gpu, noGpu, peers, seconds, options }: BenchFile): string {
  const { memory, system, load, versions } = machine
  const gpuLine = gpu
    ? `${gpu.device}${gpu.software ? ' (a GPU that the CPU emulates)' : ''}, through ${gpu.host}; ${Object.values(gpu.adapter).filter(Boolean).join(', ')}; ${gpu.features.join(', ')}`
    : `no GPU: ${noGpu ?? 'none'}`
  const lines = [
    `- ${Math.round(memory / 2 ** 30)} GiB of memory, ${system}; ${readable(load)} busy processes when the run began`,
    `- ${gpuLine}`,
    `- ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    ...peers.flatMap(({ name, missing, versions: theirs = {} }) => {
      const described = Object.entries(theirs).map(([key, value]) => `${key} ${value}`)
      return missing === undefined ? [`- ${name}: ${described.join(', ')}`] : []
    }),
    ...absences(peers),
    `- ${seconds} s${options['quick'] === true ? ', a quick run: few repetitions' : ''}`,
  ]
  return lines.join('\n')
}

/** Peers that did not run, a line for each reason. */
function absences(peers: BenchFile['peers']): string[] {
  const reasons = [...new Set(peers.flatMap(({ missing }) => missing ?? []))]
  return reasons.map(reason => {
    const names = peers.filter(({ missing }) => missing === reason).map(({ name }) => name)
    return `- did not run: ${names.join('; ')}. ${reason.split('\n')[0]}`
  })
}

function bracketed({ spread: { minimum, median, maximum, repetitions } }: Figure): string {
  if (repetitions === 1) return readable(median)
  return `${readable(median)} (${readable(minimum)} to ${readable(maximum)})`
}

/** Sides down, names across. */
function crossTable(figures: readonly Figure[], after?: (figure: Figure) => string): string[] {
  if (figures.length === 0) return []
  const names = [...new Set(figures.map(({ name }) => name))]
  const sides = [...new Set(figures.map(({ side }) => side))]
  const cell = (side: string, name: string): string => {
    const figure = figures.find(each => each.side === side && each.name === name)
    return figure ? bracketed(figure) + (after?.(figure) ?? '') : ''
  }
  return [
    markdownTable(
      ['', ...names],
      sides.map(side => [side, ...names.map(name => cell(side, name))]),
    ),
  ]
}

/** Milliseconds a step: ours on each side, then the peers that stand beside it, with how many times ours they take. */
function stepTables(file: BenchFile): string[] {
  const ratios = ratiosOf(file)
  const ratio = ({ name, side }: Figure): string => {
    const found = ratios.find(each => each.group === STEP && each.name === name && each.peer === side)
    return found ? `, **${readable(found.ratio)}x**` : ''
  }
  return (['gpu', 'cpu'] as const).flatMap(beside => {
    const sides = new Set<string>([
      OURS[beside],
      ...file.peers.filter(peer => peer.beside === beside).map(({ name }) => name),
    ])
    const figures = file.figures.filter(({ group, side }) => group === STEP && sides.has(side))
    const first = figures.toSorted(
      (a, b) => Number(b.side === OURS[beside]) - Number(a.side === OURS[beside]),
    )
    return crossTable(first, ratio)
  })
}

/** Which kernel variants ran: bits, and times, belong to them. */
function variants(figures: readonly Figure[]): string[] {
  const lines = figures.flatMap(figure => {
    const kernels = detailOf(figure, 'kernels')
    return kernels === '' ? [] : [[figure.name, kernels]]
  })
  return folded(lines.length > 0 ? [markdownTable(['', 'kernel variants'], lines)] : [])
}

function growthTable(group: string, figures: readonly Figure[]): string[] {
  const [table] = crossTable(figures)
  return table === undefined ? [] : [`ms, ${group}:`, table]
}

function plotLinks(name: string, file: BenchFile, beginning: string): string[] {
  return plotsOf(file)
    .filter(plot => plot.name.startsWith(beginning))
    .map(plot => `![${plot.caption}](plots/${name}-${plot.name}.svg)`)
}

/** A figure a line, with some of its details. */
function listTable(figures: readonly Figure[], details: readonly string[]): string[] {
  if (figures.length === 0) return []
  const lines = figures.map(figure => [
    figure.name,
    figure.side,
    bracketed(figure),
    figure.unit,
    ...details.map(detail => detailOf(figure, detail)),
  ])
  return [markdownTable(['', 'where', 'median', 'unit', ...details], lines)]
}

function detailOf({ detail = {} }: Figure, name: string): string {
  const value = detail[name] ?? ''
  return typeof value === 'number' ? readable(value) : value
}

function hotTable(figures: readonly Figure[]): string[] {
  if (figures.length === 0) return []
  const share = (figure: Figure, name: string): string => {
    const value = figure.detail?.[name]
    return typeof value === 'number' ? `${readable(100 * value)} %` : ''
  }
  return [
    'Useful work is 2 (k + 1) + 2 operations an edge and row; shares are of what the limits above allow for it, and the tightest' +
      ' of them is the one that a kernel is held against.',
    markdownTable(
      ['', 'kernels', 'batch', 'ms', 'GFLOP/s', 'tightest', 'share', 'of FMA', 'of copy', 'of gather'],
      figures.map(figure => [
        figure.name,
        detailOf(figure, 'kernels'),
        detailOf(figure, 'batch'),
        bracketed(figure),
        detailOf(figure, 'GFLOP/s'),
        [detailOf(figure, 'limit'), detailOf(figure, 'note')].filter(Boolean).join(': '),
        ...['share', 'share of FMA', 'share of copy', 'share of gather'].map(name => share(figure, name)),
      ]),
    ),
  ]
}

function folded(blocks: readonly string[]): string[] {
  return blocks.length === 0 ? [] : ['<details><summary>Table</summary>', ...blocks, '</details>']
}

function failures({ failures: failed }: BenchFile): string[] {
  if (failed.length === 0) return []
  const oneLine = (error: string): string => error.split('\n')[0]!.replaceAll('|', '\\|')
  return [
    markdownTable(
      ['figure', 'name', 'side', 'why'],
      failed.map(({ group, name, side, error }) => [group, name, side, oneLine(error)]),
    ),
  ]
}

/** Runs that newer ones on the same machine and device have replaced: our own steps, a line a run. */
function historyOf(benches: readonly NamedBench[]): string[] {
  if (benches.length === 0) return []
  const sides = Object.values(OURS).flatMap(side => ['A', 'B', 'C', 'D', 'E'].map(shape => ({ side, shape })))
  const lines = benches.map(({ name, file }) => [
    name,
    placeOf(file),
    ...sides.map(({ side, shape }) => {
      const figure = file.figures.find(
        each => each.group === STEP && each.name === shape && each.side === side,
      )
      return figure ? readable(figure.spread.median) : ''
    }),
  ])
  const head = ['run', 'where', ...sides.map(({ side, shape }) => `${side.replace('webkan ', '')} ${shape}`)]
  return ['## Earlier runs: ms a step\n', markdownTable(head, lines), '']
}
