import type { Candidate } from '../curves/candidate.ts'
import { propose, withFunction, worthTrying } from './edges.ts'
import { keyOf, NOTHING, refitNamed, scoreOf } from './ground.ts'
import type { SymbolifyGround, Named, Place } from './ground.ts'

/** Levenberg-Marquardt steps of a network of known functions: a trial's, and the best one's. */
const TRIAL_STEPS = 20
const BEST_STEPS = 60

/** So many of the functions that are most like an edge's curve are tried, beside constants and straight lines. */
const ALTERNATIVES = 6

/** An alternative must be better by so much in score, that rounds end. */
const LEAST_GAIN = 0.05

/**
 * Tries other functions on every edge of a network whose edges are all known functions, the others refitted, and takes what
 * is better, until nothing is: an edge that was named when others were splines still may have been named for what those lacked.
 * Also what is simpler is tried, for the list of formulas.
 *
 * @returns all networks that were tried, the best first
 */
export async function tryAlternatives(
  start: Named,
  places: readonly Place[],
  ground: SymbolifyGround,
): Promise<Named[]> {
  const tried: Named[] = [start]
  let best = (await refitNamed(start.model, start.functions, BEST_STEPS, ground)) ?? start
  tried.push(best)
  const refused = new Set<string>()
  for (let improved = true; improved && !ground.isOver();) {
    improved = false
    for (const place of places) {
      await ground.breathe()
      if (ground.isOver()) break
      for (const candidate of alternatives(best, place, ground)) {
        const key = `${candidate.name} at ${keyOf(place)}`
        if (ground.isOver() || refused.has(key)) continue
        const fixed = withFunction(best, place, candidate)
        const trial = await refitNamed(fixed.model, fixed.functions, TRIAL_STEPS, ground)
        ground.report({ stage: 'alternatives', edge: { ...place, name: candidate.name } }, best)
        if (trial) tried.push(trial)
        if (trial && scoreOf(trial, ground) < scoreOf(best, ground) - LEAST_GAIN) {
          best = (await refitNamed(trial.model, trial.functions, BEST_STEPS, ground)) ?? trial
          tried.push(best)
          improved = true
          refused.clear()
        } else refused.add(key)
      }
    }
  }
  return [best, ...tried.filter(other => other !== best)]
}

/** Other functions for an edge: simpler ones, and where the network errs all that are like its curve. */
function alternatives(state: Named, place: Place, ground: SymbolifyGround): Candidate[] {
  const own = state.functions.get(keyOf(place))!
  const isExact = state.error <= NOTHING
  const { candidates } = propose(state, place, ground)
  const others = candidates.filter(({ name }) => name !== own.name)
  const alike = isExact ? [] : worthTrying(others, ALTERNATIVES)
  return others.filter(
    candidate =>
      candidate.complexity <= 1 || candidate.complexity < own.complexity || alike.includes(candidate),
  )
}
