import type { Command } from 'commander'
import { evalCommand } from './eval.ts'
import type { EvalCommandOptions } from './eval.ts'
import { predictCommand } from './predict.ts'
import type { PredictCommandOptions } from './predict.ts'
import { exampleText, missingOption } from './sharedoptions.ts'
import type { Shell } from './shell.ts'

/** The commands that use a trained model: `webkan predict` and `webkan eval`. `finish` receives the exit code. */
export function addModelCommands(program: Command, shell: Shell, finish: (code: number) => void): void {
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
    .addHelpText('after', exampleText(['webkan predict price.safetensors new.csv --out prices.csv']))
    .action(async (model: string, table: string, options: PredictCommandOptions) =>
      finish(await predictCommand(model, table, options, shell)),
    )

  program
    .command('eval')
    .summary('the error of a model on a table')
    .description(
      'Prints the error of a model on a table that has the target. RMSE is in the units of the target; the loss is in those of the ' +
        'network, for a regression deviations of the training targets, squared, unless a note says otherwise.',
    )
    .argument('<model>', 'model file that `webkan fit` saved')
    .argument('<table>', 'CSV file with the columns the model was trained on')
    .option('--target <column>', "the true values (default: the model's target)")
    .addOption(missingOption())
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', exampleText(['webkan eval price.safetensors unseen.csv --target price']))
    .action(async (model: string, table: string, options: EvalCommandOptions) =>
      finish(await evalCommand(model, table, options, shell)),
    )
}
