/** From a trained network to a formula on the page of demo/: searched for, stopped, copied and put into the network. */
import type { Page } from 'puppeteer'
import { describe, expect, it } from 'vitest'
import { toyFunction, toyFunctions } from 'webkan/data'
import { evaluateRows, format, formatNames, parse } from 'webkan/formula'
import { rowSets } from '../../demo/samples.ts'
import { spansDecades } from '../../src/data/logcolumns.ts'
import {
  attribute,
  browser,
  countedSteps,
  countEdges,
  knownBecome,
  knownNames,
  serveDemo,
  text,
  train,
  visit,
} from './visit.ts'

serveDemo()

async function search(page: Page, button: string): Promise<string> {
  await page.waitForSelector(`${button}[aria-disabled=false]`)
  await page.click(button)
  await page.waitForSelector('#found:not([hidden])', { timeout: 100_000 })
  return (await attribute(page, '#expression', 'data-text')) ?? ''
}

/** The list says which rows rank it, and shows the errors on these: each is smaller than that of the simpler one before. */
async function isRankedBy(page: Page, rows: 'training' | 'validation'): Promise<void> {
  expect(await text(page, '#pareto-caption')).toBe(
    `Formulas that none beats in both complexity and ${rows} RMSE`,
  )
  expect((await text(page, '#pareto-error')).toLowerCase()).toBe(`${rows} rmse`)
  const places = await page.$$eval('#pareto input', inputs => inputs.length)
  const column = rows === 'training' ? 1 : 2
  for (let place = 0; place < places; place++) {
    await page.click(`#pareto tr:nth-child(${place + 1}) input`)
    const listed = await text(page, `#pareto tr:nth-child(${place + 1}) td:nth-child(2)`)
    expect(listed).toBe(await text(page, `#found-errors tr:first-child td:nth-of-type(${column})`))
  }
}

/** The largest distance of a formula to a toy function on its test rows, in units of max(1, |y|). */
function worst(formula: string, name: string): number {
  const fn = toyFunction(name)
  const { x, y } = rowSets(fn, 0).test
  const names = fn.inputs === 1 ? ['x'] : Array.from({ length: fn.inputs }, (_, i) => `x${i + 1}`)
  const values = evaluateRows(parse(formula, { variables: names }), names, x, y.length)
  return values.reduce((most, value, r) => {
    const distance = Math.abs(value - y[r]!) / Math.max(1, Math.abs(y[r]!))
    return distance > most || Number.isNaN(distance) ? distance : most
  }, 0)
}

describe('a function of the page', () => {
  it('is judged by its error: of one that spans decades, discover would rank formulas by relative errors', () => {
    expect(toyFunctions.filter(fn => spansDecades(rowSets(fn, 0).training.y))).toEqual([])
  })
})

