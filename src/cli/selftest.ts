import type { ParityLine } from '../engine/parity/ledger.ts'
import { selftest } from '../engine/selftest.ts'
import type { SelftestStage } from '../engine/selftest.ts'
import { UnsupportedError } from '../errors.ts'
import type { NodeDevice } from '../node/engine.ts'
import { createBar } from './bar.ts'
import type { Bar } from './bar.ts'
import { exitCode } from './exit.ts'
import { grid, paragraph } from './layout.ts'
import { coloursFor, columnsOf, isTerminal } from './shell.ts'
import type { Shell } from './shell.ts'

interface StageDisplay {
  readonly begins: (stage: SelftestStage) => void
  readonly end: () => void
}

/** The stage that goes on, beside a bar on a terminal; nothing elsewhere, where a minute's silence surprises nobody. */
function createStageDisplay(shell: Shell): StageDisplay {
  if (!isTerminal(shell.stderr, shell.env)) return { begins: () => {}, end: () => {} }
  let text = ''
  let bar: Bar | undefined
  return {
    begins({ name, number, stages }) {
      text = `${number + 1} of ${stages}: ${name}`
      bar ??= createBar(shell, stages, room => text.slice(0, room))
      bar.update(number, stages)
    },
    end: () => bar?.pause(),
  }
}

/** `webkan selftest`: every kernel of this machine's GPU against the CPU engine, with the worst error of each. */
export async function selftestCommand(
  options: { readonly device: NodeDevice },
  shell: Shell,
): Promise<number> {
  await using engine = await shell.requestEngine({ device: options.device })
  const { kind, device, reason } = engine.description
  if (kind === 'cpu' && options.device === 'auto')
    throw new UnsupportedError(
      `There is no GPU to test. ${reason} Use --device webgpu to test a software adapter as well.`,
    )
  const { dim, green, red } = coloursFor(shell.stdout, shell.env)
  const width = columnsOf(shell.stdout)
  shell.stdout.write(`\n${paragraph(`${device} against CPU, float64`, width)}\n`)
  const rows: string[][] = []
  const report = (line: ParityLine): void => {
    const ratio = line.tolerance > 0 ? `${((100 * line.worst) / line.tolerance).toFixed(0)}%` : ''
    const verdict = line.passed ? 'ok' : 'FAILED'
    rows.push([line.kernel, line.worst.toExponential(1), line.tolerance.toExponential(1), ratio, verdict])
  }
  const display = createStageDisplay(shell)
  const passed = await selftest(engine, report, { begins: display.begins }).finally(display.end)
  const heading = ['kernel', 'worst error', 'tolerance', 'used', '']
  const text = grid([heading, ...rows], dim)
  shell.stdout.write(text.replaceAll(/ok$/gm, green('ok')).replaceAll(/FAILED$/gm, red('FAILED')))
  const failed = rows.filter(row => row.at(-1) === 'FAILED').length
  shell.stdout.write(
    passed
      ? `\n  ${green('All kernels agree')} with the CPU engine.\n`
      : `\n  ${red(`${failed} of ${rows.length} kernels disagree`)} with the CPU engine; do not trust this device.\n`,
  )
  return passed ? exitCode.done : exitCode.unexpected
}
