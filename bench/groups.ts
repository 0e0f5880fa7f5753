/** Names of the groups of figures: by them a figure that was measured is found again in the report. */
export const LIMITS = 'limit'
/** Milliseconds a training step, by the host's clock and by the device's. */
export const STEP = 'step'
export const DEVICE_STEP = 'step, on the device'
/** What a training session holds. */
export const BYTES = 'bytes'
/** Optimizer iterations a second. */
export const ITERATIONS = 'iterations'
export const POPULATION = 'population of A'
export const START = 'time to the first step'
export const GROWTH_WITH_G = 'growth with G'
export const GROWTH_WITH_WIDTH = 'growth with width'
export const GROWTH_WITH_BATCH = 'growth with batch'
/** Dispatches by themselves, and hot kernels over as many rows as make them long. */
export const KERNEL = 'kernel, native batch'
export const HOT_KERNEL = 'kernel, scaled batch'
