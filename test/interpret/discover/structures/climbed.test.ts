import { describe, expect, it } from 'vitest'
import { Climbed } from '../../../../src/interpret/discover/structures/climbed.ts'
import { ladder } from '../../../../src/interpret/discover/structures/structures.ts'

describe('Climbed', () => {
  it('goes on where a search came nearest, until that took many starts', () => {
    const [sums, ...steps] = ladder(2, [1, 2, 3])
    const [near, far, ...others] = steps.flat().filter(({ structure }) => structure.starts === 6)
    const climbed = new Climbed()
    // One network with one start is the same whenever it is tried.
    expect(climbed.note(sums![0]!, { starts: 1, error: 1e-3 })).toBe(true)
    expect(climbed.note(near!, { starts: 6, error: 0.1 })).toBe(true)
    expect(climbed.note(far!, { starts: 6, error: 0.2 })).toBe(true)
    expect(climbed.note(others[0]!, { starts: 6, error: 10 })).toBe(true)
    expect(climbed.nearest(2)).toEqual([near, far])
    // Twice as near are two more rounds, as exp(0.5 * 2) is more than 2.
    expect(climbed.note(near!, { starts: 12, error: 0.3 })).toBe(false)
    expect(climbed.startsOf(near!)).toBe(18)
    expect(climbed.nearest(2)).toEqual([far, near])
    expect(climbed.note(near!, { starts: 6, error: 0.01 })).toBe(true)
    expect(climbed.nearest(1)).toEqual([near])
  })
})
