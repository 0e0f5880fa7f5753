/** Owns the engine and the experiment, and brings them to what the visitor wants. Draws nothing. */
import { NonFiniteError } from 'webkan'
import type { Engine, Run } from 'webkan'
import { requestPageEngine } from './engines.ts'
import type { PageEngine } from './engines.ts'
import { trainsOn } from './changes.ts'
import type { Change } from './changes.ts'
import { Experiment } from './experiment.ts'
import { explain } from './explain.ts'
import { chosenDevice, chosenOptimizer } from './optimizers.ts'
import { Past } from './past.ts'
import type { SearchState } from './search.ts'
import { needsNewNetwork, renewal } from './settings.ts'
import type { Settings } from './settings.ts'
import { noHistory } from './snapshot.ts'
import type { Phase, Snapshot, State } from './snapshot.ts'

/** Milliseconds of training between two looks at the network. */
const chunkTime = 200

/** Steps a second to expect before any was taken: a step of Levenberg and Marquardt's solves a whole linear system. */
const expected = { adam: 50, lbfgs: 50, lm: 5 } as const

/** What undoing says of a reset. */
const reset = 'the reset'

/**
 * The visitor's wishes are fields that change at once: settings and goal. One loop works towards them, a chunk of training
 * at a time, and looks at the wishes again after each; a wish aborts the chunk under way. So there is never more than one
 * thing going on, and nothing waits for a lock.
 */
export class Trainer {
  readonly #listener: (state: State) => void
  readonly #onReturn: (settings: Settings, found: SearchState) => void
  readonly #past = new Past(() => this.#keepPlan())
  #settings: Settings
  /** Where training is to stop: at the plan's end, or earlier, where the visitor paused it. */
  #goal = 0
  /** The step at which the present plan of `settings.steps` steps began. */
  #planStart = 0
  #phase: Phase = 'starting'
  #working = false
  /** A wish came since the loop last looked. */
  #wished = false
  #failure: string | undefined
  #run: Run | undefined
  #engine: (PageEngine & { readonly key: string }) | undefined
  #change: Change | 'undo' | undefined
  /** Brings back the plan from before the visitor started a training of which no step was taken yet. */
  #started: (() => void) | undefined
  #experiment: Experiment | undefined
  #snapshot: Snapshot | undefined
  #stepsPerSecond: number | undefined

  /**
   * `listener` hears of every new state. Starts by finding an engine and drawing the untrained network.
   *
   * @param onReturn hears that undoing has brought back a network of these settings, and what was found with it
   */
  constructor(
    settings: Settings,
    listener: (state: State) => void,
    onReturn: (settings: Settings, found: SearchState) => void,
  ) {
    this.#settings = settings
    this.#listener = listener
    this.#onReturn = onReturn
    void this.#work()
  }

  /**
   * Takes new settings: makes a new network where they ask for one, and goes on training if it was. `found` belongs to the
   * network that is there now.
   */
  configure(settings: Settings, found: SearchState): void {
    const isTraining = this.#goal > this.#step
    const toEnd = this.#goal === this.#planEnd
    if (needsNewNetwork(this.#settings, settings)) this.#renew(renewal(this.#settings, settings), found)
    if (chosenOptimizer(settings) !== chosenOptimizer(this.#settings)) this.#beginPlan()
    this.#settings = settings
    if (isTraining && (toEnd || !this.#experiment)) this.#goal = this.#planEnd
    this.#wish()
  }

  /** Goes on to the end of the plan; from its end, as many steps more. */
  train(): void {
    this.#start()
    if (this.#step >= this.#planEnd) this.#planStart = this.#step
    this.#goal = this.#planEnd
    this.#wish()
  }

  takeSteps(steps: number): void {
    this.#start()
    this.#goal = this.#step + steps
    this.#wish()
  }

  pause(): void {
    this.#goal = this.#step
    this.#wish()
  }

  /** Changes the network, and trains on where that makes sense. */
  change(change: Change): void {
    this.#change = change
    this.#wish()
  }

  /** Takes the latest change back. */
  undo(): void {
    this.#change = 'undo'
    this.#wish()
  }

  /** The network from its seed again. `found` belongs to the one that is there now. */
  reset(found: SearchState): void {
    this.#renew(reset, found)
    this.#wish()
  }

  get #planEnd(): number {
    return this.#planStart + this.#settings.steps
  }

  get #step(): number {
    return this.#experiment?.step ?? 0
  }

  /** Whatever was there before can come back: the network with all its past, its settings, and what was found. */
  #renew(change: string, found: SearchState): void {
    const experiment = this.#experiment
    const settings = this.#settings
    // Nothing is lost where a network as new is reset.
    const isNew = this.#step === 0 && found.found === undefined && change === reset
    if (experiment && !isNew)
      this.#past.add(
        change,
        () => {
          this.#settings = settings
          this.#replace(experiment)
          this.#onReturn(settings, found)
        },
        this.#started,
      )
    this.#replace(undefined)
    this.#goal = 0
    this.#beginPlan()
  }

  #replace(experiment: Experiment | undefined): void {
    this.#experiment = experiment
    this.#snapshot = undefined
    this.#change = undefined
    this.#started = undefined
  }

  /** The visitor starts a training: a change of its own, unless one is under way. */
  #start(): void {
    if (this.#goal <= this.#step) this.#started = this.#keepPlan()
  }

  #keepPlan(): () => void {
    const planStart = this.#planStart
    return () => (this.#planStart = planStart)
  }

  /** A plan of `settings.steps` steps begins here, at a pace that is not known yet. */
  #beginPlan(): void {
    this.#planStart = this.#step
    this.#stepsPerSecond = undefined
  }

  #wish(): void {
    this.#wished = true
    this.#failure = undefined
    this.#run?.abort()
    void this.#work()
  }

