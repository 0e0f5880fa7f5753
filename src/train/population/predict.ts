import type { Engine, Session } from '../../engine/engine.ts'
import { ConfigError } from '../../errors.ts'
import type { Model } from '../../model/model.ts'
import { unscaleRows } from '../../model/scaling.ts'
import { toNetworkInputs, withMemory } from '../evaluate.ts'
import { checkCallOptions, withEngine } from '../host.ts'
import { checkNumber } from '../numbers.ts'
import type { RowValues } from '../options.ts'
import { predictorPlan, withSession } from '../predictor.ts'
import { toRows } from '../rows.ts'
import { groupByShape } from './shape.ts'
import { quantile } from './spread.ts'
import { inWaves } from './waves.ts'

/** What a population's predict may be told. */
export interface PopulationPredictOptions {
  /** Where to compute (default: a CPU engine of its own, destroyed at the end). */
  readonly engine?: Engine
  /** Quantiles to give, from 0 to 1, such as [0.05, 0.5, 0.95] (default: none). */
  readonly quantiles?: readonly number[]
  /** Whether to give every member's own predictions (default: false). */
  readonly members?: boolean
}

/** Predictions with their spread over the members, in the table's own units; for a classification of probabilities. */
export interface PopulationPrediction {
  /** [rows][outputs]: the mean over the members. */
  readonly mean: Float64Array
  /** [rows][outputs]: the standard deviation over the members, with members - 1; 0 where there is a single one. */
  readonly deviation: Float64Array
  /** For each quantile that was asked for [rows][outputs], by linear interpolation. */
  readonly quantiles: readonly Float64Array[]
  /** For each member [rows][outputs], in the order of `numbers`; empty unless asked for. */
  readonly members: readonly Float64Array[]
  /** Numbers of the members that were asked: those that have not failed. */
  readonly numbers: readonly number[]
}

/** Whether all members take the same inputs for the same row. */
function shareInputs(members: readonly Model[]): boolean {
  const facts = members.map(({ scaling }) =>
    JSON.stringify(
      scaling
        ? [Array.from(scaling.input.shift), Array.from(scaling.input.scale), scaling.input.log ?? null]
        : null,
    ),
  )
  return facts.every(fact => fact === facts[0])
}

/** softmax(z) of each row of logits, shifted by the largest so that exp cannot overflow. */
function probabilities(logits: Float64Array, outputs: number): Float64Array {
  const shares = new Float64Array(logits.length)
  for (let start = 0; start < logits.length; start += outputs) {
    const row = logits.subarray(start, start + outputs)
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity)
    let sum = 0
    for (let j = 0; j < outputs; j++) sum += shares[start + j] = Math.exp(row[j]! - largest)
    for (let j = 0; j < outputs; j++) shares[start + j] = shares[start + j]! / sum
  }
  return shares
}

/** What a member says, in its table's units: of its network's outputs. */
function inUnits(member: Model, outputs: Float64Array): Float64Array {
  if (member.loss === 'cross-entropy') return probabilities(outputs, member.layout.outputs)
  return member.scaling ? unscaleRows(outputs, member.scaling.output) : outputs
}

function upload(session: Session, members: readonly Model[]): Promise<void> {
  const joined = (name: 'parameters' | 'knots' | 'mask'): Float64Array => {
    const size = members[0]![name].length
    const all = new Float64Array(members.length * size)
    members.forEach((member, m) => all.set(member[name], m * size))
    return all
  }
  return session.upload({ parameters: joined('parameters'), knots: joined('knots'), mask: joined('mask') })
}

/** Predictions of each member, those of one shape side by side: one fitted alone may have another grid. */
async function predictEach(
  members: readonly Model[],
  x: Float64Array,
  engine: Engine,
): Promise<Float64Array[]> {
  const predictions: Float64Array[] = []
  for (const group of groupByShape(members)) {
    const ofOneShape = group.map(m => members[m]!)
    const said = await predictGroup(ofOneShape, x, engine)
    group.forEach((m, place) => (predictions[m] = said[place]!))
  }
  return predictions
}

