import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import common from '../../shaders/common.wgsl?raw'
import lbfgsState from '../../shaders/lbfgs_state.wgsl?raw'
import type { SearchOutcome } from '../../src/engine/linesearch.ts'
import { agree, LENGTH, NAMED, randomScripts, search, STEP_ERROR } from './linesearch-scripts.ts'
import type { Answer, Script } from './linesearch-scripts.ts'

// The line search of shaders/lbfgs_state.wgsl against src/engine/linesearch.ts: both are told the same values and slopes,
// whatever step they ask for, so that branches are reached that no trajectory in test/gpu/lbfgs.test.ts comes to.

const SCRIPT_WORDS = 3 + 2 * LENGTH
const OUTCOMES: readonly SearchOutcome[] = ['evaluate', 'accept', 'failed']

const KERNEL = `
  const WIDTH = 1u;
  ${common}
  ${lbfgsState}
  @group(0) @binding(3) var<storage, read> scripts: array<f32>;        // [scripts][SCRIPT_WORDS]
  @group(0) @binding(4) var<storage, read_write> answers: array<f32>;  // [scripts][LENGTH][outcome, step]
  @compute @workgroup_size(1)
  fn main(@builtin(global_invocation_id) id: vec3u) {
    let script = id.x * ${SCRIPT_WORDS}u;
    var s: Lbfgs;
    // What a search before this one may have left.
    s.stage = RETURN;
    s.trials = 20u;
    s.slow = 1u;
    s.high = Point(0.5, -1.0, 1.0);
    s.loss = scripts[script];
    begin_search(&s, scripts[script + 1u], scripts[script + 2u]);
    for (var n = 0u; n < ${LENGTH}u; n++) {
      let outcome = advance_search(&s, scripts[script + 3u + 2u * n], scripts[script + 4u + 2u * n]);
      let answer = 2u * (id.x * ${LENGTH}u + n);
      answers[answer] = f32(outcome);
      answers[answer + 1u] = s.step;
      if (outcome != EVALUATE) {
        return;
      }
    }
  }`

function pack({ value, slope, step, evaluations }: Script): number[] {
  const words = [value, slope, step, ...evaluations.flat()]
  return [...words, ...Array.from({ length: SCRIPT_WORDS - words.length }, () => 0)]
}

/** The same, for all scripts, on the device. */
async function searchOnDevice(device: GPUDevice, scripts: readonly Script[]): Promise<Answer[][]> {
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: KERNEL }) },
  })
  const words = Float32Array.from(scripts.flatMap(pack))
  const bytes = scripts.length * LENGTH * 8
  const buffer = (size: number, usage: GPUBufferUsageFlags): GPUBuffer => device.createBuffer({ size, usage })
  const input = buffer(words.byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST)
  const output = buffer(bytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC)
  const staging = buffer(bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST)
  device.queue.writeBuffer(input, 0, words)
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 3, resource: { buffer: input } },
        { binding: 4, resource: { buffer: output } },
      ],
    }),
  )
  pass.dispatchWorkgroups(scripts.length)
  pass.end()
  encoder.copyBufferToBuffer(output, 0, staging, 0, bytes)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const answers = new Float32Array(staging.getMappedRange().slice(0))
  for (const each of [input, output, staging]) each.destroy()
  return scripts.map(({ evaluations }, n) => {
    const all = evaluations.map((_, e) => {
      const at = 2 * (n * LENGTH + e)
      return { outcome: OUTCOMES[answers[at]!]!, step: answers[at + 1]! }
    })
    const end = all.findIndex(({ outcome }) => outcome !== 'evaluate')
    return end < 0 ? all : all.slice(0, end + 1)
  })
}

describe('the line search on the GPU', () => {
  let device: GPUDevice
  beforeAll(async () => {
    const adapter = await navigator.gpu?.requestAdapter()
    if (!adapter) throw new Error('This browser gives no WebGPU adapter, not even a software one.')
    device = await adapter.requestDevice()
  })
  afterAll(() => device.destroy())

  /** Outcomes are equal; steps differ by rounding. */
  const differing = async (named: readonly (readonly [name: string, script: Script])[]) => {
    const answers = await searchOnDevice(
      device,
      named.map(([, script]) => script),
    )
    return named.flatMap(([name, script], n) => {
      const expected = search(script)
      return agree(answers[n]!, expected, STEP_ERROR) ? [] : [{ name, actual: answers[n]!, expected }]
    })
  }

  it('answers as the search in float64 does where a search turns', async () => {
    expect(await differing(Object.entries(NAMED))).toEqual([])
  })

  it('answers as the search in float64 does, whatever the evaluations say', async () => {
    const scripts = randomScripts(3000)
    const lengths = scripts.map(script => search(script).length)
    // They are searches, not first steps: some go on for as long as a search may.
    expect(Math.max(...lengths)).toBeGreaterThanOrEqual(26)
    expect(await differing(scripts.map((script, n) => [String(n), script]))).toEqual([])
  })
})
