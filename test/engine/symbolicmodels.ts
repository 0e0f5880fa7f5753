/** Models with known functions on some edges, for tests of the CPU engine. */
import type { OracleModel } from '../oracle/kan.ts'
import { seeded } from '../oracle/random.ts'
import { withSymbolicEdges } from '../oracle/symbolic.ts'
import { caseInputs, caseModel, NETWORKS } from './samples.ts'
import type { NetworkCase } from './samples.ts'

/** Float64, as in cpu.test.ts: sums of up to 10^4 rounded terms that partly cancel. */
export const TOLERANCE = 1e-12

/** A network of a few rows. */
export const SMALL = { ...NETWORKS[0]!, degree: 3, width: [3, 4, 2] }
/** Splines and functions mixed, on all degrees; nothing but functions; more rows than a block; several layers. */
export const CASES: readonly (NetworkCase & { share: number })[] = [
  ...[1, 2, 3, 4, 5].map(degree => ({
    ...SMALL,
    name: `half of the edges, degree ${degree}`,
    degree,
    share: 0.5,
  })),
  { ...SMALL, name: 'every edge', share: 1 },
  { ...SMALL, name: '600 rows', rows: 600, share: 0.4 },
  { ...SMALL, name: 'three layers', width: [2, 3, 3, 2], share: 0.3 },
  { ...NETWORKS.find(({ name }) => name.startsWith('products of'))!, name: 'products', share: 0.5 },
]

/** A case's model, a share of its edges known functions. */
export function symbolicModel({ share, ...network }: NetworkCase & { share: number }, seed = 1): OracleModel {
  return withSymbolicEdges(caseModel(network, seed), seeded(seed + 100), share)
}

/** Inputs in [-1.5, 1.5]: cubes and exponentials of larger hidden nodes would drown everything else. */
export function inputsOf(network: NetworkCase): number[][] {
  return caseInputs(network).map(row => row.map(value => value / 2))
}
