/** What a scientist does on the page of demo/: choose an optimizer, make a network sparse, prune it, refine its grid. */
import { describe, expect, it } from 'vitest'
import { createCpuEngine } from 'webkan'
import { Experiment } from '../../demo/experiment.ts'
import { defaults } from '../../demo/settings.ts'
import {
  attribute,
  countedSteps,
  fill,
  finishesAt,
  says,
  serveDemo,
  shownError,
  text,
  visit,
} from './visit.ts'

serveDemo()

describe('a pruned network', () => {
  it('shows no masked edge, and goes on from the same function', async () => {
    const engine = createCpuEngine()
    const experiment = new Experiment({ ...defaults, steps: 50 })
    experiment.take(await experiment.fit(engine, 50))
    const whole = await experiment.look(engine)
    const weakest = Math.min(...whole.edges.map(edge => edge.score))
    expect(weakest).toBeLessThan(0.03)
    for (const edge of whole.edges) expect(edge.opacity).toBe(Math.tanh(3 * edge.score))
    expect(await experiment.change({ kind: 'prune' }, engine)).toBeUndefined()
    const pruned = await experiment.look(engine)
    await engine.destroy()
    const kept = whole.edges.filter(edge => edge.score >= 0.03)
    expect(pruned.edges).toHaveLength(kept.length)
    expect(pruned.edges.length).toBeLessThan(whole.edges.length)
    // To first order an edge carries its score of the target's deviation (2.0): less than 0.06 is lost with each, and twice that
    // leaves room for what is not linear. Measured: 0.0613 without one edge.
    const removed = whole.edges.length - kept.length
    expect(pruned.testError).toBeLessThan(whole.testError + 0.12 * removed)
    expect(experiment.history.changes).toEqual([{ step: 50, label: `${kept.length} edges` }])
  })
})

describe('the page', () => {
  it('refines the grid of a trained network, and trains on', async () => {
    await visit(
      '#device=cpu&steps=20',
      async page => {
        const obstacle = 'Train the network first.'
        for (const id of ['#refine', '#prune']) {
          expect(await attribute(page, id, 'aria-disabled')).toBe('true')
          expect(await attribute(page, id, 'title')).toBe(obstacle)
        }
        await page.click('#refine')
        expect(await text(page, '#notices')).toBe(obstacle)
        expect(await text(page, '#grid-now')).toBe('5')
        await page.click('#train')
        await finishesAt(page, '20')
        const before = await shownError(page)
        await page.click('#refine')
        await finishesAt(page, '40')
        expect(await text(page, '#grid-now')).toBe('10')
        expect(await attribute(page, '#loss', 'aria-label')).toContain('grid 10 from step 20')
        // Measured: from 1.7e-3 to 1.7e-4.
        expect(await shownError(page)).toBeLessThan(before / 2)
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
        await page.click('#reset')
        await page.waitForFunction(() => document.querySelector('#grid-now')?.textContent === '5')
      },
      { width: 390 },
    )
  })

  it('prunes a sparse network to the formula’s three edges, and trains on', async () => {
    await visit('#device=cpu&lambda=0.001', async page => {
      const edges = (): Promise<number> => page.$$eval('#network .frame', frames => frames.length)
      await page.click('#train')
      await finishesAt(page, '50')
      expect(await text(page, '#loss-name')).toContain('penalty')
      expect(await edges()).toBe(15)
      await page.click('#prune')
      await finishesAt(page, '100')
      expect(await text(page, '#failure')).toBe('')
      expect(await text(page, '#caption')).toContain('2\u2009–\u20091\u2009–\u20091')
      expect(await edges()).toBe(3)
      // Measured: 0.0055 with the penalty.
      expect(await shownError(page)).toBeLessThan(0.02)
      await fill(page, '#lambda', '0')
      await page.keyboard.press('Enter')
      for (const step of ['150', '200']) {
        await page.click('#refine')
        await finishesAt(page, step)
      }
      expect(await edges()).toBe(3)
      // Measured: 2.6e-5 on 20 intervals without the penalty.
      expect(await shownError(page)).toBeLessThan(1e-4)
    })
  })

  it('tells kindly that there is nothing to prune, and when an optimizer has nowhere to go', async () => {
    await visit('#device=cpu&function=distance&hidden=none&steps=500', async page => {
      await page.click('#train')
      await says(page, 'Finished at step')
      expect(await text(page, '#status')).toContain('Levenberg–Marquardt finds no better weights nearby')
      const step = await countedSteps(page)
      expect(step).toBeLessThan(500)
      expect(await attribute(page, '#train', 'aria-disabled')).toBe('true')
      await page.click('#train')
      expect(await text(page, '#notices')).toContain('refine the grid')
      await page.click('#prune')
      await page.waitForFunction(() => document.querySelector('#failure')?.textContent)
      expect(await text(page, '#failure')).toContain('nothing to prune')
      await says(page, 'Finished at step')
      expect(await countedSteps(page)).toBe(step)
      // Another optimizer may find a way.
      await page.select('#optimizer', 'adam')
      await page.waitForSelector('#train[aria-disabled=false]')
      expect(await text(page, '#failure')).toBe('')
    })
  })

  it('offers each optimizer where it runs, with what matters to it', async () => {
    await visit('#device=webgpu&optimizer=lbfgs&steps=20', async page => {
      const isRateShown = (): Promise<boolean> => page.$eval('#rate', element => element.checkVisibility())
      expect(await isRateShown()).toBe(false)
      expect(await page.$('#optimizer [value=lm][disabled]')).not.toBeNull()
      await page.click('#train')
      await finishesAt(page, '20')
      expect(await text(page, '#optimizer-name')).toBe('L-BFGS')
      // Untrained: 1.4. Measured: 0.081.
      expect(await shownError(page)).toBeLessThan(0.3)
      await page.select('#optimizer', 'adam')
      expect(await isRateShown()).toBe(true)
      await page.select('#device', 'cpu')
      await page.select('#optimizer', 'lm')
      await page.select('#device', 'webgpu')
      expect(await text(page, '#device-error')).toContain('float64')
      // What was refused is right once the optimizer is another.
      await page.select('#optimizer', 'lbfgs')
      expect(await text(page, '#device-error')).toBe('')
      expect(await page.evaluate(() => location.hash)).toContain('device=webgpu')
    })
  })
})
