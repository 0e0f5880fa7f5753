import { selftest } from '../engine/selftest.ts'
import { UnsupportedError } from '../errors.ts'
import type { NodeDevice } from '../node/engine.ts'
import { exitCode } from './exit.ts'
import { grid } from './layout.ts'
import { coloursFor } from './shell.ts'
import type { Shell } from './shell.ts'

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
  shell.stdout.write(`\n  ${device} against CPU, float64\n\n`)
  const rows: string[][] = []
  const passed = await selftest(engine, line => {
    const ratio = line.tolerance > 0 ? `${((100 * line.worst) / line.tolerance).toFixed(0)}%` : ''
    const verdict = line.passed ? 'ok' : 'FAILED'
    rows.push([line.kernel, line.worst.toExponential(1), line.tolerance.toExponential(1), ratio, verdict])
  })
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
