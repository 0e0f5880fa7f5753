import { UnsupportedError } from '../../errors.ts'
import type { AdamPlan, Plan } from '../engine.ts'

/** The plan's optimizer, if it runs on the GPU. */
export function gpuOptimizer({ optimizer }: Plan): AdamPlan {
  if (optimizer.kind === 'adam') return optimizer
  throw new UnsupportedError(
    `The optimizer '${optimizer.kind}' needs float64 and runs on the CPU engine only. Use the device 'cpu', or 'adam' here.`,
  )
}
