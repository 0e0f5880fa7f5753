/** How the page of demo/ looks: what fits where, and whether it can be read. */
import { describe, expect, it } from 'vitest'
import { finishesAt, serveDemo, text, visit } from './visit.ts'

serveDemo()

describe('the page', () => {
  it('breaks a long formula only before + and =', async () => {
    await visit('#device=cpu&function=four-inputs', async page => {
      const spaces = (await text(page, '#formula')).matchAll(/ (.)/g)
      expect([...spaces].map(([, next]) => next)).toEqual(['=', '+'])
    })
  })

  it('numbers both ends of the axis of errors', async () => {
    await visit('#device=cpu&function=staircase&steps=20', async page => {
      await page.click('#train')
      await finishesAt(page, '20')
      const numbers = await page.$$eval('#fit div:last-child .tick[text-anchor=end]', texts =>
        texts.map(element => element.textContent),
      )
      expect(numbers).toHaveLength(3)
      expect(numbers[0]).toBe(`−${numbers[2]}`)
      expect(numbers[1]).toBe('0')
    })
  })

  it.each([390, 600, 768, 1024, 1160, 1440])(
    'fits into %i pixels, with the widest network too',
    async width => {
      for (const hash of ['#device=cpu', '#device=cpu&function=four-inputs&hidden=10,10&grid=x'])
        await visit(
          hash,
          async page => {
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
          },
          { width },
        )
    },
  )

  it.each(['light', 'dark'])('has enough contrast in %s', async scheme => {
    await visit('#device=cpu', async page => {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
      const colors = await page.evaluate(() => {
        const style = getComputedStyle(document.documentElement)
        const names = ['paper', 'sheet', 'ink', 'muted', 'rule', 'first', 'second', 'wrong', 'on-first']
        return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`)]))
      })
      const contrast = (a: string, b: string): number => contrastRatio(colors[a] ?? '', colors[b] ?? '')
      for (const background of ['paper', 'sheet']) {
        for (const ink of ['ink', 'muted', 'first', 'second', 'wrong'])
          expect(contrast(ink, background), `${ink} on ${background}`).toBeGreaterThanOrEqual(4.5)
        expect(contrast('rule', background), `rule on ${background}`).toBeGreaterThanOrEqual(3)
      }
      expect(contrast('on-first', 'first')).toBeGreaterThanOrEqual(4.5)
    })
  })
})

/** (L1 + 0.05) / (L2 + 0.05), L the relative luminance of sRGB: WCAG 2.2, "contrast ratio". */
function contrastRatio(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

function luminance(color: string): number {
  const short = /^#[\da-f]{3}$/i.test(color)
  const hex = short ? color.replaceAll(/[\da-f]/gi, '$&$&').slice(1) : /^#([\da-f]{6})$/i.exec(color)?.[1]
  if (!hex) throw new Error(`${color} is not a colour like #ab12ef.`)
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map(at => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
