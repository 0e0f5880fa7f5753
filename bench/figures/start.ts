/**
 * Time to the first step of a program that has just begun: device, shaders and buffers, upload and step. Every repetition is a
 * process of its own; loading the program is no part of it.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Plan } from '../../src/engine/engine.ts'
import type { Context } from '../context.ts'
import { OURS } from '../figure.ts'
import { START } from '../groups.ts'
import { spreadOf } from '../timing.ts'

const PARTS = ['engine', 'session', 'upload and step', 'all'] as const

/** Milliseconds of each part. */
export type FirstStep = Readonly<Record<(typeof PARTS)[number], number>>

/** What a process is told to do, as JSON. */
export interface FirstStepTask {
  readonly name: 'A' | 'C'
  readonly device: 'gpu' | 'cpu'
  readonly software: 'refuse' | 'allow'
  readonly kernels: Plan['kernels']
}

/** Milliseconds that such a process may take. */
const PATIENCE = 120_000

export async function measureStart(context: Context): Promise<void> {
  const { gpu, cpu } = context
  for (const name of context.quick ? (['A'] as const) : (['A', 'C'] as const)) {
    if (gpu) await measureSide(context, name, 'gpu')
    if (cpu) await measureSide(context, name, 'cpu')
  }
}

async function measureSide(
  { ledger, pace, kernels, software }: Context,
  name: 'A' | 'C',
  device: 'gpu' | 'cpu',
): Promise<void> {
  const side = OURS[device]
  await ledger.attempt({ group: START, name, side }, async () => {
    const task: FirstStepTask = { name, device, software, kernels: kernels[device] }
    const times: FirstStep[] = []
    for (let n = 0; n < Math.min(5, pace.repetitions); n++) times.push(await inNewProcess(task))
    for (const part of PARTS)
      ledger.add({
        group: START,
        name: `${name}, ${part}`,
        side,
        unit: 'ms',
        spread: spreadOf(times.map(each => each[part])),
        // Drivers keep on disk what they compiled: only the first may have found nothing there.
        detail: { 'first repetition, ms': times[0]![part] },
      })
  })
}

/** The program that lies beside this one: the bundle's is compiled. It runs as this one does, with the same loaders. */
async function inNewProcess(task: FirstStepTask): Promise<FirstStep> {
  const script = `firststep.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, script), JSON.stringify(task)],
    { timeout: PATIENCE },
  )
  return JSON.parse(stdout) as FirstStep
}
