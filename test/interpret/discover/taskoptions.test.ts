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
})
