import { ConfigError } from '../../errors.ts'
import { checkSeed } from '../../model/config.ts'
import { startSeeds } from '../../model/initialize.ts'
import { checkWhole } from '../numbers.ts'

/**
 * The seed of each member: those that were listed, or so many, the first of which is the network's own and the others those of
 * startSeeds, as restarts of the network would have them. Throws ConfigError.
 */
export function memberSeeds(seeds: number | readonly number[], seed: number): number[] {
  if (Array.isArray(seeds)) {
    if (seeds.length === 0)
      throw new ConfigError('seeds is an empty list; give one seed a member, such as [0, 1, 2].')
    return seeds.map(checkSeed)
  }
  const count = checkWhole('seeds', Number(seeds), 1, 'how many members there are, or a list of their seeds')
  return [seed, ...startSeeds(seed, count - 1)]
}
