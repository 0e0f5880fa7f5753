import { expect, it } from 'vitest'
import { Tape } from '../../bench/tape.ts'

/** As much of a device as an engine's recording touches; its methods work on it alone, as a native object's do. */
class FakePass {
  readonly calls: string[] = []
  setPipeline(pipeline: GPUComputePipeline): void {
    this.calls.push(`pipeline ${pipeline.label}`)
  }
  setBindGroup(index: number, _group: GPUBindGroup, offsets: readonly number[]): void {
    this.calls.push(`group ${index} ${offsets.join()}`)
  }
  dispatchWorkgroups(...workgroups: number[]): void {
    this.calls.push(`dispatch ${workgroups.join()}`)
  }
  end(): void {
    this.calls.push('end')
  }
}

function fakeDevice(pass: FakePass): GPUDevice {
  const encoder = { beginComputePass: () => pass, finish: () => 'commands' }
  return { createCommandEncoder: () => encoder } as unknown as GPUDevice
}

const pipeline = (label: string): GPUComputePipeline => ({ label }) as GPUComputePipeline
const group = {} as GPUBindGroup

/** Two dispatches with the offsets in one array that is filled anew. */
async function encode(device: GPUDevice): Promise<void> {
  const offsets = new Uint32Array(2)
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  offsets.set([1, 2])
  pass.setPipeline(pipeline('basis'))
  pass.setBindGroup(0, group, offsets, 0, 2)
  pass.dispatchWorkgroups(7)
  offsets.set([3, 4])
  pass.setPipeline(pipeline('forward'))
  pass.setBindGroup(0, group, offsets, 0, 2)
  pass.setBindGroup(1, group)
  pass.dispatchWorkgroups(8, 9)
  pass.end()
  encoder.finish()
}

it('takes every dispatch down with the offsets of its own, and hands it on', async () => {
  const fake = new FakePass()
  const tape = new Tape()
  const device = tape.listen(fakeDevice(fake))
  const commands = await tape.record(() => encode(device))
  expect(
    commands.map(({ kernel, workgroups, groups }) => [kernel, workgroups, groups.map(g => g.offsets)]),
  ).toEqual([
    ['basis', [7, 1, 1], [[1, 2]]],
    ['forward', [8, 9, 1], [[3, 4], []]],
  ])
  expect(fake.calls).toEqual([
    'pipeline basis',
    'group 0 1,2',
    'dispatch 7,1,1',
    'pipeline forward',
    'group 0 3,4',
    'group 1 ',
    'dispatch 8,9,1',
    'end',
  ])
})

it('hears only what happens while it records, and each recording starts anew', async () => {
  const tape = new Tape()
  const device = tape.listen(fakeDevice(new FakePass()))
  expect(await tape.record(() => encode(device))).toHaveLength(2)
  expect(await tape.record(() => Promise.resolve())).toHaveLength(0)
})
