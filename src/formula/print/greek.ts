/** The Greek letters in the order of Unicode by their English names, which are LaTeX's too; the second sigma ends words. */
const NAMES =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma_final ' +
  'sigma tau upsilon phi chi psi omega'

const lower = NAMES.split(' ').map((name, i) => [name, String.fromCodePoint(0x3b1 + i)] as const)
const upper = lower.map(
  ([name, letter]) => [name[0]!.toUpperCase() + name.slice(1), letter.toUpperCase()] as const,
)

/** alpha is α, Omega is Ω. */
export const greekLetters: ReadonlyMap<string, string> = new Map(
  [...lower, ...upper].filter(([name]) => !name.toLowerCase().startsWith('sigma_')),
)

/** α is alpha, Ω is Omega; ς is sigma. */
export const greekNames: ReadonlyMap<string, string> = new Map([
  ...[...greekLetters].map(([name, letter]) => [letter, name] as const),
  ['ς', 'sigma'] as const,
  ['ϵ', 'epsilon'] as const,
  ['ϑ', 'theta'] as const,
  ['ϕ', 'phi'] as const,
])
