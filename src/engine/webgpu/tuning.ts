import { OutOfMemoryError } from '../../errors.ts'
import { createLayout } from '../../model/shape.ts'
import type { LayerLayout, Layout } from '../../model/shape.ts'
import { Random } from '../../random.ts'
import { uniformKnots } from '../../spline/knots.ts'
import type { KernelChoice, Plan, Session, Upload } from '../engine.ts'
import { fusedShape } from './fused.ts'
import { chooseVariants, isLarge, LAYER_VARIANTS, SESSION_VARIANTS } from './variants.ts'
import type { DeviceTraits } from './variants.ts'

/** Milliseconds after which no further variant is tried. */
const LIMIT = 2000
/** Milliseconds of steps in one timing, of which there are so many: the shortest counts, as others were disturbed. */
const TIMING = 10
const TIMINGS = 3
/** A variant must be faster than the one before by this share: less is noise. */
const GAIN = 0.03

/** What the order of trials makes the most of: the slowest kernel first. */
const KERNELS = ['backward_input', 'forward', 'backward_coef', 'basis'] as const

/** Finds the fastest variants of a plan's kernels on a device by training on made-up rows, once for every shape. */
export class Tuner {
  readonly #open: (plan: Plan) => Promise<Session>
  readonly #traits: DeviceTraits
  readonly #found = new Map<string, Promise<KernelChoice>>()

  constructor(open: (plan: Plan) => Promise<Session>, traits: DeviceTraits) {
    this.#open = open
    this.#traits = traits
  }

  /** The kernels to run the plan with. Sessions of the trials are closed by then. */
  choose(plan: Plan): Promise<KernelChoice> {
    const {
      layers,
      models,
      rows,
      batch,
      validationRows,
      trainable,
      loss,
      penalty,
      optimizer,
      evaluateEvery,
    } = plan
    // All that layers cost, and that fusedShape asks.
    const key = JSON.stringify([
      [layers, models, rows > 0, batch, trainable, loss, penalty],
      [optimizer.kind, validationRows, evaluateEvery],
    ])
    let found = this.#found.get(key)
    if (found === undefined) {
      found = this.#search(plan)
      this.#found.set(key, found)
      // A failure, such as a lost device, is no result.
      found.catch(() => this.#found.delete(key))
    }
    return found
  }

  async #search(plan: Plan): Promise<KernelChoice> {
    const layout = createLayout(plan.layers)
    const full = (kernels: KernelChoice): KernelChoice =>
      chooseVariants({ ...plan, kernels }, layout, this.#traits).choice
    const groups = largeGroups(plan, layout)
    const fused = fusedShape(plan, layout) !== undefined
    if (plan.rows === 0 || (groups.length === 0 && !fused)) return full({})
    const trial: Plan = {
      ...plan,
      rows: plan.batch,
      validationRows: 0,
      ownRows: false,
      optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      evaluateEvery: Number.MAX_SAFE_INTEGER,
      patience: 0,
    }
    const contents = madeUp(trial, layout)
    const until = performance.now() + LIMIT
    let kernels: Record<string, string> = {}
    let fastest = await this.#time({ ...trial, kernels }, contents)
    const consider = async (changes: KernelChoice): Promise<void> => {
      const asked = { ...kernels, ...changes }
      if (performance.now() > until || sameChoice(full(asked), full(kernels))) return
      const milliseconds = await this.#time({ ...trial, kernels: asked }, contents)
      if (milliseconds > (1 - GAIN) * fastest) return
      fastest = milliseconds
      kernels = asked
    }
    for (const group of groups)
      for (const kernel of KERNELS)
        for (const variant of LAYER_VARIANTS[kernel])
          await consider(Object.fromEntries(group.map(l => [`${kernel}.${l}`, variant])))
    if (this.#traits.subgroups && groups.length > 0) await consider({ reductions: 'subgroups' })
    if (fused) for (const steps of SESSION_VARIANTS.steps) await consider({ steps })
    return full(kernels)
  }

  /** Milliseconds a step; Infinity where there is no room for it. */
  async #time(plan: Plan, contents: Upload): Promise<number> {
    let session: Session | undefined
    try {
      session = await this.#open(plan)
      await session.upload(contents)
      const run = async (steps: number): Promise<number> => {
        const began = performance.now()
        await session!.run(steps)
        return performance.now() - began
      }
      await run(1)
      const steps = Math.max(1, Math.min(256, Math.ceil(TIMING / (await run(1)))))
      let shortest = Infinity
      for (let timing = 0; timing < TIMINGS; timing++) shortest = Math.min(shortest, await run(steps))
      return shortest / steps
    } catch (error) {
      if (error instanceof OutOfMemoryError) return Infinity
      throw error
    } finally {
      await session?.close()
    }
  }
}

function sameChoice(a: KernelChoice, b: KernelChoice): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The layers whose arithmetic takes time, those of one shape together. */
function largeGroups(plan: Plan, layout: Layout): number[][] {
  const groups = new Map<string, number[]>()
  layout.layers.forEach((layer, l) => {
    if (!isLarge(plan, layer)) return
    const { inputs, outputs, intervals, degree } = layer
    const key = [inputs, outputs, intervals, degree].join()
    groups.set(key, [...(groups.get(key) ?? []), l])
  })
  return [...groups.values()]
}

/** Rows that fall evenly into the grids of a network with small coefficients, and a learning rate of 0. */
function madeUp(plan: Plan, layout: Layout): Upload {
  const { models, batch } = plan
  const random = new Random(0)
  const noise = (length: number, size: number): Float64Array =>
    Float64Array.from({ length }, () => size * (2 * random.uniform() - 1))
  const knots = new Float64Array(models * layout.knots)
  const fill = (layer: LayerLayout, m: number): void => {
    const own = uniformKnots([-1, 1], layer.intervals, layer.degree)
    for (let i = 0; i < layer.inputs; i++)
      knots.set(own, m * layout.knots + layer.knots + i * layer.knotsPerInput)
  }
  for (let m = 0; m < models; m++) for (const layer of layout.layers) fill(layer, m)
  const labels = plan.loss === 'cross-entropy'
  return {
    parameters: noise(models * layout.parameters, 0.1),
    knots,
    mask: new Float64Array(models * layout.edges).fill(1),
    training: {
      x: noise(batch * layout.inputs, 1),
      y: labels
        ? Float64Array.from({ length: batch }, (_, row) => row % layout.outputs)
        : noise(batch * layout.outputs, 1),
      weights: new Float64Array(batch).fill(1),
    },
    learningRate: new Float64Array(models),
    lambda: new Float64Array(models).fill(plan.penalty ? 1 : 0),
  }
}
