// From a table to a model file and back: npm run build && node examples/table.mjs
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KAN } from 'webkan'
import { applyEncoder, encodeTable, encoderColumns, parseTable } from 'webkan/data'

const text = await readFile(new URL('data/wine.csv', import.meta.url), 'utf8')
const { encoder, x, y } = encodeTable(parseTable(text), { target: 'cultivar' })
const classes = encoder.target.labels ?? []

const kan = new KAN({ width: [encoder.inputs.length, 5, classes.length] })
kan.encoder = encoder // saved with the model, so that it knows the table's columns and labels
// Early stopping on a tenth of the rows; the best weights are kept.
const report = await kan.fit({ x, y }, { validation: 0.1, patience: 20, learningRate: 0.02 })
console.log(`${report.steps} steps, best at ${report.best.step}`)

const file = join(tmpdir(), 'wine.safetensors')
await writeFile(file, kan.save())
const loaded = KAN.load(await readFile(file))

// Any table with the input columns will do; the target is not needed.
const unseen = parseTable(text, { only: encoderColumns(encoder, { requireTarget: false }) })
const inputs = applyEncoder(encoder, unseen, { requireTarget: false })
const logits = await loaded.predict(inputs.x)
for (const row of [0, 80, 170]) {
  const scores = logits.subarray(row * classes.length, (row + 1) * classes.length)
  console.log(`row ${row + 1}: ${classes[scores.indexOf(Math.max(...scores))]}`)
}
