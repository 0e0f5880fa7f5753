import { evaluationChunks, evaluationRows, passCapacity, WIDTH } from './buffers.ts'
import type { SetBuffers, TrainingBuffers } from './buffers.ts'
import { kernels } from './kernels.ts'
import type { LayerSlots } from './layerslots.ts'
import { recordJudgement, recordProposal, recordVerdict } from './lbfgs.ts'
import { gpuOptimizer } from './optimizer.ts'
import type { Passes } from './passes.ts'
import { chunkOffset, outsideOffset } from './stepslots.ts'
import { folded } from './recording.ts'
import type { Recording } from './recording.ts'

/** Where training takes its rows from. */
interface TrainingSets {
  readonly training: SetBuffers
  readonly validation: SetBuffers
}

/** Records what a session that trains does beside looking at rows. */
export class TrainingProgram {
  readonly #passes: Passes
  readonly #slots: LayerSlots
  readonly #buffers: TrainingBuffers
  readonly #sets: TrainingSets
  /** Layer records of a batch. */
  readonly #batch: readonly number[]
  /** Whether every model has rows of its own. */
  readonly #own: boolean

  constructor(passes: Passes, slots: LayerSlots, buffers: TrainingBuffers, sets: TrainingSets) {
    this.#passes = passes
    this.#slots = slots
    this.#buffers = buffers
    this.#sets = sets
    this.#own = passes.plan.ownRows === true
    this.#batch = slots.pass(passes.plan.batch, 1, this.#own)
  }

  /** One training step: [gather], forward, loss, backward, Adam; or one tick of L-BFGS. */
  step(recording: Recording): void {
    const passes = this.#passes
    const { plan } = passes
    const training = this.#buffers
    const { lbfgs, moments } = training
    const optimizer = gpuOptimizer(plan)
    const slot = this.#batch[0]!
    if (lbfgs) {
      recordProposal(recording, plan, passes.buffers, lbfgs, training, slot)
      this.#lossAndGradient(recording, false, lbfgs.objective)
      recordJudgement(recording, plan, passes.buffers, lbfgs, training, slot)
      return
    }
    this.#lossAndGradient(recording, false, training.losses)
    if (optimizer.kind === 'adam' && moments) passes.adam(recording, training, moments, slot, optimizer)
  }

  /** Loss and gradients over the first rows in order, and on to the gradient by the inputs; no update. */
  gradients(recording: Recording): void {
    const step = outsideOffset(this.#passes.buffers)
    this.#lossAndGradient(recording, true, this.#buffers.losses, step)
  }

  /** @param ring where the loss goes; @param step a step slot of its own, or that of the step which replays it */
  #lossAndGradient(recording: Recording, toInputs: boolean, ring: GPUBuffer, step?: number): void {
    const passes = this.#passes
    const { plan, buffers, last } = passes
    const { gathered, inbox } = buffers
    const training = this.#buffers
    const slots = this.#batch
    const whole = plan.batch === plan.rows || !gathered
    const rows = whole ? this.#sets.training : { x: inbox, ...gathered }
    if (!whole) passes.gather(recording, slots[0]!, plan.batch, this.#sets.training, step)
    passes.forward(recording, slots, plan.batch, rows.x)
    passes.loss(recording, training, slots[last]!, plan.batch, rows)
    passes.penalty?.norms(recording, slots, rows)
    passes.penalty?.settle(recording, training, slots)
    passes.reduceLoss(recording, training, slots[last]!, { evaluation: false, ring, step })
    passes.backward(recording, training, slots, toInputs, rows)
  }

  /**
   * The evaluation: loss of its rows, a recording a chunk of them; the last also says what to keep. L-BFGS knows the loss on the
   * training rows where it stands: only validation rows are looked at.
   */
  evaluation(record: () => Recording): Recording[] {
    const passes = this.#passes
    const { plan } = passes
    const training = this.#buffers
    const { lbfgs } = training
    if (lbfgs && plan.validationRows === 0) {
      const recording = record()
      recordVerdict(recording, plan, lbfgs, training, this.#batch[0]!)
      this.#keep(recording, this.#batch[0]!)
      return [recording]
    }
    const rows = Math.min(evaluationRows(plan), passCapacity(plan))
    const slots = this.#slots.pass(rows, evaluationChunks(plan), this.#own)
    const recordings = this.#chunks(record, slots, rows)
    const verdict = recordings.at(-1)!
    const slot = slots[passes.last]!
    passes.penalty?.settle(verdict, training, slots)
    if (lbfgs) {
      passes.reduceLoss(verdict, training, slot, { evaluation: false, ring: lbfgs.evaluated })
      recordVerdict(verdict, plan, lbfgs, training, slots[0]!)
    } else passes.reduceLoss(verdict, training, slot, { evaluation: true, ring: training.evaluations })
    this.#keep(verdict, slots[0]!)
    return recordings
  }

  /** The rows' losses, a recording a chunk. */
  #chunks(record: () => Recording, slots: readonly number[], rows: number): Recording[] {
    const passes = this.#passes
    const { plan, buffers, last } = passes
    const { gathered, inbox } = buffers
    const { validation } = this.#sets
    const chunks = evaluationChunks(plan)
    const perChunk = Math.ceil(rows / WIDTH)
    return Array.from({ length: chunks }, (_, c) => {
      const recording = record()
      const whole = chunks === 1 || !gathered
      const source = whole ? validation : { x: inbox, ...gathered }
      const step = whole ? undefined : chunkOffset(buffers, c)
      if (!whole) passes.gather(recording, slots[0]!, rows, validation, step)
      passes.forward(recording, slots, rows, source.x)
      passes.penalty?.norms(recording, slots, source, step)
      const slot = this.#slots.layer(last, {
        rows,
        partials: chunks * perChunk,
        chunk: c * perChunk,
        own: this.#own,
      })
      passes.loss(recording, this.#buffers, slot, rows, source)
      return recording
    })
  }

  #keep(recording: Recording, slot: number): void {
    const { buffers, layout, models } = this.#passes
    const { best, bestParameters } = this.#buffers
    recording.add(
      kernels.keep,
      { WIDTH },
      [best, buffers.parameters, bestParameters],
      { layer: slot },
      folded(layout.parameters, WIDTH, models),
    )
  }
}
