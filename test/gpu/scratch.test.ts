import { it } from 'vitest'
import { createLayout } from '../../src/model/shape.ts'
import { Random } from '../../src/random.ts'
import { uniformKnots } from '../../src/spline/knots.ts'
import type { KernelChoice, Plan } from '../../src/engine/engine.ts'
import { requireGpuEngine } from './require.ts'

const SHAPES: [string, number[], number, number][] = [
  ['C5', [64, 64, 64], 1024, 5],
  ['C200', [64, 64, 64], 1024, 200],
]
const CHOICES: KernelChoice[] = [
  { forward: 'gather', backward_coef: 'columns', backward_input: 'gather' },
  { forward: 'gather', backward_coef: 'sorted', backward_input: 'gather' },
  { forward: 'tile4', backward_coef: 'sorted', backward_input: 'tile4' },
]
interface Cmd { label: string; pipeline: GPUComputePipeline; groups: [number, GPUBindGroup, number[]][]; size: [number, number, number] }
let recorded: Cmd[] | undefined
let pipeline: GPUComputePipeline, groups: [number, GPUBindGroup, number[]][] = []
const P = GPUComputePassEncoder.prototype as any
const { setPipeline, setBindGroup, dispatchWorkgroups } = P
P.setPipeline = function (p: any) { pipeline = p; groups = []; return setPipeline.call(this, p) }
P.setBindGroup = function (n: any, g: any, o?: any, a?: any, c?: any) { groups.push([n, g, o ? [...o] : []]); return o ? setBindGroup.call(this, n, g, o, a, c) : setBindGroup.call(this, n, g) }
P.dispatchWorkgroups = function (x: any, y: any, z: any) { recorded?.push({ label: pipeline.label, pipeline, groups, size: [x, y, z] }); return dispatchWorkgroups.call(this, x, y, z) }
let device: GPUDevice
const D = GPUAdapter.prototype as any
const { requestDevice } = D
D.requestDevice = async function (d: any) { device = await requestDevice.call(this, d); return device }
async function timeAll(cmds: Cmd[]): Promise<string> {
  const best = cmds.map(() => Infinity)
  for (let rep = 0; rep < 3; rep++)
    for (const [c, cmd] of cmds.entries()) {
      const e = device.createCommandEncoder(); const p = e.beginComputePass()
      setPipeline.call(p, cmd.pipeline); for (const [n, g, o] of cmd.groups) setBindGroup.call(p, n, g, o)
      dispatchWorkgroups.call(p, ...cmd.size); p.end(); const b = e.finish()
      await device.queue.onSubmittedWorkDone()
      const t = performance.now(); device.queue.submit([b]); await device.queue.onSubmittedWorkDone()
      best[c] = Math.min(best[c]!, performance.now() - t)
    }
  return cmds.map((cmd, c) => `    ${cmd.label} ${best[c]!.toFixed(1)}`).join('\n')
}
it('times', async () => {
  const engine = await requireGpuEngine()
  const out: string[] = []
  for (const [name, width, rows, intervals] of SHAPES)
    for (const kernels of CHOICES) {
      const layers = width.slice(1).map((outputs, l) => ({ inputs: width[l]!, outputs, intervals, degree: 3, base: 'silu' as const }))
      const layout = createLayout(layers)
      const plan: Plan = { layers, trainable: { coef: true, scaleBase: true, scaleSpline: false, nodeScale: false, nodeBias: false }, models: 1, rows, batch: rows, validationRows: 0, loss: 'mse', optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, seed: 0, evaluateEvery: 1000000, patience: 0, kernels }
      const session = await engine.open(plan)
      const random = new Random(1)
      const knots = new Float64Array(layout.knots)
      for (const layer of layout.layers) for (let i = 0; i < layer.inputs; i++) knots.set(uniformKnots([-1, 1], intervals, 3), layer.knots + i * layer.knotsPerInput)
      await session.upload({
        parameters: Float64Array.from({ length: layout.parameters }, () => 0.1 * (random.uniform() - 0.5)),
        knots, mask: new Float64Array(layout.edges).fill(1),
        training: { x: Float64Array.from({ length: rows * width[0]! }, () => 2 * random.uniform() - 1), y: Float64Array.from({ length: rows * width.at(-1)! }, () => random.uniform()), weights: new Float64Array(rows).fill(1) },
        learningRate: Float64Array.of(1e-3),
      })
      await session.gradients()
      recorded = []; await session.run(1); const cmds = recorded; recorded = undefined
      const per = await timeAll(cmds)
      const times: number[] = [], steps: number[] = []
      for (let t = 0; t < 3; t++) {
        let began = performance.now()
        await session.gradients()
        times.push(performance.now() - began)
        began = performance.now()
        await session.run(1)
        steps.push(performance.now() - began)
      }
      await session.close()
      out.push(`${name} ${JSON.stringify(session.kernels)} gradients ${Math.min(...times).toFixed(0)} step ${Math.min(...steps).toFixed(0)}\n${per}`)
    }
  console.log(out.join('\n'))
}, 300000)
