import { expect, test } from 'vitest'
import { KAN } from '../../src/kan.ts'
import { Random } from '../../src/random.ts'
test('x', async () => {
  const r = new Random(1)
  const x = Float64Array.from({length: 2000}, () => 2*r.uniform()-1)
  const y = Float64Array.from({length: 1000}, (_, i) => Math.exp(Math.sin(Math.PI*x[2*i]!)+x[2*i+1]!**2))
  for (const lr of [0.01, 0.02, 0.05]) {
  const kan = new KAN({ width: [2,5,1] })
  const t = performance.now()
  const report = await kan.fit({x,y},{steps: 1000, learningRate: lr})
  console.log(lr, report.best, report.steps, report.stop, performance.now()-t, await kan.evaluate({x,y}))
  }
})
