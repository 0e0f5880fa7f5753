import { FormatError } from '../../errors.ts'
import { functions, isConstantName, isFunctionName } from '../functions.ts'
import { shown } from '../names.ts'
import { call, constant, fold, negate, number, variable, variables } from '../tree.ts'
import type { BinaryKind, Expression } from '../tree.ts'
import { shortest } from './piece.ts'

const FORMAT = 'webkan formula'
const VERSION = 1

/** Longer files are refused before they are read; so is a list with more nodes. */
const LONGEST = 50_000_000
const MOST_NODES = 1_000_000

const binaryKinds: readonly BinaryKind[] = ['add', 'subtract', 'multiply', 'divide', 'power']

/**
 * The formula as JSON: a list of nodes in the order in which they can be computed, each an operation followed by its
 * operands, which are numbers of earlier nodes; the last is the result. exp(2*x) is
 *
 *     {"format":"webkan formula","version":1,"variables":["x"],
 *      "nodes":[["number",2],["variable","x"],["multiply",0,1],["exp",2]]}
 *
 * Operations are add, subtract, multiply, divide, power, negate and the names of the functions. Shared subtrees are written
 * once; numbers are read back exactly, -0 too.
 */
export function toJson(expression: Expression): string {
  const nodes: string[] = []
  const row = (name: string, ...operands: readonly (string | number)[]): number =>
    nodes.push(`[${[JSON.stringify(name), ...operands].join(',')}]`) - 1
  const known = new Map<string, number>()
  const once = (name: string, operand: string): number => {
    const key = `${name} ${operand}`
    const index = known.get(key) ?? row(name, operand)
    known.set(key, index)
    return index
  }
  fold<number>(expression, (node, parts) => {
    if (node.kind === 'number') return once(node.kind, shortest(node.value))
    if (node.kind === 'constant' || node.kind === 'variable')
      return once(node.kind, JSON.stringify(node.name))
    return row(node.kind === 'call' ? node.name : node.kind, ...parts)
  })
  const names = JSON.stringify(variables(expression))
  return `{"format":"${FORMAT}","version":${VERSION},"variables":${names},"nodes":[\n${nodes.join(',\n')}\n]}\n`
}

/**
 * Reads what toJson wrote, checking everything: nothing of the file is trusted or run. Throws FormatError, with the number of
 * the node that is wrong, also for operations and versions that it does not know.
 */
export function fromJson(text: string): Expression {
  if (text.length > LONGEST)
    throw new FormatError(`The formula's JSON has ${text.length} characters; at most ${LONGEST} are read.`)
  const nodes = nodeList(parsed(text))
  const trees: Expression[] = []
  for (const [i, node] of nodes.entries()) trees.push(readNode(node, i, trees))
  return trees.at(-1)!
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FormatError('The formula is no JSON. Give the text that the format json prints.', {
      cause: error,
    })
  }
}

function nodeList(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== FORMAT)
    throw new FormatError(`The JSON is no formula: its format is not '${FORMAT}'.`)
  const version = 'version' in value ? value.version : undefined
  if (version !== VERSION)
    throw new FormatError(
      `The formula's version is ${JSON.stringify(version)}; this webkan reads ${VERSION}. Update webkan.`,
    )
  const nodes = 'nodes' in value ? value.nodes : undefined
  if (!Array.isArray(nodes) || nodes.length === 0)
    throw new FormatError("The formula's JSON has no list of nodes.")
  if (nodes.length > MOST_NODES)
    throw new FormatError(`The formula has ${nodes.length} nodes; at most ${MOST_NODES} are read.`)
  return nodes
}

function readNode(value: unknown, index: number, trees: readonly Expression[]): Expression {
  const wrong = (problem: string): FormatError => new FormatError(`The formula's node ${index} ${problem}.`)
  const node: readonly unknown[] = Array.isArray(value) ? value : []
  const [name, first] = node
  if (typeof name !== 'string') throw wrong('is no list that begins with a name')
  const arity = arityOf(name)
  if (arity === undefined) throw wrong(`is an operation that is not known: '${shown(name)}'`)
  if (node.length !== arity + 1) throw wrong(`has ${node.length - 1} operands; ${name} has ${arity}`)

  if (name === 'number') {
    if (typeof first !== 'number' || !Number.isFinite(first))
      throw wrong('is a number without a finite value')
    return number(first)
  }
  if (name === 'variable' || name === 'constant') {
    if (typeof first !== 'string' || first === '') throw wrong(`is a ${name} without a name`)
    if (name === 'variable') return variable(first)
    if (!isConstantName(first)) throw wrong(`is a constant that is not known: '${shown(first)}'`)
    return constant(first)
  }

  const parts = node.slice(1).map(operand => {
    const part = typeof operand === 'number' ? trees[operand] : undefined
    if (part === undefined)
      throw wrong(`has the operand ${JSON.stringify(operand)}, which is no earlier node`)
    return part
  })
  if (isFunctionName(name)) return call(name, ...parts)
  return isBinaryKind(name) ? { kind: name, left: parts[0]!, right: parts[1]! } : negate(parts[0]!)
}

/** How many operands an operation has; undefined for one that is not known. */
function arityOf(name: string): number | undefined {
  if (isFunctionName(name)) return functions[name].derivatives.length
  if (isBinaryKind(name)) return 2
  return ['number', 'constant', 'variable', 'negate'].includes(name) ? 1 : undefined
}

function isBinaryKind(name: string): name is BinaryKind {
  return binaryKinds.some(kind => kind === name)
}
