/**
 * `npm run bench`: how fast webkan is on this machine, beside its peers and the machine's own limits. Writes
 * bench/results/DATE-bench.json and prints one table; `npm run bench:report` makes a page of all such files.
 */
import { join } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { restartWithSoftwareVulkan } from './dawn.ts'
import { endRun } from './ending.ts'
import type { Pinned } from './pinned.ts'
import { GROUPS, runBench } from './run.ts'
import type { BenchOptions, GroupName } from './run.ts'
import { describeShape, SHAPES } from './shapes.ts'

/** Splits 'a,b' and refuses names that are not in the list. */
function listOf<Name extends string>(names: readonly Name[]): (text: string) => Name[] {
  return text =>
    text.split(',').map(part => {
      const name = names.find(each => each === part.trim())
      if (name === undefined)
        throw new InvalidArgumentError(`There is no '${part.trim()}'; there are ${names.join(', ')}.`)
      return name
    })
}

/** Adds 'forward=tile4' to the choice so far; 'tune' stands alone. */
function addKernel(text: string, previous: Pinned): Pinned {
  if (text === 'tune' && previous === undefined) return 'tune'
  const [kernel, variant] = text.split('=')
  if (!kernel || !variant || previous === 'tune')
    throw new InvalidArgumentError('Write KERNEL=VARIANT, as often as you like, or tune.')
  return { ...previous, [kernel]: variant }
}

function minutesOf(text: string): number {
  const minutes = Number(text)
  if (!(minutes > 0)) throw new InvalidArgumentError('Minutes are a positive number.')
  return minutes
}

const groups = Object.keys(GROUPS) as GroupName[]

interface Arguments {
  readonly only?: GroupName[]
  readonly shapes?: string[]
  readonly device: BenchOptions['device']
  readonly quick?: boolean
  readonly software: boolean
  readonly peers: boolean
  readonly kernel?: Pinned
  readonly minutes: number
  readonly out: string
}

const program = new Command('bench')
  .description(
    'Measures the speed of webkan on this machine, beside its peers and the limits of the machine.',
  )
  .option('--quick', 'about two minutes: fewer repetitions and smaller shapes')
  .option('--only <groups>', `some groups of figures: ${groups.join(',')}`, listOf(groups))
  .option(
    '--shapes <names>',
    `some shapes: ${Object.keys(SHAPES).join()} (below)`,
    listOf(Object.keys(SHAPES)),
  )
  .addOption(
    new Option('--device <device>', 'what to measure').choices(['webgpu', 'cpu', 'both']).default('both'),
  )
  .option('--no-software', 'refuse GPUs that the CPU emulates')
  .option('--no-peers', 'only webkan itself')
  .option(
    '--kernel <kernel=variant>',
    'pin a kernel variant; may be repeated; tune: let the GPU choose',
    addKernel,
  )
  .option('--minutes <minutes>', 'begin nothing more after so long', minutesOf, 12)
  .option('--out <folder>', 'where the results file goes', join(import.meta.dirname, 'results'))
  .addHelpText(
    'after',
    `\nShapes: nodes a layer, rows of a batch, grid intervals\n${Object.values(SHAPES).map(describeShape).join('\n')}`,
  )
  .addHelpText('after', '\nExit codes: 0 done, 1 nothing was measured.')

program.action(async () => {
  const { only, shapes, device, quick, software, peers, kernel, minutes, out } = program.opts<Arguments>()
  if (device !== 'cpu' && software && (await restartWithSoftwareVulkan())) return
  const options: BenchOptions = {
    quick: quick === true,
    device,
    software,
    groups: only ?? groups,
    shapes,
    peers,
    kernels: kernel,
    minutes,
    out,
  }
  const run = await runBench(options, line => process.stderr.write(`${line}\n`))
  const code = endRun(run, {
    out: text => void process.stdout.write(text),
    error: text => void process.stderr.write(text),
  })
  if (code !== 0) process.exitCode = code
})

await program.parseAsync()
