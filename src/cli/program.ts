import { Command, Option } from 'commander'
import { MOST_THREADS } from '../engine/cpu/crew/threads.ts'
import { ownVersion } from '../node/packages.ts'
import {
  batchDefault,
  defaultSampling,
  defaultSplit,
  describeDefault,
  restartsDefault,
  MOST_SAMPLES,
  networkLimits,
} from './defaults.ts'
import { evalCommand } from './eval.ts'
import type { EvalCommandOptions } from './eval.ts'
import { exitCode, reportError } from './exit.ts'
import { fitCommand } from './fit.ts'
import type { FitCommandOptions } from './fit.ts'
import { addFormulaCommands } from './formulaprogram.ts'
import { infoCommand } from './info.ts'
import {
  columnNames,
  fraction,
  gridList,
  hiddenLayers,
  interval,
  positiveNumber,
  weight,
  wholeNumber,
} from './numbers.ts'
import { predictCommand } from './predict.ts'
import type { PredictCommandOptions } from './predict.ts'
import { addPruneCommand } from './pruneprogram.ts'
import { selftestCommand } from './selftest.ts'
import { coloursFor, columnsOf, isColourful } from './shell.ts'
import type { Shell } from './shell.ts'
import type { NodeDevice } from '../node/engine.ts'
import { PENALTY_DEFAULTS } from '../train/penalty.ts'

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

const examples = {
  program: [
    'webkan fit table.csv --target price --out price.safetensors',
    'webkan predict price.safetensors new.csv',
    'webkan info',
  ],
  fit: [
    'webkan fit houses.csv --target price --out price.safetensors',
    'webkan fit iris.csv --target species --hidden 8 --seed 1 --json',
    'webkan fit houses.csv --target price --hidden 5,3 --grid 10 --device webgpu',
    'webkan fit --function "exp(sin(pi*x1)+x2^2)" --hidden 1 --refine 10,20',
    'webkan fit --function "x1*x2*x3" --hidden 0+1 --arity 3',
    'webkan fit stars.csv --target luminosity --log mass,luminosity',
    'webkan fit wine.csv --target cultivar --seeds 64',
  ],
  predict: ['webkan predict price.safetensors new.csv --out prices.csv'],
  eval: ['webkan eval price.safetensors unseen.csv --target price'],
}

