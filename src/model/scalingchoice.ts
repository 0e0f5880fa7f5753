import { ConfigError } from '../errors.ts'
import { checkOptionNames } from './optionnames.ts'
import { checkChoice } from './optionvalues.ts'

/** How rows are mapped into the network's coordinates and back. */
export interface ScalingChoice {
  /** 'minmax' maps each input column of the training rows onto the grid range; 'none' leaves inputs as they are. */
  readonly input: 'minmax' | 'none'
  /**
   * 'standard' trains on outputs of mean 0 and deviation 1, or of a root mean square of 1 where an output is a product, which
   * no shift may part from its zero (regression only); 'none' leaves them as they are.
   */
  readonly output: 'standard' | 'none'
  /** Columns on a logarithmic scale; left out where there are none. */
  readonly log?: LogColumns
}

/** Which inputs the network sees the natural logarithm of, and which outputs it says that of; ascending. */
export interface LogColumns {
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/** Columns: a list of their places, counted from 0; or of true and false, one a column; or true for all. */
export type ColumnChoice = boolean | readonly number[] | readonly boolean[]

/** What a user may say about scaling. */
export interface ScalingOptions extends Partial<Pick<ScalingChoice, 'input' | 'output'>> {
  /**
   * Columns that the network shall see, or (in a regression) say, the logarithm of: for positive columns that span decades (default:
   * none). Predictions and errors stay in the table's own units.
   */
  readonly log?: LogChoice
}

/** Which columns are on a logarithmic scale, as a user says it. */
export interface LogChoice {
  readonly inputs?: ColumnChoice
  readonly output?: ColumnChoice
}

const DEFAULT_SCALING = { input: 'minmax', output: 'standard' } as const satisfies ScalingChoice

/** What was chosen and the defaults, for a network of so many inputs and outputs. Throws ConfigError. */
export function resolveScaling(
  chosen: ScalingOptions = {},
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): ScalingChoice {
  checkOptionNames(
    'scaling',
    chosen,
    [...Object.keys(DEFAULT_SCALING), 'log'],
    "new KAN({ width, scaling: { input: 'none' } })",
  )
  const { input = DEFAULT_SCALING.input, output = DEFAULT_SCALING.output, log = {} } = chosen
  const columns = resolveLog(log, { name: 'scaling.log', example: LOG_EXAMPLE }, { inputs, outputs })
  return {
    input: checkChoice('scaling.input', input, ['minmax', 'none']),
    output: checkChoice('scaling.output', output, ['standard', 'none']),
    ...(columns.inputs.length + columns.outputs.length > 0 ? { log: columns } : {}),
  }
}

const LOG_EXAMPLE = 'new KAN({ width, scaling: { log: { inputs: [0, 2], output: true } } })'

/** An option that chooses columns, as messages call it, and how it is used. */
interface OptionText {
  readonly name: string
  readonly example: string
}

/** The columns on a logarithmic scale that an option chooses. Throws ConfigError. */
export function resolveLog(
  chosen: LogChoice,
  { name, example }: OptionText,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
): LogColumns {
  checkOptionNames(name, chosen, ['inputs', 'output'], example)
  return {
    inputs: resolveColumns({ name: `${name}.inputs`, example }, chosen.inputs, inputs),
    outputs: resolveColumns({ name: `${name}.output`, example }, chosen.output, outputs),
  }
}

/** The places of the chosen columns, ascending, each once. Throws ConfigError. */
function resolveColumns(
  { name, example }: OptionText,
  chosen: ColumnChoice = false,
  columns: number,
): number[] {
  const all = Array.from({ length: columns }, (_, c) => c)
  if (typeof chosen === 'boolean') return chosen ? all : []
  const refuse = (): never => {
    throw new ConfigError(
      `${name} is ${JSON.stringify(chosen) ?? String(chosen)}; give places of columns from 0 to ${columns - 1}, or ` +
        `${columns === 1 ? 'true or false' : `${columns} times true or false`}, as in ${example}.`,
    )
  }
  if (!Array.isArray(chosen)) return refuse()
  const entries: readonly unknown[] = chosen
  if (entries.every(entry => typeof entry === 'boolean'))
    return entries.length === columns || entries.length === 0 ? all.filter(c => entries[c]) : refuse()
  return entries.every(entry => all.some(c => c === entry)) ? all.filter(c => entries.includes(c)) : refuse()
}
