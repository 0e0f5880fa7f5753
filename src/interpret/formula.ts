import { ConfigError } from '../errors.ts'
import {
  call,
  difference,
  normalise,
  number,
  parse,
  product,
  quotient,
  substitute,
  sum,
  variable,
} from '../formula/index.ts'
import type { Bounds, Expression } from '../formula/index.ts'
import { inputNames } from '../model/formulas.ts'
import type { LayerView, Model } from '../model/model.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import { nodeOfOutput } from '../model/products.ts'
import { unscale } from '../model/scaling.ts'
import type { ColumnScaling } from '../model/scaling.ts'
import { affineExpression } from './curves/candidate.ts'
import { plainNumbers } from './constants/plainnumbers.ts'

export { inputNames }

/** What formula may be told. */
export interface FormulaOptions {
  /** Names of the inputs, in their order: see inputNames for the default. */
  readonly names?: readonly string[]
  /**
   * Whether the formula is brought into normal form, affine maps merged, and the one that symbolify chose stands for its network
   * (default true); else the network's own steps stay.
   */
  readonly simplify?: boolean
  /**
   * Whether numbers that are off plain ones by rounding only, where the training rows lay and once more to each side, are written
   * plainly: 3.1415926535897936 as pi (default false). Farther away such a formula may differ.
   */
  readonly plain?: boolean
}

/** Edges that an error names. */
const EDGES_NAMED = 6

/**
 * What a model computes, one expression an output, in the table's own units: from its columns through the inputs' scaling, the
 * edges' functions c f(a x + b) + d, sums and products with their scale and bias, to the target's units again (logarithmic
 * scales undone). A classification's are its logits. Each equals what `predict` gives but for rounding. The formulas that
 * symbolify or discover chose for the network, where it still has them, come first (Model.formulas): their constants were fitted
 * and written as a person would after they had been read off it, so that `predict` differs by what that changed.
 *
 * @throws ConfigError where an edge that leads to an output is a spline still: the message names such edges
 */
export function formula(model: Model, options: FormulaOptions = {}): Expression[] {
  checkOptionNames('formula', options, ['names', 'simplify', 'plain'], "formula({ names: ['x', 'y'] })")
  const { names = inputNames(model), simplify: tidy = true, plain = false } = options
  const { inputs } = model.layout
  if (names.length !== inputs || new Set(names).size !== inputs)
    throw new ConfigError(
      `names are ${JSON.stringify(names)}; the network needs one for each of its ${inputs} inputs, all different.`,
    )
  if (tidy && model.formulas) return chosenFormulas(model, model.formulas, names)
  const { scaling } = model
  const columns = names.map((name, i) => toNetwork(variable(name), scaling?.input, i))
  const outputs = compose(model, columns).map((output, j) => toTable(output, scaling?.output, j))
  const bounds = inputBounds(model, names)
  const normal = tidy ? outputs.map(output => normalise(output, { bounds })) : outputs
  return plain ? normal.map(output => plainNumbers(output, names, scaledBounds(model, names))) : normal
}

/** The formulas that a model has, in these names. */
function chosenFormulas(model: Model, texts: readonly string[], names: readonly string[]): Expression[] {
  const own = inputNames(model)
  const renamed = new Map(own.map((name, i) => [name, variable(names[i]!)]))
  return texts.map(text => substitute(parse(text, { variables: own }), renamed))
}

/** Between which values the inputs lay in the model's calibration, in the table's units; nothing where there was none. */
function inputBounds({ statistics, scaling }: Model, names: readonly string[]): ReadonlyMap<string, Bounds> {
  const layer = statistics?.layers[0]
  if (layer === undefined) return new Map()
  const inUnits = (u: number, i: number): number => (scaling ? unscale(scaling.input, i, u) : u)
  return new Map(
    names.map((name, i) => [name, [inUnits(layer.inputMin[i]!, i), inUnits(layer.inputMax[i]!, i)]]),
  )
}

/**
 * Where the training rows lay by the model's scaling, and once more to each side, in the table's units: min-max scaling maps them
 * onto the grid's range.
 */
