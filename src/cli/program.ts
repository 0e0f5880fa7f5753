import { Command } from 'commander'
import type { NodeDevice } from '../node/engine.ts'
import { ownVersion } from '../node/packages.ts'
import { exitCode, reportError } from './exit.ts'
import { addFitCommand } from './fitprogram.ts'
import { addFormulaCommands } from './formulaprogram.ts'
import { infoCommand } from './info.ts'
import { addModelCommands } from './modelprogram.ts'
import { addPruneCommand } from './pruneprogram.ts'
import { selftestCommand } from './selftest.ts'
import { deviceOption, exampleText } from './sharedoptions.ts'
import { coloursFor, columnsOf, complain, isColourful } from './shell.ts'
import type { Shell } from './shell.ts'

/**
 * Runs the command with the arguments after its name.
 * @returns the exit code: see exit.ts
 */
export async function runCli(args: readonly string[], shell: Shell): Promise<number> {
  let code: number = exitCode.done
  try {
    await createProgram(shell, result => (code = result)).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return reportError(error, shell)
  }
}

const examples = [
  'webkan fit table.csv --target price --out price.safetensors',
  'webkan predict price.safetensors new.csv',
  'webkan discover table.csv --target price',
  'webkan info',
]

/** The commands and their options. `finish` receives the exit code of the one that ran. */
function createProgram(shell: Shell, finish: (code: number) => void): Command {
  const program = new Command('webkan')
  const { bold } = coloursFor(shell.stdout, shell.env)
  // Commands inherit these settings when they are added.
  program
    .exitOverride()
    .configureOutput({
      writeOut: text => void shell.stdout.write(text),
      writeErr: text => void shell.stderr.write(text),
      getOutHelpWidth: () => columnsOf(shell.stdout),
      getErrHelpWidth: () => columnsOf(shell.stderr),
      getOutHasColors: () => isColourful(shell.stdout, shell.env),
      getErrHasColors: () => isColourful(shell.stderr, shell.env),
      // One message: commander puts its suggestion on a second line.
      outputError: text =>
        complain(
          shell,
          text
            .replace(/^error: /, '')
            .replaceAll('\n(', ' (')
            .trimEnd(),
        ),
    })
    .configureHelp({ styleTitle: text => bold(text) })
    .description('Trains Kolmogorov-Arnold networks on tables, on the GPU where there is one.')
    .version(ownVersion())
    .helpCommand(false)
    .addHelpText('after', exampleText(examples))
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 unexpected, 2 bad usage or bad input, 3 no such device,\n130 interrupted by Ctrl-C.',
    )

  addFitCommand(program, shell, finish)
  addModelCommands(program, shell, finish)
  addPruneCommand(program, shell, finish)
  addFormulaCommands(program, shell, finish)

  program
    .command('info')
    .summary('versions, GPU and what --device auto picks')
    .description(
      'Shows versions, the GPU adapters found and their limits, and what --device auto picks and why.',
    )
    .option('--json', 'print it as one line of JSON')
    .action(async (options: { json?: true }) => finish(await infoCommand(options, shell)))

  program
    .command('selftest')
    .summary("check this machine's GPU against the CPU")
    .description("Runs every kernel on this machine's GPU and on the CPU, and shows the worst error of each.")
    .addOption(deviceOption(['auto', 'webgpu'], 'auto: a hardware GPU; webgpu: any adapter'))
    .action(async (options: { device: NodeDevice }) => finish(await selftestCommand(options, shell)))

  return program
}