  async #work(): Promise<void> {
    if (this.#working) return
    this.#working = true
    do {
      this.#wished = false
      try {
        while (await this.#advance()) this.#tell(this.#phase)
        this.#tell('ready')
      } catch (error) {
        await this.#fail(error)
      }
    } while (this.#wished)
    this.#working = false
  }

  /** Does the next thing that is missing; false when there is none. */
  async #advance(): Promise<boolean> {
    const settings = this.#settings
    const experiment = this.#experiment
    const hasKnown = experiment?.hasKnown ?? false
    const key = `${settings.device}, ${chosenDevice(settings, hasKnown)}, ${hasKnown}`
    if (this.#engine?.key !== key) {
      this.#tell('starting')
      await this.#releaseEngine()
      this.#engine = { ...(await requestPageEngine(settings, hasKnown)), key }
      return true
    }
    const { engine } = this.#engine
    // First, as settings may be of no network.
    if (this.#change === 'undo') {
      this.#undo()
      return true
    }
    if (!experiment) {
      this.#experiment = new Experiment(settings, this.#past)
      return true
    }
    experiment.configure(settings)
    if (this.#change) {
      await this.#changeNetwork(experiment, engine, this.#change)
      return true
    }
    if (this.#snapshot?.version !== experiment.version) {
      const snapshot = await experiment.look(engine)
      if (this.#experiment === experiment) this.#snapshot = snapshot
      return true
    }
    // There is no way on: what was asked for is done.
    if (experiment.isAtRest) this.#goal = Math.min(this.#goal, experiment.step)
    if (experiment.step >= this.#goal) return false
    const begun = experiment.step
    const pace = this.#stepsPerSecond ?? expected[chosenOptimizer(settings, hasKnown)]
    const chunk = Math.max(1, Math.round((pace * chunkTime) / 1000))
    this.#tell('training')
    const started = performance.now()
    const before = this.#started && experiment.keep()
    this.#run = experiment.fit(engine, Math.min(this.#goal, begun + chunk))
    const report = await this.#run.finally(() => (this.#run = undefined))
    const seconds = (performance.now() - started) / 1000
    if (this.#experiment !== experiment && before) {
      // It had hardly begun, and undoing brings back the network from before: no training of its own could be undone then.
      before()
      return true
    }
    if (before && report.losses.length > 0) {
      this.#past.add('the training', before, this.#started)
      this.#started = undefined
    }
    experiment.take(report)
    if (report.stop === 'steps' && this.#experiment === experiment)
      this.#stepsPerSecond = (experiment.step - begun) / seconds
    return true
  }

  #undo(): void {
    this.#change = undefined
    if (!this.#past.undo()) this.#failure = 'There is nothing to undo.'
    this.#goal = this.#step
    this.#stepsPerSecond = undefined
  }

  async #changeNetwork(experiment: Experiment, engine: Engine, change: Change): Promise<void> {
    this.#change = undefined
    this.#tell('changing')
    const refusal = await experiment.change(change, engine)
    if (this.#experiment !== experiment) return
    if (refusal !== undefined) {
      this.#failure = refusal
      return
    }
    this.#beginPlan()
    if (trainsOn(change)) this.#goal = this.#planEnd
    else {
      // The plan ends here: there is nothing to train for before the visitor says so.
      this.#planStart = this.#step - this.#settings.steps
      this.#goal = this.#step
    }
  }

  async #releaseEngine(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    this.#stepsPerSecond = undefined
    await engine?.release()
  }

  async #fail(error: unknown): Promise<void> {
    // What went wrong with a network that was given up meanwhile is nobody's concern.
    if (error instanceof NonFiniteError && this.#wished && !this.#experiment) return
    this.#goal = this.#step
    this.#failure = explain(error)
    // Its memory is gone, or may be in disorder: the next wish asks for a new engine, and training goes on from the last look.
    try {
      if (!(error instanceof NonFiniteError)) await this.#releaseEngine()
    } catch {
      // An engine that cannot even be released is given up.
    }
    this.#tell('failed')
  }

  #tell(phase: Phase): void {
    this.#phase = phase
    const experiment = this.#experiment
    const engine = this.#engine
    this.#listener({
      progress: {
        phase,
        step: this.#step,
        goal: this.#goal,
        planEnd: this.#planEnd,
        isAtRest: experiment?.isAtRest ?? false,
        optimizer: chosenOptimizer(this.#settings, experiment?.hasKnown),
        functionEvaluations: experiment?.functionEvaluations ?? 0,
        hasKnown: experiment?.hasKnown ?? false,
        undoes: this.#past.latest,
        finer: experiment?.finer ?? '',
        stepsPerSecond: this.#stepsPerSecond,
        history: experiment?.history ?? noHistory,
        engine: engine && { ...engine.engine.description, reason: engine.reason },
        inWorker: engine?.inWorker ?? false,
        failure: this.#failure,
      },
      snapshot: this.#snapshot,
    })
  }
}