function scaledBounds({ scaling, config }: Model, names: readonly string[]): ReadonlyMap<string, Bounds> {
  if (scaling === undefined || config.scaling.input !== 'minmax') return new Map()
  const [first, last] = config.range
  const [low, high] = [2 * first - last, 2 * last - first]
  return new Map(
    names.map((name, i) => [name, [unscale(scaling.input, i, low), unscale(scaling.input, i, high)]]),
  )
}

/** u = (value - shift) / scale of a column, of log(value) on a logarithmic scale. */
function toNetwork(value: Expression, scaling: ColumnScaling | undefined, column: number): Expression {
  if (scaling === undefined) return value
  const logged = scaling.log?.[column] === true ? call('log', value) : value
  const shifted = difference(logged, number(scaling.shift[column]!))
  return quotient(shifted, number(scaling.scale[column]!))
}

/** value = shift + scale u of a column, exp of that on a logarithmic scale. */
function toTable(u: Expression, scaling: ColumnScaling | undefined, column: number): Expression {
  if (scaling === undefined) return u
  const value = sum(product(number(scaling.scale[column]!), u), number(scaling.shift[column]!))
  return scaling.log?.[column] === true ? call('exp', value) : value
}

/** The outputs from the inputs, both in the network's coordinates. Nodes that lead nowhere are not looked at. */
function compose(model: Model, inputs: readonly Expression[]): Expression[] {
  const splines: string[] = []
  const layers = model.layout.layers.map((_, l) => new LayerNodes(model.layer(l), l, splines))
  const nodes = layers.reduce<(i: number) => Expression>(
    (before, layer) => once(node => layer.node(node, before)),
    i => inputs[i]!,
  )
  const outputs = Array.from({ length: model.layout.outputs }, (_, j) => nodes(j))
  if (splines.length === 0) return outputs
  const named = splines.toSorted().slice(0, EDGES_NAMED).join('; ')
  const more = splines.length > EDGES_NAMED ? `; and ${splines.length - EDGES_NAMED} more` : ''
  throw new ConfigError(
    `The network has no formula yet: ${splines.length === 1 ? 'an edge is a spline' : `${splines.length} edges are splines`} (${named}${more}). Fix them by name, or all with symbolify.`,
  )
}

/** A function of a node's number that is asked once for each, so that nodes are shared subtrees. */
function once(make: (node: number) => Expression): (node: number) => Expression {
  const made = new Map<number, Expression>()
  return node => {
    let expression = made.get(node)
    if (expression === undefined) {
      expression = make(node)
      made.set(node, expression)
    }
    return expression
  }
}

/** A layer as expressions. */
class LayerNodes {
  readonly #layer: LayerView
  readonly #l: number
  /** Where edges that are splines are noted. */
  readonly #splines: string[]
  readonly #nodeOf: Int32Array

  constructor(layer: LayerView, l: number, splines: string[]) {
    this.#layer = layer
    this.#l = l
    this.#splines = splines
    this.#nodeOf = nodeOfOutput(layer)
  }

  /** A node after the layer from those before it: a sum, or the product of its factors. */
  node(node: number, before: (i: number) => Expression): Expression {
    let all: Expression = number(1)
    this.#nodeOf.forEach((own, j) => {
      if (own === node) all = product(all, this.#output(j, before))
    })
    return all
  }

  /** nodeScale sum of phi + nodeBias. */
  #output(j: number, before: (i: number) => Expression): Expression {
    const { inputs, values } = this.#layer
    let total: Expression = number(0)
    for (let i = 0; i < inputs; i++) total = sum(total, this.#edge(i, j, before))
    return sum(product(number(values.nodeScale[j]!), total), number(values.nodeBias[j]!))
  }

  #edge(i: number, j: number, before: (i: number) => Expression): Expression {
    const { outputs, symbolic = [], values } = this.#layer
    const edge = i * outputs + j
    const e = symbolic.findIndex(own => own.edge === edge)
    if (e < 0) {
      if (values.mask[edge] !== 0) {
        this.#splines.push(`layer ${this.#l} from input ${i} to output ${j}`)
        before(i) // which notes those on the way here
      }
      return number(0)
    }
    const [a, b, c, d] = [0, 1, 2, 3].map(k => values.affine[4 * e + k]!)
    const numbers = { a: a!, b: b!, c: c!, d: d! }
    return numbers.c === 0 ? number(numbers.d) : affineExpression(symbolic[e]!.formula, numbers, before(i))
  }
}
