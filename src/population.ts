import { ConfigError } from './errors.ts'
import type { KANOptions } from './model/config.ts'
import { OPTION_NAMES, resolveConfig } from './model/config.ts'
import { checkOptionNames } from './model/optionnames.ts'
import type { Model } from './model/model.ts'
import type { RowValues, Samples } from './train/options.ts'
import { fitPopulation } from './train/population/fit.ts'
import type { PopulationRun } from './train/population/fit.ts'
import type { PopulationFitOptions } from './train/population/options.ts'
import { predictPopulation } from './train/population/predict.ts'
import type { PopulationPrediction, PopulationPredictOptions } from './train/population/predict.ts'
import { checkMembers, memberSeeds } from './train/population/seeds.ts'
import { checkOneShape } from './train/population/shape.ts'

/** A population's network, and its members. */
export interface PopulationOptions extends KANOptions {
  /** How many members, the first with the seed `seed` and the others with seeds from it; or a list of their seeds. */
  readonly seeds: number | readonly number[]
}

const NONE_LEFT =
  'All members failed in the last fit of the population, so none can be chosen or asked; fit it again, with a smaller learningRate ' +
  'or after a look for extreme values in the samples, or ask a member itself: population.members[0].'

/** The options of each member's network. Throws ConfigError. */
export function memberOptions(options: PopulationOptions): KANOptions[] {
  const example = 'KAN.population({ width: [2, 5, 1], seeds: 64 })'
  checkOptionNames('KAN.population', options, [...OPTION_NAMES, 'seeds'], example)
  const { seeds, ...network } = options
  if (seeds === undefined)
    throw new ConfigError(
      `KAN.population needs seeds: how many members, or a list of their seeds, as in ${example}.`,
    )
  const config = resolveConfig(network)
  const { seed } = config
  checkMembers(seeds, config)
  return memberSeeds(seeds, seed).map(own => ({ ...network, seed: own }))
}

/**
 * Networks of one shape that are trained side by side: many seeds, learning rates, lambdas or samples in hardly more time than one
 * network takes where the device is not full.
 *
 *     const population = KAN.population({ width: [2, 5, 1], grid: 5, seeds: 256 })
 *     const report = await population.fit({ x, y }, { engine, validation: 0.2 })
 *     const { mean, deviation } = await population.predict(x, { engine })
 *     const kan = population.best()
 *
 * Members are ordinary models, and live: a fit of the population changes them in place, and a fit of a member changes the
 * population.
 */
export class Population<Member extends Model = Model> {
  readonly members: readonly Member[]
  /** Numbers of the members that can be chosen, the best first: none once all have failed, undefined before the first fit. */
  #order: readonly number[] | undefined

  /** Throws ConfigError unless there is a member, and all are models of their own with the same layers. */
  constructor(members: readonly Member[]) {
    if (members.length === 0) throw new ConfigError('A population needs at least one member.')
    checkOneShape(members)
    if (new Set(members).size < members.length)
      throw new ConfigError(
        'A model is a member twice, and cannot train beside itself; give copies: kan.copy().',
      )
    this.members = [...members]
  }

  /**
   * Trains all members, each to its best weights by evaluation: see train/population/fit.ts. A list of samples has an entry a
   * member, equally many rows each; each member is then scaled by its own. Starts at once: await the run for its
   * PopulationReport, iterate over it, or both. Options as for KAN.fit, but for refine, restarts and resume; learningRate and
   * lambda may be lists with an entry a member.
   *
   * Rejects as KAN.fit does; with NonFiniteError only where all members have failed. The others are what is left to choose from.
   */
  fit(samples: Samples | readonly Samples[], options?: PopulationFitOptions): PopulationRun {
    return fitPopulation(this.members, samples, options, order => (this.#order = order))
  }

  /** The member with the smallest evaluation loss of the last fit: itself, no copy. Throws ConfigError before the first fit. */
  best(): Member {
    const number = this.#order?.[0]
    if (number === undefined && this.#order) throw new ConfigError(NONE_LEFT)
    if (number === undefined)
      throw new ConfigError('No member is the best before the population was fitted: await population.fit.')
    return this.members[number]!
  }

  /**
   * What the members say for x [rows][inputs], in the table's own units, and how far they agree: see PopulationPrediction. Of the
   * last fit's members those that have not failed are asked; before the first fit all are, with the weights that they have: those
   * they were given, or untrained ones. Rejects as KAN.predict does, and with ConfigError where all members have failed.
   */
  async predict(x: RowValues, options?: PopulationPredictOptions): Promise<PopulationPrediction> {
    if (this.#order?.length === 0) throw new ConfigError(NONE_LEFT)
    return predictPopulation(
      this.members,
      this.#order?.toSorted((a, b) => a - b) ?? this.members.map((_, m) => m),
      x,
      options,
    )
  }
}
