import { UnsupportedError } from '../../errors.ts'
import type { AdamPlan, LbfgsPlan, Plan } from '../engine.ts'

/** The plan's optimizer, if it runs on the GPU. Throws UnsupportedError. */
export function gpuOptimizer({ optimizer }: Plan): AdamPlan | LbfgsPlan {
  if (optimizer.kind !== 'lm') return optimizer
  throw new UnsupportedError(
    `The optimizer '${optimizer.kind}' needs float64 and runs on the CPU engine only. Use the device 'cpu', or 'lbfgs' or 'adam' here.`,
  )
}
