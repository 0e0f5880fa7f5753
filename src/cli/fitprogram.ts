import { Option } from 'commander'
import type { Command } from 'commander'
import { MOST_THREADS } from '../engine/cpu/crew/threads.ts'
import { PENALTY_DEFAULTS } from '../train/penalty.ts'
import {
  batchDefault,
  defaultSampling,
  defaultSplit,
  FEWEST_TO_VALIDATE,
  describeDefault,
  restartsDefault,
  MOST_SAMPLES,
  networkLimits,
} from './defaults.ts'
import { fitCommand } from './fit.ts'
import type { FitCommandOptions } from './fit.ts'
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
import { deviceOption, exampleText, missingOption } from './sharedoptions.ts'
import type { Shell } from './shell.ts'

const examples = [
  'webkan fit houses.csv --target price --out price.safetensors',
  'webkan fit iris.csv --target species --hidden 8 --seed 1 --json',
  'webkan fit houses.csv --target price --hidden 5,3 --grid 10 --device webgpu',
  'webkan fit --function "exp(sin(pi*x1)+x2^2)" --hidden 1 --refine 10,20',
  'webkan fit --function "x1*x2*x3" --hidden 0+1 --arity 3',
  'webkan fit stars.csv --target luminosity --log mass,luminosity',
  'webkan fit wine.csv --target cultivar --seeds 64',
]

/** `webkan fit` and its options. `finish` receives the exit code. */
export function addFitCommand(program: Command, shell: Shell, finish: (code: number) => void): void {
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
      `share of the rest that decides when to stop (default: ${defaultSplit.validation}; 0 of fewer than ${FEWEST_TO_VALIDATE} rows)`,
      fraction,
    )
    .option('--seed <n>', 'seed of the split, the network and the shuffle', wholeNumber(0), defaultSplit.seed)
    .addOption(missingOption(false))
    .addOption(deviceOption())
    .option(
      '--threads <n>',
      'most threads of the CPU engine, which shares long steps; 1: its own alone (default: one a core)',
      wholeNumber(1, MOST_THREADS),
    )
    .option('--out <file>', 'save the model here (safetensors)')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', exampleText(examples))
    .addHelpText(
      'after',
      '\nCtrl-C stops early: the best weights so far are tested and saved, exit code 130.',
    )
    .action(async (table: string | undefined, options: FitCommandOptions) =>
      finish(await fitCommand(table, options, shell)),
    )
}
