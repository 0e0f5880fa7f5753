/** Which optimizer trains, where, and for how long unless told otherwise. */
import { KAN } from 'webkan'
import type { OptimizerName, WidthEntry } from 'webkan'
import { toyFunction } from 'webkan/data'
import type { Device, Settings } from './settings.ts'

export const optimizerNames: Readonly<Record<OptimizerName, string>> = {
  adam: 'Adam',
  lbfgs: 'L-BFGS',
  lm: 'Levenberg–Marquardt',
}

/** Steps after which each has done most of what it can for the functions here, in one to three seconds on two cores. */
export const usualSteps: Readonly<Record<OptimizerName, number>> = { adam: 2000, lbfgs: 300, lm: 50 }

/**
 * Trainable parameters up to which Levenberg-Marquardt is chosen, and grids are refined with it, as in the library: beyond, a
 * step takes more than a second.
 */
export const levenbergLimit = 1000

/** Beyond, no edge of a network becomes a known function: Levenberg-Marquardt then takes more than 256 MB, and many seconds a step. */
export const knownLimit = 4000

/**
 * What to train the network of these settings with. Where it suits, Levenberg-Marquardt is several times as accurate
 * as the others. Known functions in a network (`hasKnown`) leave no choice: only in float64 do their constants come out.
 */
export function chosenOptimizer(settings: Settings, hasKnown = false): OptimizerName {
  const { optimizer, device } = settings
  if (hasKnown) return 'lm'
  if (optimizer !== 'auto') return optimizer
  return device !== 'webgpu' && parametersOf(settings) <= levenbergLimit ? 'lm' : 'adam'
}

/** The device to ask for: the one that was asked for, but for Levenberg-Marquardt and known functions, which need float64. */
export function chosenDevice(settings: Settings, hasKnown = false): Device {
  if (hasKnown) return 'cpu'
  return settings.device === 'auto' && chosenOptimizer(settings) === 'lm' ? 'cpu' : settings.device
}

/** Width of the network of these settings, inputs first. */
export function widthOf(settings: Pick<Settings, 'function' | 'hidden'>): WidthEntry[] {
  return [toyFunction(settings.function).inputs, ...settings.hidden, 1]
}

function parametersOf(settings: Settings): number {
  const { grid, degree } = settings
  return new KAN({ width: widthOf(settings), grid, degree }).trainableParameters
}
