import { Option } from 'commander'
import type { Command } from 'commander'
import { PRUNE_DEFAULTS, PRUNE_METRICS } from '../interpret/pruning/prune.ts'
import { columnNames, weight } from './numbers.ts'
import { pruneCommand } from './prune.ts'
import type { PruneCommandOptions } from './prune.ts'
import { exampleText } from './sharedoptions.ts'
import type { Shell } from './shell.ts'

/** `webkan prune` and its options. `finish` receives the exit code. */
export function addPruneCommand(program: Command, shell: Shell, finish: (code: number) => void): void {
  const usual = PRUNE_DEFAULTS
  program
    .command('prune')
    .summary('a smaller network of the edges and nodes that matter')
    .description(
      'Removes edges and hidden nodes whose scores are low, each replaced by its mean, and saves the smaller network. ' +
        'Scores are shares of the variation of the outputs, over the rows the model was trained on, or those of --data: no ' +
        'unit of a column matters. 1 is the whole variation of one output; scores are above it where contributions cancel each ' +
        'other, or add up over several outputs. With --data, errors before and after are shown. Without --out nothing is saved.',
    )
    .argument('<model>', 'model file that `webkan fit` saved')
    .option('--node <score>', `remove hidden nodes below this (default: ${usual.backward.node})`, weight)
    .option(
      '--edge <score>',
      `remove edges below this (default: ${usual.backward.edge}; ${usual.paper_n.edge} with --metric paper_n)`,
      weight,
    )
    .addOption(
      new Option(
        '--metric <name>',
        "backward: what passes through to the outputs; paper_n: the KAN paper's mean |phi|, in deviations of the node it leads to",
      )
        .choices(PRUNE_METRICS)
        .default(PRUNE_METRICS[0]),
    )
    .option(
      '--inputs [score]',
      'remove columns that are no longer used; with a score, those below it too (default: all stay)',
      weight,
    )
    .option(
      '--remove <parts>',
      'remove these by hand instead, with commas between: an edge by layer:input:output, a hidden node by level:node, ' +
        'a column by its name (may be repeated)',
      columnNames,
    )
    .option('--data <table>', 'CSV file with rows that matter: the columns of the model, and its target')
    .addOption(
      new Option('--missing <how>', 'rows of --data with missing values: refuse the table, or drop them')
        .choices(['error', 'drop'])
        .default('error'),
    )
    .option('--out <file>', 'save the smaller model here (safetensors)')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText(
      'after',
      exampleText([
        'webkan prune price.safetensors --data houses.csv --out small.safetensors',
        'webkan prune price.safetensors --edge 0.1 --inputs --out small.safetensors',
        'webkan prune price.safetensors --remove 0:2:1,1:4,colour',
      ]),
    )
    .action(async (model: string, options: PruneCommandOptions) =>
      finish(await pruneCommand(model, options, shell)),
    )
}
