import { describe, expect, it } from 'vitest'
import { Random } from '../../src/random.ts'
import { scratchFolder, webkan } from './command.ts'

const folder = scratchFolder()

const FACTORS = { glass: 2, steel: 3.5, wood: 1 }

/** n T times what the material says, with uniform noise of up to that share. */
function table(materials: readonly (keyof typeof FACTORS)[], noise: number): string {
  const random = new Random(4)
  const lines = Array.from({ length: 200 }, () => {
    const material = materials[Math.floor(materials.length * random.uniform())]!
    const [n, T] = [1 + 2 * random.uniform(), 1 + 4 * random.uniform()]
    return [material, n, T, FACTORS[material] * n * T * (1 + noise * (2 * random.uniform() - 1))].join()
  })
  return `material,n,T,y\n${lines.join('\n')}\n`
}

describe('webkan discover, of a column of text that is a factor', () => {
  it.each([
    { materials: ['glass', 'wood'] as const, noise: 0, law: /^T\*n\*\(`material=glass` \+ 1\)$/ },
    { materials: ['glass', 'wood'] as const, noise: 0.05, law: /^T\*n\*\(`material=glass` \+ 1\)$/ },
    {
      materials: ['glass', 'steel', 'wood'] as const,
      noise: 0,
      law: /^T\*n\*\(`material=glass` \+ 2\.5\*`material=steel` \+ 1\)$/,
    },
    {
      materials: ['glass', 'steel', 'wood'] as const,
      noise: 0.05,
      law: /^T\*n\*\(([\d.]+\*)?`material=glass` \+ [\d.]+\*`material=steel` \+ [\d.]+\)$/,
    },
  ])('reads $materials with noise of $noise', { timeout: 60_000 }, async ({ materials, noise, law }) => {
    const path = folder.write(`${materials.length}-${noise}.csv`, table(materials, noise))
    const { code, stdout } = await webkan(['discover', path, '--target', 'y', '--json'])
    expect(code).toBe(0)
    const result: unknown = JSON.parse(stdout)
    const { formula, test } = result as {
      readonly formula: string
      readonly test: { readonly r2: number }
    }
    expect(formula).toMatch(law)
    expect(test.r2).toBeGreaterThan(0.99)
  })
})
