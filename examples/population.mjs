// Many networks at once, and how far they agree: npm run build && node examples/population.mjs
import { KAN } from 'webkan'

// Random numbers that are the same each time (mulberry32).
let state = 1
const random = () => {
  state = (state + 0x6d2b79f5) | 0
  let bits = Math.imul(state ^ (state >>> 15), state | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
}

// A noisy sine with a gap from 0.2 to 0.6, in which nothing is known.
const rows = 80
const x = Array.from({ length: rows }, (_, row) =>
  row % 2 === 0 ? -1 + (0.6 * row) / 40 : 0.6 + (0.2 * row) / 40,
)
const y = x.map(value => Math.sin(4 * value) + 0.2 * (random() - 0.5))

// Each member has a seed of its own, and a bootstrap sample: rows drawn with replacement, as weights that count them.
const seeds = 32
const population = KAN.population({ width: [1, 3, 1], grid: 8, seeds })
const bootstrap = Array.from({ length: seeds }, () => {
  const weights = new Float64Array(rows)
  for (let draw = 0; draw < rows; draw++) weights[Math.floor(random() * rows)] += 1
  return { x, y, weights }
})
const run = population.fit(bootstrap, { optimizer: 'adam', learningRate: 0.02, steps: 300, lambda: 1e-4 })
for await (const { step, steps, loss } of run)
  if (step === steps) console.log(`${step} steps, loss ${loss.best.toFixed(4)} to ${loss.worst.toFixed(4)}`)
const { order, members } = await run
console.log(`${seeds} networks; the best is number ${order[0]}, of seed ${members[order[0]].seed}`)

const at = [-0.9, -0.5, 0, 0.4, 0.7, 0.95]
const { mean, deviation } = await population.predict(at)
for (const [r, value] of at.entries())
  console.log(
    `x ${value.toFixed(2).padStart(5)}  ${mean[r].toFixed(3).padStart(6)} +- ${deviation[r].toFixed(3)}  (true ${Math.sin(4 * value).toFixed(3)})`,
  )
const kan = population.best() // an ordinary model: kan.save(), kan.predict(x), ...
console.log(`the best alone: ${Array.from(await kan.predict(at), value => value.toFixed(3)).join(' ')}`)
