import { describe, expect, it } from 'vitest'
import { checkTask } from '../../../src/interpret/discover/task.ts'

const samples = { x: [[1], [2], [3]], y: [1, 4, 9] }

describe('options of discover from plain JavaScript', () => {
  it.each([
    [{ names: [1] }, 'names are [1]; give a list of texts'],
    [{ names: 'a' }, 'names are "a"; give a list of texts'],
    [{ seconds: '5' }, 'seconds is "5"; give how long'],
    [{ columns: ['a'] }, "Did you mean 'names'?"],
  ])('%o are refused', (options, message) => {
    const refuse: (given: typeof samples, options: object) => unknown = checkTask
    expect(() => refuse(samples, options)).toThrow(message)
  })

  it.each([
    [{ x: [[1, 2]], y: [1] }, ['a'], 'There is 1 name, and x has 2 inputs a row; give every input a name.'],
    [{ x: [1, 2, 3, 4], y: [1, 2] }, ['a'], 'There is 1 name, and x has 2 inputs a row'],
    [{ x: [[1], [2]], y: [1, 2] }, ['a', 'b'], 'There are 2 names, and x has 1 input a row'],
    // The fault of y, not of the names.
    [{ x: [1, 2, 3, 4], y: [1, 2, 3] }, ['a', 'b'], 'y has 3'],
  ])('%j with the names %j blames what is wrong', (given, names, message) => {
    expect(() => checkTask(given, { names })).toThrow(message)
  })

  it('refuse two targets, in test rows too', () => {
    const twice = { x: samples.x, y: samples.y.map(y => [y, -y]) }
    const message = 'y: row 1 has 2 values, and discover finds the formula of one target'
    expect(() => checkTask(twice, {})).toThrow(message)
    expect(() => checkTask(samples, { test: twice })).toThrow(`test.${message}`)
    expect(() => checkTask({ x: samples.x, y: samples.y.map(y => [y]) }, {})).not.toThrow()
  })
})