describe('the page', () => {
  it('finds the formula of a network, copies it in every format, and puts it into the network', async () => {
    await visit('#device=cpu&lambda=0.001', async page => {
      const allowed = ['clipboard-read', 'clipboard-write'].map(name => ({
        permission: { name },
        state: 'granted' as const,
      }))
      await browser.setPermission(new URL(page.url()).origin, ...allowed)
      await page.bringToFront()
      await train(page, '50')
      const found = await search(page, '#symbolify')
      // The formula is the function itself: nothing is left but the rounding of a few operations.
      expect(worst(found, 'exp-sin')).toBeLessThan(1e-12)
      expect(await text(page, '#search-status')).toMatch(
        /^Found \d+ formulas? in .* from the network of step 50\.$/,
      )
      expect(await page.$$eval('#expression math', all => all.length)).toBe(1)
      const errors = await page.$$eval('#found-errors tr', all =>
        all.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent)),
      )
      expect(errors[0]).toHaveLength(3)
      expect(errors[1]![2]).toBe(await text(page, '#test-error'))
      const expression = parse(found, { variables: ['x1', 'x2'] })
      for (const name of formatNames) {
        await page.click(`#formats [value=${name}]`)
        await page.waitForFunction(
          wanted => document.querySelector('#copied-text')?.textContent === wanted,
          {},
          format(expression, name),
        )
      }
      await page.click('#formats [value=python]')
      await page.waitForFunction(() => document.querySelector('#copied')?.textContent?.includes('Python'))
      expect(await text(page, '#copied')).toBe('Copied as Python.')
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(format(expression, 'python'))
      await isRankedBy(page, 'validation')
      // A simpler formula of the list, with its own, larger error.
      await page.click('#pareto input')
      expect(await attribute(page, '#expression', 'data-text')).not.toBe(found)
      expect(await page.$eval('#adopt', element => element.checkVisibility())).toBe(false)
      await page.click('#pareto tr:last-child input')
      expect(await attribute(page, '#expression', 'data-text')).toBe(found)
      await page.click('#adopt')
      await knownBecome(page, 3)
      expect((await knownNames(page)).toSorted()).toEqual(['exp', 'sin', 'x²'])
      expect(await countEdges(page)).toBe(3)
      // Without the nodes that had no edge any more.
      expect(await text(page, '#caption')).toContain('2\u2009–\u20091\u2009–\u20091, 3 edges (3 known)')
      expect(await text(page, '#symbolify')).toBe('Read formula')
      await page.waitForSelector('#adopt[aria-disabled=true]')
      await page.waitForSelector('#symbolify[aria-disabled=false]')
      await page.click('#symbolify')
      await page.waitForFunction(() => document.querySelectorAll('#pareto tr').length === 1)
      expect(worst((await attribute(page, '#expression', 'data-text')) ?? '', 'exp-sin')).toBeLessThan(1e-12)
      await page.click('#reset')
      await page.waitForSelector('#found[hidden]')
    })
  })

  it('discovers a formula of the rows, in the page’s names', async () => {
    await visit('#device=cpu&function=bessel', async page => {
      const found = await search(page, '#discover')
      expect(found).toMatch(/\bx\b/)
      expect(worst(found, 'bessel')).toBeLessThan(1e-9)
      await isRankedBy(page, 'training')
    })
  })

  it('stops a search with what it has, and tells where it is', async () => {
    await visit('#device=cpu&function=four-inputs&steps=10', async page => {
      await train(page, '10')
      await page.waitForSelector('#symbolify[aria-disabled=false]')
      await page.click('#symbolify')
      await page.waitForFunction(() =>
        /^\d+ of \d+ are known$/.test(document.querySelector('#search-detail')?.textContent ?? ''),
      )
      expect(await text(page, '#search-status')).toBe('Symbolify: naming curves.')
      expect(await attribute(page, '#discover', 'title')).toBe('Stop the search first.')
      expect(await page.$eval('#search-progress', element => element.checkVisibility())).toBe(true)
      await page.click('#stop-search')
      await page.waitForSelector('#found:not([hidden])')
      expect(await text(page, '#search-status')).toMatch(/^Stopped: found/)
      expect(await countedSteps(page)).toBe(10)
    })
  })

  it('stops a search that has found nothing, and says what helps', async () => {
    await visit('#device=cpu&hidden=10,10&steps=1', async page => {
      await train(page, '1')
      await page.waitForSelector('#symbolify[aria-disabled=false]')
      await page.click('#symbolify')
      await page.waitForSelector('#stop-search[aria-disabled=false]')
      await page.click('#stop-search')
      await page.waitForSelector('#discover[aria-disabled=false]')
      expect(await text(page, '#search-status')).toMatch(
        /[Ss]topped .*before .* formula.*[Pp]rune the network first/,
      )
      expect(await page.$eval('#found', element => element.checkVisibility())).toBe(false)
    })
  })

  it('fits into a phone with a formula that does not', async () => {
    await visit(
      '#device=cpu&hidden=none&steps=5&function=four-inputs',
      async page => {
        await train(page, '5')
        await search(page, '#symbolify')
        await page.click('#formats [value=c]')
        await page.waitForSelector('#copied-text:not([hidden])')
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
      },
      { width: 390 },
    )
  })
})
