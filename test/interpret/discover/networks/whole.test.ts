import { describe, expect, it } from 'vitest'
import { KAN } from '../../../../src/index.ts'
import { targetTransforms } from '../../../../src/interpret/discover/structures/targets.ts'
import { wholeModel } from '../../../../src/interpret/discover/networks/whole.ts'
import { fit } from '../../../../src/train/fit.ts'
import { predict } from '../../../../src/train/evaluate.ts'

describe('a network of a transformed target', () => {
  const x = Float64Array.from({ length: 40 }, (_, r) => 0.5 + r / 40)
  const y = x.map(value => value ** 2 / 2)

  it.each(targetTransforms.filter(({ name }) => name !== 'sin y'))(
    'says the target itself: $name',
    async target => {
      const kan = new KAN({ width: [1, 1], seed: 1 })
      await fit(kan, { x, y: y.map(target.forward) }, { optimizer: 'lm', steps: 20 })
      const own = await predict(kan, x)
      const whole = await predict(wholeModel(kan, target), x)
      // The same operations but for the order of two: a few roundings, which the way back multiplies by at most 10 here.
      whole.forEach((value, r) => expect(value).toBeCloseTo(target.inverse(own[r]!), 12))
    },
  )

  it('goes the way back that its formula says', () => {
    for (const target of targetTransforms) expect(target.inverse(target.forward(0.75))).toBeCloseTo(0.75, 15)
  })
})
