// A loop of one's own around training, with a chart line: npm run build && node examples/loop.mjs
import { KAN } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'

const f = toyFunction('bessel')
const kan = new KAN({ width: [1, 3, 1], grid: 20 })
const run = kan.fit(sampleFunction(f, 500, 0), { steps: 1000, learningRate: 0.01 })

const bars = '█▇▆▅▄▃▂▁'
let chart = ''
let shown = 0
for await (const { step, loss, losses } of run) {
  // A report holds every loss since the last one; here one bar for each 20 steps, two levels a power of ten.
  for (const [i, value] of losses.entries()) {
    const at = step - losses.length + i + 1
    if (at % 20 === 0) chart += bars[Math.min(7, Math.max(0, Math.round(-2 * Math.log10(value))))]
  }
  if (step - shown >= 200) {
    shown = step
    console.log(`${String(step).padStart(5)}  loss ${loss.toExponential(1)}  ${chart}`)
  }
  if (loss < 1e-4) break // stops the run and waits for its end; the best weights stay
}
const report = await run
console.log(
  `${f.label}: ${report.stop} after ${report.steps} steps, best loss ${report.best.loss.toExponential(1)}`,
)
