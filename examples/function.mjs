// Learns a function from samples: npm run build && node examples/function.mjs
import { KAN } from 'webkan'
import { sampleFunction, toyFunction } from 'webkan/data'
import { requestNodeEngine } from 'webkan/node'

const engine = await requestNodeEngine()
console.log(`On ${engine.description.device}. ${engine.description.reason}`)

// exp(sin(pi x1) + x2^2), the first example of the paper (arXiv 2404.19756).
const f = toyFunction('exp-sin')
const train = sampleFunction(f, 1000, 0)
const test = sampleFunction(f, 1000, 1)

const kan = new KAN({ width: [2, 5, 1], grid: 5, degree: 3, seed: 0 })
const report = await kan.fit(train, { engine, steps: 1000, learningRate: 0.02 })
const { rmse, r2 } = await kan.evaluate(test, { engine })
console.log(`${f.label}: ${report.steps} steps in ${report.seconds.toFixed(1)} s`)
console.log(`test RMSE ${rmse?.toPrecision(3)}, R2 ${r2?.toFixed(5)}`)

const [y] = await kan.predict([[0.5, 0.5]])
console.log(`f(0.5, 0.5) = ${y?.toFixed(4)}, exactly ${Math.exp(1.25).toFixed(4)}`)
await engine.destroy()
