/** What Undo takes back on the page of demo/: every change of the network, each training, new settings and a reset. */
import { describe, expect, it } from 'vitest'
import { createCpuEngine } from 'webkan'
import { Experiment } from '../../demo/experiment.ts'
import { mostUndone, Past } from '../../demo/past.ts'
import { defaults, renewal, withField, writeHash } from '../../demo/settings.ts'
import type { Settings } from '../../demo/settings.ts'
import {
  attribute,
  countEdges,
  fill,
  finishesAt,
  knownBecome,
  says,
  serveDemo,
  shownError,
  text,
  train,
  undoes,
  valueOf,
  visit,
} from './visit.ts'

serveDemo()

describe('the past', () => {
  it('takes changes back in turn, and forgets the oldest of too many', () => {
    const past = new Past()
    let now = 0
    for (let change = 1; change <= mostUndone + 3; change++) {
      const before = now
      past.add(`change ${change}`, () => (now = before))
      now = change
    }
    expect(past.latest).toBe(`change ${mostUndone + 3}`)
    let undone = 0
    while (past.undo()) undone++
    expect([undone, now, past.latest]).toEqual([mostUndone, 3, undefined])
  })

  it('brings back what stood beside the network when it was added, or earlier', () => {
    let plan = 0
    const past = new Past(() => {
      const before = plan
      return () => (plan = before)
    })
    plan = 1
    past.add('now', () => {})
    plan = 2
    past.add(
      'earlier',
      () => {},
      () => (plan = 7),
    )
    plan = 3
    past.undo()
    expect(plan).toBe(7)
    past.undo()
    expect(plan).toBe(1)
  })
})

describe('new settings', () => {
  it('are called by the one that is new', () => {
    const grid = withField(defaults, 'grid', '7')
    expect(renewal(defaults, grid)).toBe('the new grid')
    // The number of steps that comes with it makes no network.
    expect(renewal(defaults, withField(defaults, 'hidden', '10,10'))).toBe('the new hidden layers')
    expect(renewal(defaults, withField(grid, 'seed', '1'))).toBe('the new settings')
  })
})

describe('a training that is undone', () => {
  it('leaves the bits of one that never was', async () => {
    const engine = createCpuEngine()
    const settings: Settings = { ...defaults, steps: 20 }
    const [plain, trained] = [new Experiment(settings), new Experiment(settings)]
    // The untrained network too: training goes on in it.
    for (const step of [0, 10]) {
      const restore = trained.keep()
      trained.take(await trained.fit(engine, step + 10))
      restore()
      expect(trained.step).toBe(step)
      for (const experiment of [plain, trained]) experiment.take(await experiment.fit(engine, step + 10))
      expect(trained.history).toEqual(plain.history)
      expect((await trained.look(engine)).testError).toBe((await plain.look(engine)).testError)
    }
    await engine.destroy()
  })
})

describe('the page', () => {
  it('takes back every training, and none that a change began', async () => {
    await visit('#device=cpu&lambda=0.001', async page => {
      const untrained = await shownError(page)
      await train(page, '50')
      await page.click('#prune')
      await finishesAt(page, '100')
      const pruned = await shownError(page)
      await train(page, '150')
      await undoes(page, 'the training')
      await finishesAt(page, '100')
      expect(await text(page, '#train')).toBe('Continue')
      expect(await shownError(page)).toBe(pruned)
      await undoes(page, 'the pruning')
      await finishesAt(page, '50')
      expect(await countEdges(page)).toBe(15)
      await undoes(page, 'the training')
      await says(page, 'Ready to train.')
      expect(await shownError(page)).toBe(untrained)
      expect(await text(page, '#train')).toBe('Train')
      expect(await attribute(page, '#train', 'title')).toBe('To step 50')
      expect(await attribute(page, '#undo', 'title')).toBe('There is nothing to undo.')
    })
  })

  it('goes back to a paused training as it was', async () => {
    await visit('#device=cpu', async page => {
      await page.click('#take-steps')
      await says(page, 'Paused at step 1 of 50.')
      await train(page, '50')
      await undoes(page, 'the training')
      await says(page, 'Paused at step 1 of 50.')
      expect(await text(page, '#train')).toBe('Train')
    })
  })

  it('knows nothing of a training that a reset overtook', async () => {
    await visit('#device=cpu', async page => {
      await train(page, '50')
      const trained = await shownError(page)
      await page.evaluate(() => {
        for (const id of ['train', 'reset']) document.getElementById(id)?.click()
      })
      await says(page, 'Ready to train.')
      await undoes(page, 'the reset')
      await finishesAt(page, '50')
      expect(await shownError(page)).toBe(trained)
      await undoes(page, 'the training')
      await says(page, 'Ready to train.')
    })
  })

  it('brings back network, settings, formulas and past after new settings and a reset', async () => {
    await visit('#device=cpu&lambda=0.001', async page => {
      await train(page, '50')
      await page.click('#prune')
      await finishesAt(page, '100')
      const pruned = await shownError(page)
      await page.click('#symbolify')
      await page.waitForSelector('#found:not([hidden])', { timeout: 100_000 })
      const found = await attribute(page, '#expression', 'data-text')
      const status = await text(page, '#search-status')
      await page.click('#adopt')
      await knownBecome(page, 3)
      const adopted = await shownError(page)
      await fill(page, '#grid', '7')
      await page.keyboard.press('Enter')
      await says(page, 'Ready to train.')
      expect(await page.$eval('#found', element => element.checkVisibility())).toBe(false)
      await page.select('#function', 'wave')
      await knownBecome(page, 0)
      await page.click('#take-steps')
      await says(page, 'Paused at step 1 of')
      await page.click('#reset')
      await says(page, 'Ready to train.')
      // A network as new has nothing to lose.
      await page.click('#reset')

      await undoes(page, 'the reset')
      await says(page, 'Paused at step 1 of')
      await undoes(page, 'the training')
      await undoes(page, 'the new function')
      await page.waitForFunction(() => location.hash.includes('function=exp-sin'))
      expect(await valueOf(page, '#function')).toBe('exp-sin')
      expect(await valueOf(page, '#grid')).toBe('7')
      await undoes(page, 'the new grid')
      await knownBecome(page, 3)
      await finishesAt(page, '100')
      expect(await valueOf(page, '#grid')).toBe('5')
      expect(await page.evaluate(() => location.hash)).toBe(
        writeHash({ ...defaults, lambda: 0.001, device: 'cpu' }),
      )
      expect(await shownError(page)).toBe(adopted)
      expect(await attribute(page, '#expression', 'data-text')).toBe(found)
      expect(await text(page, '#search-status')).toBe(status)
      await undoes(page, 'the network of the formula')
      await knownBecome(page, 0)
      expect(await shownError(page)).toBe(pruned)
      await undoes(page, 'the pruning')
      await finishesAt(page, '50')
      expect(await countEdges(page)).toBe(15)
    })
  })
})
