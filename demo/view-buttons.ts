/** What the buttons offer, and why not where they do not. */
import { formatCount } from './format.ts'
import type { Settings } from './settings.ts'
import type { Progress } from './snapshot.ts'
import { byId, setAttributes, setText } from './svg.ts'

/**
 * Buttons are disabled by aria-disabled: the disabled attribute would take the keyboard's focus away when Train is pressed.
 *
 * @param action called by a press on the button where it is enabled
 * @param excuse called with the reason where it is not, and there is one to tell
 */
export function onPress(id: string, action: () => void, excuse: (reason: string) => void): void {
  const button = byId(id)
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-disabled') !== 'true') action()
    else if (button.dataset['obstacle']) excuse(button.dataset['obstacle'])
  })
}

/** `isRefused`: a field of the settings is. */
export function paintButtons(progress: Progress, settings: Settings, isRefused: boolean): void {
  const { phase, step, planEnd, isAtRest, finer, undoes } = progress
  const { steps, pruneEdges, pruneNodes } = settings
  const undo = undoes === undefined ? 'There is nothing to undo.' : undefined
  const isTraining = phase === 'training'
  const isFinished = step > 0 && step >= planEnd
  const rest = isAtRest
    ? 'To go on, refine the grid, prune the network or choose another optimizer.'
    : undefined
  setText(byId('train'), isFinished ? 'Continue' : 'Train')
  offer('train', isRefused || isTraining || phase === 'starting', rest, {
    title: isFinished ? `${formatCount(steps)} steps more` : `To step ${formatCount(planEnd)}`,
  })
  offer('pause', !isTraining)
  offer('take-steps', isRefused, rest)

  const obstacle = isRefused
    ? 'Correct the settings first.'
    : step === 0
      ? 'Train the network first.'
      : isTraining
        ? 'Pause the training first.'
        : undefined
  offer('refine', phase === 'starting', obstacle ?? (typeof finer === 'string' ? finer : undefined), {
    title: `To ${finer} intervals that follow the samples, and train on`,
  })
  offer('prune', phase === 'starting', obstacle, {
    title: `Remove edges that score below ${pruneEdges} and nodes that score below ${pruneNodes}, and train on`,
  })
  offer('undo', phase === 'starting', isTraining ? 'Pause the training first.' : undo, {
    title: `Undo ${undoes}`,
  })
}

/** Disables a button for a reason that the page shows already, or for an obstacle, which its title and a press on it then tell. */
export function offer(id: string, isDisabled: boolean, obstacle?: string, { title = '' } = {}): void {
  setAttributes(byId(id), {
    'aria-disabled': String(isDisabled || obstacle !== undefined),
    'data-obstacle': obstacle ?? '',
    title: obstacle ?? title,
  })
}
