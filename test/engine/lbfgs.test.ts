import { describe, expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { Lbfgs } from '../../src/engine/cpu/lbfgs/lbfgs.ts'
import type { Objective } from '../../src/engine/cpu/lbfgs/lbfgs.ts'
import { LineSearch } from '../../src/engine/linesearch.ts'
import { relativeError } from './flat.ts'
import { openAtStart, trajectoryOf } from './trajectories.ts'

/** Evaluations and loss of each iteration of the reference's network, from its first one. */
async function iterate(steps: number): Promise<{ loss: number; evaluations: number }[]> {
  await using engine = createCpuEngine()
  const session = await openAtStart(engine, 1, { kind: 'lbfgs' })
  const seen: { loss: number; evaluations: number }[] = []
  for (let step = 0; step < steps; step++) {
    const { losses, functionEvaluations } = await session.run(1)
    seen.push({ loss: losses[0]!, evaluations: functionEvaluations[0]! })
  }
  return seen
}

describe('L-BFGS in float64', () => {
  it("takes the reference's steps, evaluation for evaluation", async () => {
    const { loss_before_step, closures_per_step, final_loss } = trajectoryOf('lbfgs1')
    const seen = await iterate(21)
    // The reference moves by 1e-11 if a coefficient starts 1e-14 higher (rel_change_if_coef_plus_1e14).
    expect(
      relativeError(
        seen.map(({ loss }) => loss),
        [...loss_before_step, final_loss],
      ),
    ).toBeLessThan(1e-9)
    // Each of its steps evaluates its first point again.
    let closures = 0
    closures_per_step.forEach((count, step) => {
      closures += count - (step === 0 ? 0 : 1)
      expect(seen[step]!.evaluations).toBe(closures)
    })
  })

  it('follows the long trajectory as far as it is stable: three calls of up to 20 iterations and 25 evaluations', async () => {
    const { loss_before_step, closures_per_step } = trajectoryOf('lbfgs20')
    const seen = await iterate(70)
    let iteration = 0
    for (let call = 0; call < 3; call++) {
      const before = iteration === 0 ? 0 : seen[iteration - 1]!.evaluations - 1
      let evaluations = 0
      for (let n = 0; n < 20 && evaluations < 25; n++) evaluations = seen[iteration++]!.evaluations - before
      expect(evaluations).toBe(closures_per_step[call])
      // The trajectory magnifies a change of 1e-14 to 1e-8 in 60 iterations (rel_change_if_coef_plus_1e14).
      expect(relativeError([seen[iteration]!.loss], [loss_before_step[call + 1]!])).toBeLessThan(1e-7)
    }
  })

  it("takes the reference's way through Rosenbrock's valley, evaluation for evaluation", () => {
    const { x0, x_after_step_and_closures, closure_evals } = trajectoryOf(
      'rosenbrock_lbfgs1',
    ) as unknown as Valley
    const seen: number[][] = []
    const objective = rosenbrock(x0, seen)
    const lbfgs = new Lbfgs(1, 2, { float64: (_, length) => new Float64Array(length), int32: none })
    expect(lbfgs.valueAt(objective, 0)).toBeCloseTo(closure_evals[0]![2]!, 12)
    for (const [a, b] of x_after_step_and_closures) {
      expect(lbfgs.descend(objective, 0)).toBe(true)
      // A start 1e-14 further on moves the way by 4e-11 (measured): it magnifies rounding, 1e-16, by 4000 and more.
      expect(relativeError([...objective.parameters], [a!, b!])).toBeLessThan(1e-10)
    }
    // The reference evaluates the first point of every step again.
    const fresh = closure_evals.filter((point, n) => n === 0 || point[0] !== closure_evals[n - 1]![0])
    expect(relativeError(seen.flat(), fresh.flat())).toBeLessThan(1e-10)
  })

  it('ends in the minimum, and then finds no way down and stays', () => {
    const objective = rosenbrock([-1.2, 1], [])
    const lbfgs = new Lbfgs(1, 2, { float64: (_, length) => new Float64Array(length), int32: none })
    lbfgs.valueAt(objective, 0)
    let steps = 0
    while (lbfgs.descend(objective, 0)) expect(++steps).toBeLessThan(100)
    const [a, b] = objective.parameters
    // At the minimum f = 0 cannot decrease; the curvature there is about 1, so that x is as exact as the root of f.
    expect(Math.hypot(a! - 1, b! - 1)).toBeLessThan(1e-7)
    expect(lbfgs.valueAt(objective, 0)).toBeLessThan(1e-14)
  })

  it('leaves out pairs without positive curvature', () => {
    // A parabola around 1 down to 2, and beyond one that opens downwards, with the same value and slope at 2: no point there is
    // flat, so that the search settles for its last point, the lowest. (Where the Wolfe conditions hold, s.y > 0.)
    let evaluations = 0
    const objective = {
      parameters: Float64Array.of(3),
      gradient: new Float64Array(1),
      evaluate(): number {
        evaluations++
        const x = this.parameters[0]!
        this.gradient[0] = x >= 2 ? x - 1 : 3 - x
        return x >= 2 ? (x - 1) ** 2 / 2 : 1 - (3 - x) ** 2 / 2
      },
    }
    const lbfgs = new Lbfgs(1, 1, { float64: (_, length) => new Float64Array(length), int32: none })
    const { count, newest, scale, products, steps, changes, gradient, loss } = lbfgs.memory
    const pairs = (): number[][] => [count, newest, scale, products, steps, changes].map(array => [...array])
    lbfgs.valueAt(objective, 0)
    // From 3, where the slope is 2, half of it: s = y = -1.
    expect(lbfgs.descend(objective, 0)).toBe(true)
    expect({ x: objective.parameters[0], count: count[0], product: products[0] }).toEqual({
      x: 2,
      count: 1,
      product: 1,
    })
    const before = pairs()
    evaluations = 0
    expect(lbfgs.descend(objective, 0)).toBe(true)
    expect(evaluations).toBe(26)
    // The model stands at the point, of s < 0 and y > 0, and the pairs are those of before.
    expect(objective.parameters[0]).toBeLessThan(1)
    expect([gradient[0], loss[0]]).toEqual([3 - objective.parameters[0]!, objective.evaluate()])
    expect(gradient[0]).toBeGreaterThan(1)
    expect(pairs()).toEqual(before)
  })
})

describe('the line search', () => {
  const search = (): LineSearch => new LineSearch(2 ** -24)

  it('accepts a flat point that is level within rounding, which a strict test refuses', () => {
    const line = search()
    line.begin(1, -1e-9, 1)
    expect(line.advance(1 + 2e-7, 1e-10)).toBe('accept')
    const strict = new LineSearch()
    strict.begin(1, -1e-9, 1)
    expect(strict.advance(1 + 2e-7, 1e-10)).toBe('evaluate')
  })

  it.each([Number.NaN, Infinity])('takes %d for a value that is far too high', value => {
    const line = search()
    line.begin(1, -1, 1)
    expect(line.advance(value, Number.NaN)).toBe('evaluate')
    expect(line.step).toBe(0.5)
    expect(line.advance(0.6, -0.01)).toBe('accept')
  })

  it('gives up, within 26 evaluations, where nothing is lower', () => {
    const line = search()
    line.begin(1, -1, 1)
    let evaluations = 1
    while (line.advance(2, 1) === 'evaluate') evaluations++
    expect(evaluations).toBeLessThanOrEqual(26)
    expect(line.advance(2, 1)).toBe('failed')
  })

  it('evaluates the lowest point once more when it was not the last', () => {
    // A value below the start at t = 1 with a steep rise after it, and a wall of higher values inside the bracket.
    const line = search()
    line.begin(1, -1, 1)
    expect(line.advance(0.5, 2)).toBe('evaluate')
    let outcome = line.advance(0.9, 2)
    let evaluations = 2
    while (outcome === 'evaluate' && line.step !== 1 && evaluations < 40) {
      outcome = line.advance(0.9, 2)
      evaluations++
    }
    expect(outcome).toBe('evaluate')
    expect(line.step).toBe(1)
    expect(line.advance(0.5, 2)).toBe('accept')
  })
})

interface Valley {
  x0: number[]
  x_after_step_and_closures: number[][]
  closure_evals: number[][]
}

function none(): Int32Array {
  throw new Error('L-BFGS needs no integers')
}

/** f = 100 (b - a^2)^2 + (1 - a)^2; every evaluation is added to `seen` as [a, b, f]. */
function rosenbrock(start: readonly number[], seen: number[][]): Objective {
  const parameters = Float64Array.from(start)
  const gradient = new Float64Array(2)
  return {
    parameters,
    gradient,
    evaluate() {
      const [a, b] = [parameters[0]!, parameters[1]!]
      gradient[0] = -400 * a * (b - a ** 2) - 2 * (1 - a)
      gradient[1] = 200 * (b - a ** 2)
      const value = 100 * (b - a ** 2) ** 2 + (1 - a) ** 2
      seen.push([a, b, value])
      return value
    },
  }
}
