import { describe, expect, it } from 'vitest'

/** No skip anywhere: a machine without an adapter has not tested the shaders, and must say so. */
async function requestDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu?.requestAdapter()
  if (!adapter) throw new Error('This browser gives no WebGPU adapter, not even a software one.')
  return adapter.requestDevice()
}

/** y = a x + y on 5 values, two invocations beyond the end left idle by a bounds check. */
async function axpy(device: GPUDevice, a: number, x: Float32Array<ArrayBuffer>): Promise<Float32Array> {
  const code = `
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < arrayLength(&x)) { y[id.x] = ${a} * x[id.x] + 1; }
    }`
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  })
  const input = device.createBuffer({
    size: x.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
  })
  const output = device.createBuffer({
    size: x.byteLength,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  })
  const staging = device.createBuffer({
    size: x.byteLength,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  })
  device.queue.writeBuffer(input, 0, x)
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [input, output].map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  )
  pass.dispatchWorkgroups(Math.ceil(x.length / 4))
  pass.end()
  encoder.copyBufferToBuffer(output, 0, staging, 0, x.byteLength)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  return new Float32Array(staging.getMappedRange().slice(0))
}

describe('the browser the tests run in', () => {
  it('gives an adapter and runs a shader', async () => {
    const device = await requestDevice()
    // Small integers: exact in float32, so there is no tolerance.
    expect(await axpy(device, 2, new Float32Array([1, 2, 3, 4, 5]))).toEqual(
      new Float32Array([3, 5, 7, 9, 11]),
    )
    device.destroy()
  })
})
