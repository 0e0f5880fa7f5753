import { Option } from 'commander'
import type { Command } from 'commander'
import { formatNames } from '../formula/index.ts'
import { DISCOVER_DEFAULTS } from '../interpret/discover/task.ts'
import { SYMBOLIFY_DEFAULTS } from '../interpret/symbolify/settings.ts'
import { defaultSampling, defaultSplit, MOST_SAMPLES } from './defaults.ts'
import { discoverCommand } from './discover.ts'
import type { DiscoverCommandOptions } from './discover.ts'
import { edgePlaces, namedEdges } from './edges.ts'
import { formulaCommand } from './formula.ts'
import type { FormulaCommandOptions } from './formula.ts'
import { symbolifyCommand } from './symbolify.ts'
import type { SymbolifyCommandOptions } from './symbolify.ts'
import { functionsHelp, libraryChoice } from './functions.ts'
import {
  columnNames,
  fraction,
  hiddenLayers,
  interval,
  positiveNumber,
  weight,
  wholeNumber,
} from './numbers.ts'
import { exampleText } from './sharedoptions.ts'
import type { Shell } from './shell.ts'

const rangeHelp = `where every variable of --function is sampled (default: ${defaultSampling.range.join()})`
const samplesHelp = `points of --function to learn from (default: ${defaultSampling.samples})`

/** What each format is for, in 80 columns. */
const formatsHelp = `
Formats:
  text        to read, and to give to webkan formula again: "=a^2 + b"
  latex       for a paper, to stand between $ and $
  mathml      for a web page, which shows it without a library
  javascript  a function of numbers, for a page or Node
  python      a function of numbers or numpy arrays
  sympy       an expression of SymPy symbols, to solve and derive
  c           a function of doubles, C99
  wgsl, glsl  a function of 32-bit floats, for a shader
  excel       for a cell of Excel or LibreOffice; the columns are A2, B2, ...
  json        the formula's tree, for programs that use webkan
Several outputs are one program, or a line each.`

