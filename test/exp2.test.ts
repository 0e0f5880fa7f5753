import { test } from 'vitest'
import { KAN } from '../src/kan.ts'
import { refineModel } from '../src/model/refine.ts'
import { updateGrid } from '../src/model/gridupdate.ts'
import { forwardNodes } from '../src/model/forward.ts'
import { scaleRows } from '../src/model/scaling.ts'
import { toySamples } from './train/toy.ts'
import { modelFromOracle } from './model/flatmodel.ts'
import { oracleFromPykan } from './oracle/frompykan.ts'
import { readReference } from './reference/read.ts'
import type { RefineFile, UpdateGridCase } from './reference/read.ts'
test('chain', async () => {
  const fresh = toySamples(2000, 99)
  for (const width of [[2,5,1],[2,1,1]]) for (const seed of [0,1,2]) {
    let kan = new KAN({ width, grid: 3, seed })
    const train = toySamples(300, 7)
    const t0 = performance.now()
    await kan.fit(train, { steps: 400, learningRate: 0.03 })
    const line = [(performance.now()-t0).toFixed(0)+'ms']
    const report = async (k: KAN) => line.push(Math.sqrt((await k.evaluate(fresh)).loss).toPrecision(6))
    await report(kan)
    const parent = kan
    const d: number[] = []
    for (const G of [5,10,20,50,100,200]) {
      const nodes = forwardNodes(kan, scaleRows(train.x, kan.scaling!.input))
      const t = performance.now()
      kan = new KAN(refineModel(kan, G, nodes))
      d.push(Math.round(performance.now()-t))
      await report(kan)
    }
    const hidden = forwardNodes(parent, scaleRows(train.x, parent.scaling!.input))[1]!
    console.log(width.join(), seed, line.join(' '), 'ms', d.join(), 'hidden', Math.min(...hidden), Math.max(...hidden))
    const line2: string[] = []
    for (const eps of [0.02, 1]) for (const G of [0, 20, 200]) {
      let k: KAN = parent
      if (G) k = new KAN(refineModel(k, G, forwardNodes(k, scaleRows(train.x, k.scaling!.input))))
      k = new KAN(updateGrid(k, scaleRows(train.x, k.scaling!.input), { eps }))
      line2.push(`eps ${eps} G ${G} ${Math.sqrt((await k.evaluate(fresh)).loss).toPrecision(6)} train ${Math.sqrt((await k.evaluate(train)).loss).toPrecision(6)} ${Math.max(...k.parameters).toPrecision(2)}`)
    }
    console.log(line2.join(' | '))
  }
}, 60000)
test('reference', () => {
  const r = readReference<RefineFile>('refine.json')
  const src = modelFromOracle(oracleFromPykan(r.source))
  const x = Float64Array.from(r.x.flat())
  const nodes = forwardNodes(src, x)
  for (const G of ['10','20']) {
    const m = refineModel(src, Number(G), nodes, {reach:0})
    let wc=0, wk=0
    r.refined[G]!.layers.forEach((L, l) => { const y = m.layer(l); L.grid.forEach((g,i)=>g.forEach((v,q)=>wk=Math.max(wk,Math.abs(v-y.values.knots[i*y.knotsPerInput+q]!)))); L.coef.forEach((bo,i)=>bo.forEach((c,j)=>c.forEach((v,q)=>wc=Math.max(wc,Math.abs(v-y.values.coef[(i*y.bases+q)*y.outputs+j]!))))) })
    const out = forwardNodes(m, x).at(-1)!, o0 = nodes.at(-1)!
    console.log(G, 'coef', wc, 'knots', wk, 'out', Math.max(...out.map((v,p)=>Math.abs(v-o0[p]!))), Math.max(...r.refined[G]!.out_first10.flat().map((v,p)=>Math.abs(v-out[p]!))))
  }
  for (const c of readReference<{cases: UpdateGridCase[]}>('update_grid.json').cases) {
    const m = updateGrid(modelFromOracle(oracleFromPykan(c.before)), Float64Array.from(c.x.flat()), { eps: c.grid_eps, margin: 0, reach: 0 })
    let wc=0, wk=0
    c.layers_after.forEach((L, l) => { const y = m.layer(l); L.grid.forEach((g,i)=>g.forEach((v,q)=>wk=Math.max(wk,Math.abs(v-y.values.knots[i*y.knotsPerInput+q]!)))); L.coef.forEach((bo,i)=>bo.forEach((cc,j)=>cc.forEach((v,q)=>wc=Math.max(wc,Math.abs(v-y.values.coef[(i*y.bases+q)*y.outputs+j]!))))) })
    const out = forwardNodes(m, Float64Array.from(c.x.flat())).at(-1)!
    console.log(c.name, c.grid_eps, 'coef', wc, 'knots', wk, 'out', Math.max(...c.out_after_first8.flat().map((v,p)=>Math.abs(v-out[p]!))))
  }
})