/** The commands and their options. `finish` receives the exit code of the one that ran. */
function createProgram(shell: Shell, finish: (code: number) => void): Command {
  const program = new Command('webkan')
  const { bold } = coloursFor(shell.stdout, shell.env)
  const { red } = coloursFor(shell.stderr, shell.env)
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
      // One line: commander puts its suggestion on a second one.
      outputError: (text, write) =>
        write(text.replace(/^error: /, `${red('webkan:')} `).replaceAll('\n(', ' (')),
    })
    .configureHelp({ styleTitle: text => bold(text) })
    .description('Trains Kolmogorov-Arnold networks on tables, on the GPU where there is one.')
    .version(ownVersion())
    .helpCommand(false)
    .addHelpText('after', exampleText(examples.program))
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 unexpected, 2 bad usage or bad input, 3 no such device,\n130 interrupted by Ctrl-C.',
    )

  program
    .command('fit')
    .summary('train a network on a table or a function and test it')
    .description(
      'Trains a network that predicts one column of a CSV table from the others, tests it on rows that training has ' +
        'not seen, and saves it. Text columns become one input a value; a text target means classification. With --function ' +
        'it learns a formula from random samples instead, and is tested on as many fresh ones.',
    )
    .argument('[table]', 'CSV file whose first line names the columns')
    .option('--target <column>', 'the column to predict')
    .option('--function <formula>', 'learn this, of x1, x2, ..., instead of a table; its value is called y')
    .option(
      '--range <low,high>',
      `where every variable of --function is sampled (default: ${defaultSampling.range.join()})`,
      interval,
    )
    .option(
      '--samples <n>',
      `points of --function to learn from (default: ${defaultSampling.samples})`,
      wholeNumber(2, MOST_SAMPLES),
    )
    .option(
      '--ignore <columns>',
      'columns to leave out, with commas between: id,date (may be repeated)',
      columnNames,
    )
    .option(
      '--log <columns>',
      'columns of positive numbers to see on a logarithmic scale, with commas between, the target among them if it is one ' +
        '(may be repeated); with --missing drop, rows of other values are left out',
      columnNames,
    )
    .addOption(
      new Option('--task <task>', 'what to learn (default: auto)').choices([
        'auto',
        'regression',
        'classification',
      ]),
    )
    .option(
      '--hidden <nodes>',
      'nodes of each hidden layer, such as 8,4; sums and products as in 3+2, for 3 nodes that sum and 2 that multiply; the word none ' +
        `for no hidden layer (${describeDefault('hidden')})`,
      hiddenLayers,
    )
    .option(
      '--arity <factors>',
      'factors of every product of --hidden (default: 2)',
      wholeNumber(2, networkLimits.hidden[1]),
    )
    .option(
      '--grid <intervals>',
      `spline intervals of an edge (${describeDefault('grid')})`,
      wholeNumber(...networkLimits.grid),
    )
    .option(
      '--degree <degree>',
      `spline degree, 1 to 5 (${describeDefault('degree')})`,
      wholeNumber(...networkLimits.degree),
    )
    .addOption(
      new Option(
        '--optimizer <name>',
        'lm (Levenberg-Marquardt, on the CPU) is far more accurate on exact data, for networks of up to a thousand parameters ' +
          'on their finest grid; noisy tables generalise better with adam; lbfgs runs everywhere (default: auto: lm for a ' +
          'small network on a --function, unless --lr, --batch or --schedule is given, else adam)',
      ).choices(['auto', 'lm', 'lbfgs', 'adam']),
    )
    .option('--steps <n>', `most optimizer steps on a grid (${describeDefault('steps')})`, wholeNumber(1))
    .option('--lr <rate>', `learning rate (${describeDefault('learningRate')})`, positiveNumber)
    .addOption(
      new Option(
        '--schedule <name>',
        'how the learning rate falls over the steps (default: constant)',
      ).choices(['constant', 'cosine', 'exponential']),
    )
    .addOption(
      new Option(
        '--loss <name>',
        'what a regression minimises: squared errors, or huber or mae where targets have outliers (default: mse)',
      ).choices(['mse', 'mae', 'huber']),
    )
    .option('--batch <rows>', `rows a step (${batchDefault})`, wholeNumber(1))
    .option(
      '--restarts <n>',
      `starts to train side by side, the best of which goes on (${restartsDefault})`,
      wholeNumber(1),
    )
    .option(
      '--seeds <n>',
      'networks to train side by side, each to its end; the one with the best validation loss is kept. The first has --seed, the others seeds derived from it (default: 1 network)',
      wholeNumber(1),
    )
    .option(
      '--refine <grids>',
      'finer grids to train on after --grid, one after another, such as 5,10,20',
      gridList,
    )
    .option(
      '--grid-update [steps]',
      'move the grids to where the rows are, every so many of the first half of the steps (default: none; without a ' +
        'number: ten times)',
      wholeNumber(1),
    )
    .option(
      '--lambda <factor>',
      'add a sparsity penalty: this times the L1 norms and entropy of edges',
      weight,
    )
    .option(
      '--entropy <weight>',
      `of the entropy in that penalty, where L1 norms have 1 (default: ${PENALTY_DEFAULTS.entropy})`,
      weight,
    )
    .option(
      '--test <fraction>',
      `share of the rows held out for the test (default: ${defaultSplit.test})`,
      fraction,
    )
    .option(
      '--val <fraction>',
      'share of the rest that decides when to stop',
      fraction,
      defaultSplit.validation,
    )
    .option('--seed <n>', 'seed of the split, the network and the shuffle', wholeNumber(0), defaultSplit.seed)
    .addOption(missingOption('fit'))
    .addOption(deviceOption())
    .option(
      '--threads <n>',
      'most threads of the CPU engine, which shares long steps; 1: its own alone (default: one a core)',
      wholeNumber(1, MOST_THREADS),
    )
    .option('--out <file>', 'save the model here (safetensors)')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', exampleText(examples.fit))
    .addHelpText(
      'after',
      '\nCtrl-C stops early: the best weights so far are tested and saved, exit code 130.',
    )
    .action(async (table: string | undefined, options: FitCommandOptions) =>
      finish(await fitCommand(table, options, shell)),
    )

  program
    .command('predict')
    .summary('apply a model to a table')
    .description(
      'Writes one line of CSV for each row of the table, in its order: predicted_<target>, and for classification the ' +
        'probability of the predicted class. The table need not have the target. With --missing drop, rows with a ' +
        'missing value get an empty prediction, so that line n still belongs to row n.',
    )
    .argument('<model>', 'model file that `webkan fit` saved')
    .argument('<table>', 'CSV file with the columns the model was trained on')
    .option('--out <file>', 'write the CSV here (default: standard output)')
    .addOption(missingOption())
    .addHelpText('after', exampleText(examples.predict))
    .action(async (model: string, table: string, options: PredictCommandOptions) =>
      finish(await predictCommand(model, table, options, shell)),
    )

  program
    .command('eval')
    .summary('the error of a model on a table')
    .description('Prints the error of a model on a table that has the target.')
    .argument('<model>', 'model file that `webkan fit` saved')
    .argument('<table>', 'CSV file with the columns the model was trained on')
    .option('--target <column>', "the true values (default: the model's target)")
    .addOption(missingOption())
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', exampleText(examples.eval))
    .action(async (model: string, table: string, options: EvalCommandOptions) =>
      finish(await evalCommand(model, table, options, shell)),
    )

  addPruneCommand(program, shell, finish, exampleText)
  addFormulaCommands(program, shell, finish, exampleText)

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

function deviceOption(
  devices: readonly NodeDevice[] = ['auto', 'webgpu', 'cpu'],
  description = 'auto: a hardware GPU or else the CPU; webgpu: any adapter',
): Option {
  return new Option('--device <device>', description).choices(devices).default('auto')
}

/** Without a default of commander's for fit, where a function has no rows to drop and must know what was typed. */
function missingOption(command?: 'fit'): Option {
  const description = 'rows with missing values or NaN: refuse the table, or drop them'
  return command === 'fit'
    ? new Option('--missing <how>', `${description} (default: error)`).choices(['error', 'drop'])
    : new Option('--missing <how>', description).choices(['error', 'drop']).default('error')
}

function exampleText(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  ${line}`).join('\n')}`
}