/** The commands that lead to a formula. `finish` receives the exit code of the one that ran. */
export function addFormulaCommands(program: Command, shell: Shell, finish: (code: number) => void): void {
  program
    .command('discover')
    .summary('find a formula for a column of a table, or for samples of a function')
    .description(
      'Finds a formula that gives one column of a CSV table from the others: trains networks of many structures, makes them ' +
        'sparse, prunes and refines them, replaces their curves by known functions, fits all constants and writes them as a ' +
        'person would. Prints the simplest formulas for their error, the one to choose, and its error beside the spline ' +
        "network's. Errors are those of the formula as it is printed.",
    )
    .argument('[table]', 'CSV file whose first line names the columns')
    .option('--target <column>', 'the column to find a formula for')
    .option(
      '--function <formula>',
      'samples of this, of x1, x2, ..., instead of a table; its value is called y',
    )
    .option('--range <low,high>', rangeHelp, interval)
    .option('--samples <n>', samplesHelp, wholeNumber(2, MOST_SAMPLES))
    .option(
      '--ignore <columns>',
      'columns to leave out, with commas between: id,date (may be repeated)',
      columnNames,
    )
    .option(
      '--hidden <nodes>',
      'hidden layers of the one network to start from, such as 5 (default: a ladder of structures, beside one of ' +
        `${DISCOVER_DEFAULTS.hidden} hidden nodes)`,
      hiddenLayers,
    )
    .option(
      '--log <columns>',
      'columns of positive numbers to look at on a logarithmic scale, with commas between, the target among them if it is one ' +
        '(for columns that span decades: a power law is then a line, and such a target is judged by its factors); the formula speaks ' +
        'of the columns themselves',
      columnNames,
    )
    .option(
      '--functions <names>',
      "functions that curves may become, those of your own as formulas of u: 'x,exp,lorentz=1/(1+u^2)' (default: those up to j0 below)",
      libraryChoice,
    )
    .option('--seconds <n>', 'how long it may take', positiveNumber, DISCOVER_DEFAULTS.seconds)
    .option(
      '--simplicity <n>',
      `standard errors that a simpler formula may be above the least error, 0 for that itself (default: ${DISCOVER_DEFAULTS.simplicity})`,
      weight,
    )
    .option(
      '--test <fraction>',
      `share of the rows held out for the test (default: ${defaultSplit.test})`,
      fraction,
    )
    .option('--seed <n>', 'seed of the split and the networks', wholeNumber(0), DISCOVER_DEFAULTS.seed)
    .addOption(
      new Option(
        '--missing <how>',
        'rows with missing values: refuse the table, or drop them (default: error)',
      ).choices(['error', 'drop']),
    )
    .option(
      '--out <file>',
      'save the formula, for webkan formula, with the best spline network of the search, for webkan predict (safetensors)',
    )
    .option('--json', 'print the result as one line of JSON')
    .addHelpText(
      'after',
      exampleText([
        'webkan discover planets.csv --target period_days --test 0',
        'webkan discover --function "exp(sin(pi*x1)+x2^2)"',
        'webkan discover gas.csv --target pressure --json',
        'webkan discover stars.csv --target luminosity --log mass,luminosity',
      ]),
    )
    .addHelpText('after', functionsHelp)
    .addHelpText('after', '\nCtrl-C stops early with the best formula so far, exit code 130.')
    .action(async (table: string | undefined, options: DiscoverCommandOptions) =>
      finish(await discoverCommand(table, options, shell)),
    )

  program
    .command('symbolify')
    .summary("known functions in the place of a model's curves")
    .description(
      'Replaces the curves of a trained model by known functions, in the order that disturbs least, refitting between edges, ' +
        'and prints the formula they make: the simplest ones for their error, and the one to choose. Errors are those of the ' +
        'formula as it is printed.',
    )
    .argument('<model>', 'model file that `webkan fit` or `webkan prune` saved')
    .option('--data <table>', 'CSV file with the columns of the model, and its target')
    .option('--function <formula>', 'samples of this instead of a table: what the model was fitted to')
    .option('--range <low,high>', rangeHelp, interval)
    .option('--samples <n>', samplesHelp, wholeNumber(2, MOST_SAMPLES))
    .option(
      '--functions <names>',
      "functions that curves may become, those of your own as formulas of u: 'x,exp,lorentz=1/(1+u^2)' (default: those up to j0 below)",
      libraryChoice,
    )
    .option(
      '--suggest <edges>',
      'only list the functions that edges may become, best first; an edge is layer:input:output, each counted from 0: 0:1:0,1:0:0',
      edgePlaces,
    )
    .option(
      '--fix <edges>',
      'give edges these functions: 0:1:0=sin,1:0:0=exp (may be repeated); without --data the others stay splines',
      namedEdges,
    )
    .option(
      '--unfix <edges>',
      'make edges splines again: with the curve that they have now, and where nothing was fitted since, exactly as they were before',
      edgePlaces,
    )
    .option('--seconds <n>', 'how long it may take', positiveNumber, SYMBOLIFY_DEFAULTS.seconds)
    .option(
      '--simplicity <n>',
      `how much a simple formula is worth beside a small error, 0 to 1 (default: ${SYMBOLIFY_DEFAULTS.simplicity})`,
      weight,
    )
    .option('--seed <n>', "seed of the rows held out (default: the model's)", wholeNumber(0))
    .addOption(missingRows())
    .option('--out <file>', 'save the model with these functions here (safetensors)')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText(
      'after',
      exampleText([
        'webkan symbolify small.safetensors --data houses.csv --out formula.safetensors',
        'webkan symbolify small.safetensors --function "sin(x1)*x2" --out formula.safetensors',
        'webkan symbolify small.safetensors --suggest 0:1:0',
        'webkan symbolify small.safetensors --fix 0:1:0=sin --data houses.csv',
      ]),
    )
    .addHelpText('after', functionsHelp)
    .addHelpText('after', '\nCtrl-C stops early with the best formula so far, exit code 130.')
    .action(async (model: string, options: SymbolifyCommandOptions) =>
      finish(await symbolifyCommand(model, options, shell)),
    )

  program
    .command('formula')
    .summary('a model as a formula: text, LaTeX, Python, Excel and more')
    .description(
      'Prints the formula that webkan discover or webkan symbolify chose and saved with its model or, where the model was changed since, what it ' +
        'computes, whose edges are all known functions; in the columns and units of its table. A formula that begins with = is printed in place of a model.',
    )
    .argument('<model>', 'model file, or a formula: "=m*v^2/2"')
    .addOption(new Option('--format <name>', 'how to write it').choices(formatNames).default('text'))
    .option(
      '--digits <n>',
      'significant digits of numbers in text, latex and mathml (default: all that matter)',
      wholeNumber(1, 17),
    )
    .option('--name <name>', "the function's name, in a programming language (default: f)")
    .option('--bare', 'the expression alone, in a programming language, without what it needs')
    .option('--out <file>', 'write it here (default: standard output)')
    .addHelpText(
      'after',
      exampleText([
        'webkan formula formula.safetensors',
        'webkan formula formula.safetensors --format python --out model.py',
        'webkan formula formula.safetensors --format latex --digits 3',
        'webkan formula "=365.25*a^1.5" --format latex',
      ]),
    )
    .addHelpText('after', formatsHelp)
    .action(async (model: string, options: FormulaCommandOptions) =>
      finish(await formulaCommand(model, options, shell)),
    )
}

function missingRows(): Option {
  return new Option('--missing <how>', 'rows with missing values: refuse the table, or drop them')
    .choices(['error', 'drop'])
    .default('error')
}
