/** The first step of a process, timed: started by start.ts, once a repetition. Prints milliseconds as JSON. */
import { requestNodeEngine } from 'webkan/node'
import type { Engine } from '../../src/engine/engine.ts'
import { closeDawn, openDawn } from '../dawn.ts'
import { openGpu } from '../gpu.ts'
import { SHAPES } from '../shapes.ts'
import { trainingOf } from '../training.ts'
import type { FirstStep, FirstStepTask } from './start.ts'

const { name, device, software, kernels } = JSON.parse(process.argv[2] ?? '{}') as FirstStepTask

async function openEngine(): Promise<Engine> {
  if (device === 'cpu') return requestNodeEngine({ device })
  const place = await openDawn()
  if ('refused' in place) throw new Error(place.refused)
  return (await openGpu(place.gpu, software)).engine
}

const { plan, contents } = trainingOf(SHAPES[name], { kernels })
const began = performance.now()
const engine = await openEngine()
const opened = performance.now()
const session = await engine.open(plan)
const ready = performance.now()
await session.upload(contents)
await session.run(1)
const done = performance.now()
const times: FirstStep = {
  engine: opened - began,
  session: ready - opened,
  'upload and step': done - ready,
  all: done - began,
}
process.stdout.write(JSON.stringify(times))
await engine.destroy()
closeDawn()
