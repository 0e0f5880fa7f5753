import { describe, expect, test } from 'vitest'
import { ConfigError, ShapeError } from '../../../src/errors.ts'
import { KAN } from '../../../src/kan.ts'
import { Population } from '../../../src/population.ts'
import { toySamples } from '../toy.ts'

const network = { width: [2, 3, 1], grid: 3 } as const
const samples = toySamples(50)

describe('is refused', () => {
  const population = KAN.population({ ...network, seeds: 3 })

  test.each<[string, () => unknown, RegExp]>([
    ['no seeds', () => KAN.population({ ...network, seeds: 0 }), /seeds is 0; .* at least 1/],
    ['an empty list', () => KAN.population({ ...network, seeds: [] }), /seeds is an empty list/],
    ['a seed that is none', () => KAN.population({ ...network, seeds: [1, -2] }), /seeds\[1\] is -2/],
    ['an unknown option', () => KAN.population({ ...network, seeds: 2, grids: 3 } as never), /'grids'/],
    [
      'misspelt seeds',
      () => KAN.population({ ...network, sedes: 3 } as never),
      /KAN\.population has no option 'sedes'\. Did you mean 'seeds'/,
    ],
    [
      'seeds in words',
      () => KAN.population({ ...network, seeds: '8' as never }),
      /seeds is "8"; give a number/,
    ],
    [
      'seeds in an object',
      () => KAN.population({ ...network, seeds: { a: 1 } as never }),
      /seeds is \{"a":1\}/,
    ],
    [
      'seeds null',
      () => KAN.population({ ...network, seeds: null as never }),
      /seeds is null; give a number/,
    ],
    [
      'more members than there is room for',
      () => KAN.population({ ...network, seeds: 1e9 }),
      /seeds asks for 1000000000 members of 72 parameters each, 576000000000 bytes a copy; the limit is 131072 .*fewer seeds/,
    ],
    [
      'more parameters than there is room for',
      () => KAN.population({ width: [1000, 1000, 1], seeds: 60 }),
      /seeds asks for 60 members of 10010000 parameters each.*the limit is 53 such members/,
    ],
    ['options without seeds', () => KAN.population(network as never), /seeds/],
    ['no member', () => new Population([]), /at least one member/],
    [
      'another shape',
      () => new Population([new KAN(network), new KAN({ width: [2, 4, 1] })]),
      /Member 1 has width \[2, 4, 1\] and member 0 width \[2, 3, 1\]/,
    ],
    ['a model twice', () => new Population([population.members[0]!, population.members[0]!]), /twice/],
    ['the best before a fit', () => KAN.population({ ...network, seeds: 2 }).best(), /await population\.fit/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(message)
  })

  test.each<[string, object, RegExp]>([
    ['refine', { refine: [5] }, /refine is for a single network; .*population\.best\(\)\.copy\(\)\.fit/],
    ['restarts', { restarts: 3 }, /restarts is for a single network; .*more seeds/],
    ['resume', { resume: {} }, /resume is for a single network/],
    ['a list too short', { learningRate: [0.1, 0.2] }, /learningRate has 2 entries for 3 members/],
    ['a rate that is none', { learningRate: [0.1, 0, 0.1] }, /learningRate\[1\] is 0/],
    ['a lambda that is none', { lambda: [0, 0, -1] }, /lambda\[2\] is -1/],
    ['validation too short', { validation: [samples] }, /validation has 1 entry for 3 members/],
    [
      'an option that there is not',
      { sed: 1 },
      /^population\.fit has no option 'sed'((?!refine|restarts|resume).)*$/,
    ],
    ['a misspelt option', { learningrate: 0.1 }, /Did you mean 'learningRate'/],
    ['a rate beside lm', { optimizer: 'lm', learningRate: [0.1, 0.1, 0.1] }, /'lm' finds its own step/],
  ])('%s, as an option of fit', async (_, options, message) => {
    await expect(population.fit(samples, options)).rejects.toThrow(ConfigError)
    await expect(population.fit(samples, options)).rejects.toThrow(message)
  })

  test('samples that do not fit the members', async () => {
    const ragged = { x: [[1, 2, 3]], y: [1] }
    await expect(population.fit([samples, ragged, samples])).rejects.toThrow(
      /^Member 1: x: row 1 has 3 values/,
    )
    await expect(population.fit([samples, samples, {} as never])).rejects.toThrow(
      /^Member 2: The samples are/,
    )
    await expect(population.fit(samples, { validation: [samples, samples, ragged] })).rejects.toThrow(
      /^Member 2: validation\.x: row 1 has 3 values/,
    )
    await expect(population.fit(ragged)).rejects.toThrow(/^x: row 1 has 3 values/)
    await expect(population.fit([samples, samples])).rejects.toThrow(
      /The list of samples has 2 entries for 3 members/,
    )
    await expect(population.fit([])).rejects.toThrow(ConfigError)
    const uneven = [samples, samples, toySamples(49)]
    await expect(population.fit(uneven)).rejects.toThrow(ShapeError)
    await expect(population.fit(uneven)).rejects.toThrow(
      /Member 2 has 49 training rows, and member 0 has 50; .*weight 0/,
    )
    await expect(population.fit([samples, samples, { x: samples.x } as never])).rejects.toThrow(ShapeError)
  })

  test('members of several shapes, as one that was refined alone', async () => {
    const own = KAN.population({ ...network, seeds: 2 })
    await own.fit(samples, { learningRate: 0.05, steps: 5 })
    await own.members[1]!.fit(samples, { learningRate: 0.05, steps: 5, refine: [8] })
    expect(own.members[1]!.config.layers[0]!.intervals).toBe(8)
    await expect(own.fit(samples)).rejects.toThrow(ConfigError)
    await expect(own.fit(samples)).rejects.toThrow(
      /Member 1 has grid 8 and member 0 grid 3; .*new Population\(members\)/,
    )
    const { members } = await own.predict(samples.x, { members: true })
    expect(members).toEqual(await Promise.all(own.members.map(member => member.predict(samples.x))))
  })

  test('a second fit at the same time, of the population or of a member', async () => {
    const own = KAN.population({ ...network, seeds: 2 })
    const run = own.fit(samples, { steps: 20, learningRate: 0.1 })
    await expect(own.fit(samples)).rejects.toThrow(
      /Another fit is training this population, or its member 0; .*new Population/,
    )
    await expect(own.members[1]!.fit(samples)).rejects.toThrow(/Another fit is training/)
    await run
    await own.members[1]!.fit(samples, { steps: 1 })
  })
})
