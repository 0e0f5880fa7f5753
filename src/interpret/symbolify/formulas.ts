import { complexity, simplify, toText } from '../../formula/index.ts'
import type { Expression } from '../../formula/index.ts'
import { inBreaths } from '../../train/pace.ts'
import { Model } from '../../model/model.ts'
import { foldMean } from '../../model/mute.ts'
import { createLayout } from '../../model/shape.ts'
import { freeNumbers } from '../constants/constants.ts'
import { formula, inputNames } from '../formula.ts'
import { paretoFront } from '../errors/pareto.ts'
import { hasPoleInside } from '../constants/poles.ts'
import { shortNumbers } from '../constants/digits.ts'
import { withFactorsInside, withLevels } from '../constants/levelmaps.ts'
import { polishParts } from '../constants/polish.ts'
import { ColumnTable } from '../constants/problem.ts'
import { formulaErrors, judgedError, printedValues, scaledErrors } from '../errors/rowerrors.ts'
import type { RowErrors, WeightedRows } from '../errors/rowerrors.ts'
import { snapParts } from '../constants/snap.ts'
import { costOf } from '../curves/fitcurve.ts'
import { within } from './ground.ts'
import type { SymbolifyGround, Named } from './ground.ts'
import type { SymbolicFormula } from './options.ts'
import { refit } from './refit.ts'

/** A formula and the network that it was read from. */
export interface ReadFormula extends SymbolicFormula {
  readonly model: Model
  readonly from: Named
  /** Whether a pole lies between rows (hasPoleInside): such a formula is offered only where there is no other. */
  readonly hasPole: boolean
  /** What it is ranked by, on held-out rows, or those it was fitted to where there are none: see judgedError. */
  readonly judged: number
}

/** Networks that are read as formulas, at most: more take long and are hardly looked at. */
const MOST_READ = 10

/** The share of a snapped formula's error below which the one with all digits is listed as well. */
const BETTER = 0.99

/** Levenberg-Marquardt steps on all rows before a network is read. */
const STEPS = 40

/** More complex formulas are not snapped: every constant is tried, and nobody would read them. */
const MOST_SNAPPED = 200

/** Steps of a polish, and of one when the time is over. */
const POLISH_STEPS = 100
const LATE_POLISH = 10

/** Numbers of a formula that are still fitted then: a step of more takes longer than whoever stopped the search would wait. */
const MOST_LATE = 60

/** Edges of a network that is still refitted then. */
const MOST_LATE_EDGES = 20

/** The networks that none of the others beats in both cost and error, best first and not too many. */
export function worthReading(tried: readonly Named[]): Named[] {
  const front = paretoFront(tried, ({ error, functions }) => {
    let complexity = 0
    for (const candidate of functions.values()) complexity += costOf(candidate)
    return { complexity, error }
  })
  return front.toReversed().slice(0, MOST_READ)
}

/**
 * The formulas of a network, refitted on all rows, with its constants polished and, where asked for, snapped as well. Both are
 * listed where the rows that judge see the snapping.
 */
export async function readFormulas(
  named: Named,
  ground: SymbolifyGround,
  heldOut: WeightedRows | undefined,
  snaps: boolean,
): Promise<ReadFormula[]> {
  const { training } = ground
  // The rows of the search are a sample of all rows: with many curves the difference is worth less than the wait.
  const isLate = ground.isOver() && named.functions.size > MOST_LATE_EDGES
  const refitted = isLate ? undefined : await refit(named.model, training, ...within(STEPS, ground))
  const names = inputNames(named.model)
  const isLog = (j: number): boolean => named.model.scaling?.output.log?.[j] === true
  const tables = Array.from({ length: named.model.layout.outputs }, (_, j) =>
    outputTable(training, names, named.model.layout.outputs, j, isLog(j)),
  )
  const hasPole = (expressions: readonly Expression[]): boolean =>
    expressions.some((expression, j) => hasPoleInside(expression, tables[j]!))
  const isSound = (expressions: readonly Expression[]): boolean =>
    !hasPole(expressions) && formulaErrors(expressions, names, training).rmse < Infinity
  // No trial has seen where the last refit leads.
  const model = refitted && isSound(formula(refitted.model)) ? refitted.model : named.model
  const outputs = formula(model)
  const polished: Expression[] = []
  const snapped: Expression[] = []
  for (const [j, expression] of outputs.entries()) {
    await ground.breathe()
    polished.push(await polishedOn(tables[j]!, expression, ground))
  }
  const isShort = complexityOf(polished) <= MOST_SNAPPED
  for (const [j, expression] of outputs.entries())
    if (snaps && isShort && !ground.isOver())
      snapped.push(
        (
          await inBreaths(snapParts(tables[j]!, expression, { stop: () => ground.isOver() }), () =>
            ground.breathe(),
          )
        ).expression,
      )
    else if (snaps) snapped.push(simplify(shortNumbers(polished[j]!, tables[j]!)))
  const versions = snaps ? (isShort && !ground.isStopped() ? [polished, snapped] : [snapped]) : [polished]
  const { log } = model.scaling?.output ?? {}
  const read = versions.map((expressions): ReadFormula => {
    const errors = (rows: WeightedRows): RowErrors =>
      scaledErrors(printedValues(expressions, names, rows), rows, log)
    const judge = heldOut ?? training
    return {
      model,
      from: named,
      hasPole: hasPole(expressions),
      expressions,
      texts: expressions.map(expression => toText(expression)),
      complexity: complexityOf(expressions),
      train: errors(training),
      heldOut: heldOut && errors(heldOut),
      judged: judgedError(printedValues(expressions, names, judge), judge, log),
    }
  })
  const [fitted, written] = read
  return written !== undefined && written.judged * BETTER <= fitted!.judged ? [written] : read
}

