/** Wires settings, trainer and views. */
// oxlint-disable-next-line import/no-unassigned-import -- wanted for its effect, before uPlot's
import './locale.ts'
import { adoption } from './changes.ts'
import { formatCount, formatNumber } from './format.ts'
import { typeset } from './formula.ts'
import { optimizerNames } from './optimizers.ts'
import { rows } from './samples.ts'
import { Search } from './search.ts'
import { Selection } from './selection.ts'
import { names, needsNewNetwork, readHash, writeHash } from './settings.ts'
import type { Settings } from './settings.ts'
import type { Progress, Snapshot, State } from './snapshot.ts'
import { Suggestions } from './suggestions.ts'
import { byId, html, setText } from './svg.ts'
import { Trainer } from './trainer.ts'
import { onPress as onButton, paintButtons } from './view-buttons.ts'
import { CandidatesView } from './view-candidates.ts'
import { Controls } from './view-controls.ts'
import { drawEdge } from './view-edge.ts'
import { FitView } from './view-fit.ts'
import { FormulaView } from './view-formula.ts'
import { LossView } from './view-loss.ts'
import { edgeName, NetworkView } from './view-network.ts'

/** Milliseconds between paintings: at most ten a second. */
const paintEvery = 100

let settings = takeHash()
let state: State | undefined
const selection = new Selection()
let lastPaint = -Infinity
let isScheduled = false
let painted: Snapshot | undefined

const network = new NetworkView(byId('network'), (edge, isPinned) => {
  if (isPinned) selection.pin(edge)
  else selection.hover(edge)
  schedulePaint()
})
const fit = new FitView(byId('fit'))
const loss = new LossView(byId('loss'), byId('loss-key'))
const search = new Search(schedulePaint)
const suggestions = new Suggestions(schedulePaint)
const candidates = new CandidatesView(candidate => {
  selection.keep()
  suggestions.choose(candidate)
})
const formulas = new FormulaView(model => trainer.change({ kind: 'adopt', model }))
const controls = new Controls(settings, chosen => {
  showNotices([])
  writeAddress(chosen)
  follow(chosen)
  // At once: the press on Train that took the focus from a refused field must find it disabled.
  if (state) paintButtons(state.progress, settings, controls.refused !== undefined)
})
const trainer = new Trainer(
  settings,
  next => {
    state = next
    schedulePaint()
  },
  (former, found) => {
    settings = former
    writeAddress(settings)
    controls.show(settings)
    search.bringBack(found)
  },
)

onPress('train', () => trainer.train())
onPress('pause', () => trainer.pause())
onPress('reset', () => {
  trainer.reset(search.state)
  search.clear()
})
for (const kind of ['refine', 'prune'] as const) onPress(kind, () => trainer.change({ kind }))
onPress('undo', () => trainer.undo())
onPress('fix', () => {
  const edge = state?.snapshot?.edges[selection.pinned]
  const suggested = edge && state?.snapshot && suggestions.of(edge, state.snapshot)
  const curve = suggested?.candidates?.[suggested.chosen]
  selection.keep()
  if (edge && curve) trainer.change({ kind: 'fix', edge, curve })
})
onPress('unfix', () => {
  const edge = state?.snapshot?.edges[selection.pinned]
  selection.keep()
  if (edge) trainer.change({ kind: 'unfix', edge })
})
onPress('symbolify', () => {
  const { snapshot } = state ?? {}
  if (!snapshot) return
  const { model, rowSets } = snapshot
  const kind = isAllKnown(snapshot) ? 'read' : 'symbolify'
  const subject = `, from the network of step ${formatCount(state?.progress.step ?? 0)}`
  void search.start({ kind, model: model.save(), rowSets, names: inputNames(snapshot) }, subject)
})
onPress('discover', () => {
  const { snapshot } = state ?? {}
  if (!snapshot) return
  const { rowSets } = snapshot
  const job = {
    kind: 'discover',
    rowSets,
    names: inputNames(snapshot),
    seconds: 60,
    seed: settings.seed,
  } as const
  void search.start(job, ', from the training rows')
})
onPress('stop-search', () => search.stop())
onPress('take-steps', () => {
  const by = byId('step-by')
  trainer.takeSteps(by instanceof HTMLSelectElement ? Number(by.value) : 1)
})
byId('settings').addEventListener('submit', event => event.preventDefault())
addEventListener('hashchange', () => {
  const chosen = takeHash()
  controls.show(chosen)
  follow(chosen)
})
new ResizeObserver(schedulePaint).observe(byId('edge'))

/** The address's settings. One that cannot be followed is told of, and rewritten to what is used. */
function takeHash(): Settings {
  const reading = readHash(location.hash)
  if (reading.notices.length > 0) writeAddress(reading.settings)
  showNotices(reading.notices)
  return reading.settings
}

/** What was found for another network or function goes; undoing brings it back. */
function follow(chosen: Settings): void {
  trainer.configure(chosen, search.state)
  if (needsNewNetwork(settings, chosen)) search.clear()
  settings = chosen
}

function writeAddress(chosen: Settings): void {
  history.replaceState(null, '', writeHash(chosen))
}

function schedulePaint(): void {
  if (isScheduled) return
  isScheduled = true
  const wait = Math.max(0, lastPaint + paintEvery - performance.now())
  setTimeout(() => {
    requestAnimationFrame(() => {
      isScheduled = false
      lastPaint = performance.now()
      if (state) paint(state)
    })
  }, wait)
}

