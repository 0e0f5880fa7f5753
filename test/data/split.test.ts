import { describe, expect, it } from 'vitest'
import { splitRows } from '../../src/data/index.ts'
import type { Split } from '../../src/data/index.ts'
import { ConfigError, DataError, ShapeError } from '../../src/errors.ts'

function sizes({ train, validation, test }: Split): number[] {
  return [train.length, validation.length, test.length]
}

function allRows({ train, validation, test }: Split): number[] {
  return [...train, ...validation, ...test].toSorted((a, b) => a - b)
}

function classCounts(part: Uint32Array, classes: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, c) => part.filter(row => classes[row] === c).length)
}

describe('splitRows', () => {
  it('has round(test * rows) test rows and validation rows from the rest, disjoint and covering', () => {
    for (let rows = 4; rows < 60; rows++)
      for (const [test, validation] of [
        [0.2, 0.1],
        [0, 0.5],
        [0.25, 0],
        [0, 0],
        [0.5, 0.3],
      ] as const) {
        const split = splitRows(rows, { test, validation, seed: rows })
        const held = test === 0 ? 0 : Math.max(1, Math.round(test * rows))
        const kept = validation === 0 ? 0 : Math.max(1, Math.round(validation * (rows - held)))
        expect(sizes(split)).toEqual([rows - held - kept, kept, held])
        expect(allRows(split)).toEqual([...Array(rows).keys()])
      }
  })

  it('repeats for one seed, differs for another, and is the same on every machine', () => {
    const options = { test: 0.3, validation: 0.2, seed: 7 }
    expect(splitRows(10, options)).toEqual(splitRows(10, options))
    expect(splitRows(1000, options).test).not.toEqual(splitRows(1000, { ...options, seed: 8 }).test)
    expect(splitRows(10, options)).toEqual({
      train: Uint32Array.of(0, 1, 4, 5, 7, 9),
      validation: Uint32Array.of(2),
      test: Uint32Array.of(3, 6, 8),
    })
  })

  it('keeps the test part whatever the validation fraction', () => {
    const classes = Array.from({ length: 100 }, (_, i) => i % 3)
    for (const stratify of [classes, undefined]) {
      const parts = [0, 0.1, 0.5].map(validation =>
        splitRows(100, { test: 0.2, validation, seed: 1, ...(stratify === undefined ? {} : { stratify }) }),
      )
      expect(parts[1]!.test).toEqual(parts[0]!.test)
      expect(parts[2]!.test).toEqual(parts[0]!.test)
    }
  })

  it('takes every row equally often', () => {
    // Binomial with n = 2000, p = 0.25: deviation 19.4; 5 deviations fail by chance once in 10^5 runs of 20 rows, and the seeds
    // are fixed.
    const taken = new Uint32Array(20)
    for (let seed = 0; seed < 2000; seed++)
      for (const row of splitRows(20, { test: 0.25, validation: 0, seed }).test) taken[row]!++
    for (const count of taken) expect(Math.abs(count - 500)).toBeLessThan(97)
  })

  it('stratified: every class has its share of every part, to one row, and sizes stay exact', () => {
    const counts = [59, 71, 48]
    const classes = counts.flatMap((count, c) => Array<number>(count).fill(c))
    for (let seed = 0; seed < 20; seed++) {
      const split = splitRows(178, { test: 0.2, validation: 0.1, seed, stratify: classes })
      expect(sizes(split)).toEqual([128, 14, 36])
      expect(allRows(split)).toEqual([...classes.keys()])
      for (const [c, count] of classCounts(split.test, classes, 3).entries())
        expect(Math.abs(count - (counts[c]! * 36) / 178)).toBeLessThan(1)
      for (const [c, count] of classCounts(split.validation, classes, 3).entries())
        expect(Math.abs(count - ((counts[c]! - (counts[c]! * 36) / 178) * 14) / 142)).toBeLessThan(2)
    }
  })

  it('stratified: trains on every class while there is a choice', () => {
    const classes = [...Array<number>(7).keys(), ...Array<number>(13).fill(7)]
    for (let seed = 0; seed < 20; seed++) {
      const split = splitRows(20, { test: 0.3, validation: 0.3, seed, stratify: classes })
      expect(sizes(split)).toEqual([10, 4, 6])
      expect(new Set([...split.train].map(row => classes[row])).size).toBe(8)
    }
    const singles = splitRows(5, { test: 0.4, validation: 0, seed: 0, stratify: [0, 1, 2, 3, 4] })
    expect(sizes(singles)).toEqual([3, 0, 2])
  })

  it('refuses what cannot be split, saying why', () => {
    const options = { test: 0.2, validation: 0.1, seed: 0 }
    expect(() => splitRows(2, options)).toThrow(DataError)
    expect(() => splitRows(2, options)).toThrow(
      '2 rows cannot be split: test 0.2 takes 1, validation 0.1 takes 1, and none is left',
    )
    expect(() => splitRows(10, { ...options, test: 0.99 })).toThrow('test 0.99 takes 10')
    expect(() => splitRows(0, options)).toThrow('There are 0 rows to split')
    for (const test of [1, -0.1, Number.NaN, 20]) {
      expect(() => splitRows(10, { ...options, test })).toThrow(ConfigError)
      expect(() => splitRows(10, { ...options, test })).toThrow(`The test fraction is ${test}`)
    }
    expect(() => splitRows(10, { ...options, validation: 1.5 })).toThrow('The validation fraction is 1.5')
    expect(() => splitRows(10, { ...options, seed: 0.5 })).toThrow('The seed is 0.5')
    expect(() => splitRows(10, { ...options, stratify: [1, 2] })).toThrow(ShapeError)
  })
})