/** With its constants fitted, as far as there is time, and affine maps for functions of levels of texts. */
async function polishedOn(
  table: ColumnTable,
  expression: Expression,
  ground: SymbolifyGround,
): Promise<Expression> {
  const isLate = ground.isOver()
  if (isLate && freeNumbers(expression).length > MOST_LATE) return expression
  const limits = isLate ? { steps: LATE_POLISH } : { steps: POLISH_STEPS, isOver: () => ground.isOver() }
  const { expression: polished } = await inBreaths(polishParts(table, expression, limits), () =>
    ground.breathe(),
  )
  return withFactorsInside(withLevels(simplify(polished), table.levels), table.levels)
}

/** Numbers of a formula that nobody would write by themselves. */
export function fittedConstants(expression: Expression): number {
  return freeNumbers(expression).filter(({ value }) => Number(value.toPrecision(3)) !== value).length
}

function complexityOf(expressions: readonly Expression[]): number {
  return expressions.reduce((sum, expression) => sum + complexity(expression), 0)
}

/** The rows with the targets of output j and their weights, without those that do not count. */
function outputTable(
  { x, y, weights }: WeightedRows,
  names: readonly string[],
  outputs: number,
  j: number,
  log: boolean,
): ColumnTable {
  const inputs = names.length
  const counted = Array.from(weights.keys()).filter(r => weights[r]! > 0)
  return new ColumnTable(
    names,
    Float64Array.from(counted.flatMap(r => Array.from(x.subarray(r * inputs, (r + 1) * inputs)))),
    Float64Array.from(counted, r => y[r * outputs + j]!),
    counted.length,
    { weights: Float64Array.from(counted, r => weights[r]!), log },
  )
}

/**
 * The network without the edges that are constants: they go into their nodes' biases. A node that only constants led to keeps its
 * value, so that everything computes the same.
 */
export function withoutConstants(model: Model): Model {
  const layers = model.config.layers.map((layer, l) => {
    const { values, outputs } = model.layer(l)
    const { symbolic: all = [], ...shape } = layer
    const symbolic = all.filter(({ formula: f }, e) => f !== '0' && values.affine[4 * e + 2] !== 0)
    return { ...shape, symbolic, outputs }
  })
  const config = {
    ...model.config,
    layers: layers.map(({ symbolic, ...shape }) => (symbolic.length > 0 ? { ...shape, symbolic } : shape)),
  }
  const layout = createLayout(config.layers)
  const { knots, mask, scaling, encoder, loss } = model
  const statistics = structuredClone(model.statistics)
  const parameters = new Float64Array(layout.parameters)
  const smaller = new Model({ config, parameters, knots, mask, scaling, encoder, loss })
  layers.forEach(({ outputs, symbolic }, l) => {
    const from = model.layer(l)
    const to = smaller.layer(l).values
    for (const name of ['coef', 'scaleBase', 'scaleSpline', 'nodeScale', 'nodeBias'] as const)
      to[name].set(from.values[name])
    const all = from.symbolic ?? []
    all.forEach(({ edge }, e) => {
      const place = symbolic.findIndex(own => own.edge === edge)
      const numbers = from.values.affine.subarray(4 * e, 4 * e + 4)
      const j = edge % outputs
      if (place >= 0) to.affine.set(numbers, 4 * place)
      else foldMean(to, j, numbers[3]!)
      if (place < 0 && statistics)
        for (const name of ['edgeL1', 'edgeMean', 'edgeDeviation'] as const)
          statistics.layers[l]![name][edge] = 0
    })
  })
  smaller.statistics = statistics
  return smaller
}
