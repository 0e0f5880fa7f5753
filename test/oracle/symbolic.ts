import type { OracleModel, OracleSymbolic } from './kan.ts'

type OracleFunction = Pick<OracleSymbolic, 'name' | 'formula' | 'f' | 'slope'>

/** Functions with their derivatives as plain code, each smooth on all numbers. */
export const SMOOTH_FUNCTIONS: readonly OracleFunction[] = [
  { name: 'sin', formula: 'sin(u)', f: Math.sin, slope: Math.cos },
  { name: 'x^2', formula: 'u^2', f: u => u * u, slope: u => 2 * u },
  { name: 'exp', formula: 'exp(u/2)', f: u => Math.exp(u / 2), slope: u => Math.exp(u / 2) / 2 },
  { name: 'tanh', formula: 'tanh(u)', f: Math.tanh, slope: u => 1 / Math.cosh(u) ** 2 },
  { name: 'x^3', formula: 'u^3', f: u => u ** 3, slope: u => 3 * u * u },
  {
    name: 'gaussian',
    formula: 'gaussian(u)',
    f: u => Math.exp(-u * u),
    slope: u => -2 * u * Math.exp(-u * u),
  },
  {
    name: '1/(1+x^2)',
    formula: '1/(1 + u^2)',
    f: u => 1 / (1 + u * u),
    slope: u => (-2 * u) / (1 + u * u) ** 2,
  },
  { name: 'x', formula: 'u', f: u => u, slope: () => 1 },
  { name: '0', formula: '0', f: () => 0, slope: () => 0 },
  { name: 'cos', formula: 'cos(u)', f: Math.cos, slope: u => -Math.sin(u) },
]

/**
 * The model with about `share` of its edges symbolic, their functions in turn and their affine numbers random: a and c in
 * +-[0.5, 1.5], b and d in [-1, 1].
 */
export function withSymbolicEdges(model: OracleModel, random: () => number, share: number): OracleModel {
  let turn = 0
  const size = (): number => (random() < 0.5 ? -1 : 1) * (0.5 + random())
  const shift = (): number => 2 * random() - 1
  return {
    layers: model.layers.map(layer => {
      const symbolic: OracleSymbolic[] = []
      const mask = layer.mask.map((row, i) =>
        row.map((on, j) => {
          if (random() >= share) return on
          const own = SMOOTH_FUNCTIONS[turn++ % SMOOTH_FUNCTIONS.length]!
          symbolic.push({ ...own, i, j, affine: [size(), shift(), size(), shift()] })
          return 0
        }),
      )
      return { ...layer, mask, symbolic }
    }),
  }
}