function paint({ progress, snapshot }: State): void {
  paintProgress(progress)
  paintButtons(progress, settings, controls.refused !== undefined)
  paintStatus(progress, snapshot)
  loss.draw(progress.history)
  if (!snapshot) return
  paintSubject(snapshot)
  selection.follow(snapshot, progress.phase === 'ready')
  network.draw(snapshot, selection.shown)
  const [edge, own] = [snapshot.edges[selection.shown]!, snapshot.edges[selection.pinned]!]
  const obstacle = obstacleOf(progress)
  const suggested = obstacle === undefined ? suggestions.of(own, snapshot) : undefined
  const fitted = edge === own ? suggested?.candidates?.[suggested.chosen] : undefined
  drawEdge(byId('edge'), byId('edge-caption'), edge, snapshot, fitted?.y)
  candidates.draw({ name: edgeName(own, snapshot), edge: own }, suggested, obstacle ?? '')
  paintFormulas(snapshot, progress, obstacle)
  if (snapshot !== painted) fit.draw(snapshot)
  painted = snapshot
}

function paintSubject(snapshot: Snapshot): void {
  if (snapshot.function !== painted?.function) {
    const variables = inputNames(snapshot).join(', ')
    byId('formula').replaceChildren(typeset(`f (${variables}) = ${snapshot.function.label}`))
  }
  const known = snapshot.edges.filter(edge => edge.known !== undefined).length
  setText(
    byId('caption'),
    `Network ${snapshot.width.join('\u2009–\u2009')}, ${snapshot.edges.length} edges${known > 0 ? ` (${known} known)` : ''}, ${formatCount(snapshot.parameters)} parameters. ` +
      `${formatCount(rows.training)} training, ${rows.validation} validation, ${formatCount(rows.test)} test rows.`,
  )
  setText(byId('grid-now'), String(snapshot.grid))
  setText(byId('test-error'), formatNumber(snapshot.testError))
  byId('test-error').setAttribute('value', String(snapshot.testError))
}

function paintFormulas(snapshot: Snapshot, { step, undoes }: Progress, obstacle?: string): void {
  setText(byId('symbolify'), isAllKnown(snapshot) ? 'Read formula' : 'Symbolify')
  formulas.draw(search.state, {
    symbolifyObstacle: obstacle,
    discoverObstacle: step === 0 ? undefined : obstacle,
    isAdopted: undoes === adoption,
    names: inputNames(snapshot),
  })
}

/** Why the network cannot be interpreted now; undefined where it can. */
function obstacleOf({ phase, step }: Progress): string | undefined {
  if (phase === 'training') return 'Pause the training first.'
  if (phase === 'starting' || phase === 'changing') return 'Wait until the network is ready.'
  return step === 0 ? 'Train the network first.' : undefined
}

function isAllKnown({ edges }: Snapshot): boolean {
  return edges.every(({ known }) => known !== undefined)
}

/** As formulas have them: x1, x2, .., and x where there is one only. */
function inputNames({ function: { inputs } }: Snapshot): string[] {
  return inputs === 1 ? ['x'] : Array.from({ length: inputs }, (_, i) => `x${i + 1}`)
}

function paintProgress(progress: Progress): void {
  const { step, goal, planEnd, stepsPerSecond, engine, functionEvaluations } = progress
  setText(byId('step'), formatCount(step))
  setText(byId('optimizer-name'), optimizerNames[progress.optimizer])
  byId('evaluations-readout').hidden = progress.optimizer === 'adam' && functionEvaluations === step
  setText(byId('evaluations'), formatCount(functionEvaluations))
  setText(
    byId('loss-name'),
    progress.history.isPenalized
      ? 'Loss: root of squared error and penalty by step'
      : 'Loss: root mean squared error by step',
  )
  setText(byId('speed'), stepsPerSecond === undefined || step === 0 ? '–' : formatCount(stepsPerSecond))
  const end = Math.max(goal, planEnd)
  byId('course').style.setProperty('--done', String(step < end ? step / end : 0))
  if (!engine) return
  const where = progress.inWorker ? ', in a worker' : engine.software ? ', emulated by the CPU' : ''
  setText(byId('engine-name'), `${engine.device}${where}.`)
  setText(byId('engine-reason'), engine.reason)
}

/** Changes with the phase, not with every step: it is read aloud. */
function paintStatus(
  { phase, step, goal, planEnd, isAtRest, optimizer, failure }: Progress,
  snapshot: Snapshot | undefined,
): void {
  const error = snapshot && step > 0 ? ` Test RMSE ${formatNumber(snapshot.testError)}.` : ''
  const at = formatCount(step)
  const stopped =
    step === 0
      ? 'Ready to train.'
      : isAtRest
        ? `Finished at step ${at}: ${optimizerNames[optimizer]} finds no better weights nearby.`
        : step >= planEnd
          ? `Finished at step ${at}.`
          : `Paused at step ${at} of ${formatCount(planEnd)}.`
  const texts: Record<Progress['phase'], string> = {
    starting: 'Starting.',
    ready: `${stopped}${error}`,
    training: `Training to step ${formatCount(goal)}.`,
    changing: 'Changing the network.',
    failed: 'Stopped by an error.',
  }
  const { refused } = controls
  const remedy = refused && `correct the ${names[refused]} in the settings.`
  if (remedy === undefined || phase === 'training') setText(byId('status'), texts[phase])
  else setText(byId('status'), step === 0 ? `To train, ${remedy}` : `${texts[phase]} To go on, ${remedy}`)
  setText(byId('failure'), failure ?? '')
}

function showNotices(notices: readonly string[]): void {
  byId('notices').replaceChildren(...notices.map(notice => html('p', {}, notice)))
}

function onPress(id: string, action: () => void): void {
  const act = (): void => {
    showNotices([])
    action()
  }
  onButton(id, act, reason => showNotices([reason]))
}
