import type { PenaltyPlan } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { checkOptionNames } from '../model/optionnames.ts'
import { checkNumber } from './numbers.ts'
import type { FitOptions, PenaltyOptions } from './options.ts'

/** The KAN paper's weights: mu1 = mu2 = 1 (arXiv 2404.19756, section 2.5.1); pykan's lamb_coef and lamb_coefdiff are 0 too. */
export const PENALTY_DEFAULTS: PenaltyPlan = { metric: 'paper', l1: 1, entropy: 1, coef: 0, coefdiff: 0 }

const NAMES = Object.keys({
  metric: true,
  l1: true,
  entropy: true,
  coef: true,
  coefdiff: true,
} satisfies Record<keyof PenaltyOptions, true>)

/** What is added to the loss, times lambda; none where lambda is 0. Throws ConfigError. */
export function resolvePenalty({ lambda, penalty }: FitOptions): {
  readonly lambda: number
  readonly penalty: PenaltyPlan | undefined
} {
  if (penalty !== undefined && lambda === undefined)
    throw new ConfigError(
      `penalty is given without lambda, which it is multiplied by (0 unless given); give lambda too, such as 1e-3.`,
    )
  const factor = checkNumber('lambda', lambda ?? 0, value => value >= 0, 'at least 0 (such as 1e-3)')
  const given = penalty ?? {}
  checkOptionNames('penalty', given, NAMES, 'fit(samples, { lambda: 1e-3, penalty: { entropy: 2 } })')
  const metric = given.metric ?? PENALTY_DEFAULTS.metric
  if (metric !== 'paper' && metric !== 'edge_forward_spline_n')
    throw new ConfigError(`penalty.metric is '${String(metric)}'; choose 'paper' or 'edge_forward_spline_n'.`)
  const weight = (name: Exclude<keyof PenaltyPlan, 'metric'>): number =>
    checkNumber(`penalty.${name}`, given[name] ?? PENALTY_DEFAULTS[name], value => value >= 0, 'at least 0')
  const plan: PenaltyPlan = {
    metric,
    l1: weight('l1'),
    entropy: weight('entropy'),
    coef: weight('coef'),
    coefdiff: weight('coefdiff'),
  }
  return { lambda: factor, penalty: factor > 0 ? plan : undefined }
}
