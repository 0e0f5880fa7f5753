import { ConfigError } from '../../errors.ts'
import type { Model } from '../../model/model.ts'
import { formatWidth } from '../../model/width.ts'

/** What two members must have in common to be in one session: layers, and what of them is trained. */
export function shapeOf({ config }: Model): string {
  return JSON.stringify([config.layers, config.trainable], withoutFixedAt)
}

/** Where an edge was when it was fixed is no part of the shape: see SymbolicEdge. */
function withoutFixedAt(key: string, value: unknown): unknown {
  return key === 'fixedAt' ? undefined : value
}

/** What of a network two members differ in first. */
function differenceOf(member: Model, other: Model): [string, string] {
  const width = ({ config: { layers } }: Model): string => `width ${formatWidth(layers)}`
  const each = (name: 'intervals' | 'degree' | 'base', { config: { layers } }: Model): string => {
    const values = layers.map(layer => layer[name])
    const shown = new Set(values).size === 1 ? String(values[0]) : `[${values.join(', ')}]`
    return `${name === 'intervals' ? 'grid' : name} ${shown}`
  }
  const trained = ({ config: { trainable } }: Model): string =>
    `trainable ${
      Object.entries(trainable)
        .filter(([, on]) => on)
        .map(([name]) => name)
        .join(', ') || 'nothing'
    }`
  const pairs = [
    width,
    (own: Model) => each('intervals', own),
    (own: Model) => each('degree', own),
    (own: Model) => each('base', own),
    trained,
  ].map((say): [string, string] => [say(member), say(other)])
  return pairs.find(([a, b]) => a !== b) ?? ['other layers', 'its own']
}

/**
 * Throws ConfigError unless all members have the layers, and the trainable groups, of the first: those that do not cannot train beside
 * it. A member that was fitted alone with `refine` has another grid since.
 */
export function checkOneShape(members: readonly Model[]): void {
  const first = members[0]!
  const shape = shapeOf(first)
  const other = members.findIndex(member => shapeOf(member) !== shape)
  if (other < 0) return
  const [own, firstOnes] = differenceOf(members[other]!, first)
  throw new ConfigError(
    `Member ${other} has ${own} and member 0 ${firstOnes}; members that train side by side have one shape. Fit those of another ` +
      `shape by themselves (member.fit), or make a population of those of one shape: new Population(members).`,
  )
}

/** Numbers of the members of each shape, each list ascending. */
export function groupByShape(members: readonly Model[]): number[][] {
  const groups = new Map<string, number[]>()
  members.forEach((member, m) => {
    const shape = JSON.stringify(member.config.layers, withoutFixedAt)
    const group = groups.get(shape)
    if (group) group.push(m)
    else groups.set(shape, [m])
  })
  return [...groups.values()]
}