/** Predictions of members of one shape: side by side where they take the same inputs, else one after another in one session. */
async function predictGroup(
  members: readonly Model[],
  x: Float64Array,
  engine: Engine,
): Promise<Float64Array[]> {
  const { config, layout } = members[0]!
  const rows = x.length / layout.inputs
  const predictions: Float64Array[] = []
  if (!shareInputs(members))
    await withSession(engine, predictorPlan(config, rows), async session => {
      for (const member of members) {
        await upload(session, [member])
        predictions.push(inUnits(member, await session.predict(toNetworkInputs(member, x))))
      }
    })
  else {
    const planOf = (models: number) => predictorPlan(config, rows, models)
    await inWaves(engine, members.length, planOf, async (session, first, models) => {
      const wave = members.slice(first, first + models)
      await upload(session, wave)
      const outputs = await session.predict(toNetworkInputs(wave[0]!, x))
      const size = rows * layout.outputs
      wave.forEach((member, m) =>
        predictions.push(inUnits(member, outputs.subarray(m * size, (m + 1) * size))),
      )
      return true
    })
  }
  return predictions
}

/**
 * What members say for x [rows][inputs] and how far they agree, all in the table's own units: mean, deviation and quantiles over
 * the members, of each row and output. For a classification these are of the probabilities softmax(z): logits z of two members may
 * differ by any constant. Throws ConfigError for options, ShapeError and DataError for x, and what the engine throws.
 *
 * @param numbers which of the members to ask
 */
export async function predictPopulation(
  members: readonly Model[],
  numbers: readonly number[],
  x: RowValues,
  options: PopulationPredictOptions = {},
): Promise<PopulationPrediction> {
  checkCallOptions('predict', options, ['engine', 'quantiles', 'members'])
  const { quantiles = [], members: each = false } = options
  if (!Array.isArray(quantiles))
    throw new ConfigError('quantiles is no list; give one, such as [0.05, 0.5, 0.95].')
  const shares = (quantiles as readonly number[]).map((q, n) =>
    checkNumber(`quantiles[${n}]`, q, value => value >= 0 && value <= 1, 'from 0 to 1, such as 0.5'),
  )
  const asked = numbers.map(m => members[m]!)
  const [first] = asked
  if (first === undefined) throw new ConfigError('No member of the population can predict; fit it first.')
  return withMemory('Predicting with', first, async () => {
    const rows = toRows(x, { name: 'x', columns: first.layout.inputs })
    const own = await withEngine(options.engine, engine => predictEach(asked, rows, engine))
    return { ...summarise(own, shares), members: each ? own : [], numbers: [...numbers] }
  })
}

/** Mean, deviation (in two passes) and quantiles over lists of equal length. */
function summarise(
  own: readonly Float64Array[],
  shares: readonly number[],
): Pick<PopulationPrediction, 'mean' | 'deviation' | 'quantiles'> {
  const count = own.length
  const size = own[0]!.length
  const mean = new Float64Array(size)
  const deviation = new Float64Array(size)
  const quantiles = shares.map(() => new Float64Array(size))
  const column = new Float64Array(count)
  for (let p = 0; p < size; p++) {
    let sum = 0
    for (let m = 0; m < count; m++) sum += column[m] = own[m]![p]!
    mean[p] = sum / count
    let squares = 0
    for (let m = 0; m < count; m++) squares += (column[m]! - mean[p]!) ** 2
    deviation[p] = count > 1 ? Math.sqrt(squares / (count - 1)) : 0
    if (shares.length === 0) continue
    column.sort()
    shares.forEach((q, n) => (quantiles[n]![p] = quantile(column, q)))
  }
  return { mean, deviation, quantiles }
}
