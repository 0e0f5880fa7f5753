import { ConfigError } from '../../errors.ts'
import { checkSeed, countParameters, MOST_PARAMETERS } from '../../model/config.ts'
import type { Config } from '../../model/config.ts'
import { startSeeds } from '../../model/initialize.ts'
import { checkWhole } from '../numbers.ts'

/**
 * Members at most. Beside its arrays each is a dozen objects: so many of [2, 5, 1] on grid 5, with 2.2 kB of numbers each, took 0.9 GB
 * and five seconds to make.
 */
const MOST_MEMBERS = 2 ** 17

/** How many members there are. Throws ConfigError for what is neither a number nor a list. */
function countMembers(seeds: number | readonly number[]): number {
  if (Array.isArray(seeds)) {
    if (seeds.length === 0)
      throw new ConfigError('seeds is an empty list; give one seed a member, such as [0, 1, 2].')
    return seeds.length
  }
  if (typeof seeds !== 'number')
    throw new ConfigError(
      `seeds is ${JSON.stringify(seeds)}; give a number, how many members there are, or a list of their seeds, such as [0, 1, 2].`,
    )
  return checkWhole('seeds', seeds, 1, 'how many members there are, or a list of their seeds')
}

/**
 * Throws ConfigError for more members than MOST_MEMBERS, or with more parameters in all than a single network may have: before any of
 * them is made.
 */
export function checkMembers(seeds: number | readonly number[], { layers }: Pick<Config, 'layers'>): void {
  const members = countMembers(seeds)
  const own = countParameters(layers)
  const most = Math.min(MOST_MEMBERS, Math.floor(MOST_PARAMETERS / own))
  if (members <= most) return
  throw new ConfigError(
    `seeds asks for ${members} members of ${own} parameters each, ${8 * members * own} bytes a copy; the limit is ${most} such members ` +
      `(${MOST_MEMBERS} of any, and ${MOST_PARAMETERS} parameters in all). Use fewer seeds, or one population after another.`,
  )
}

/**
 * The seed of each member: those that were listed, or so many, the first of which is the network's own and the others those of
 * startSeeds, as restarts of the network would have them. Throws ConfigError.
 */
export function memberSeeds(seeds: number | readonly number[], seed: number): number[] {
  const count = countMembers(seeds)
  if (typeof seeds !== 'number') return Array.from(seeds, (own, m) => checkSeed(own, `seeds[${m}]`))
  return [seed, ...startSeeds(seed, count - 1)]
}
