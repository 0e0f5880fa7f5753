/** One run of the benchmark: opens what there is, measures group after group, keeps the file on disk up to date. */
import { requestNodeEngine } from 'webkan/node'
import type { Context } from './context.ts'
import { closeDawn, openDawn } from './dawn.ts'
import { measureGrowth } from './figures/growth.ts'
import { measureKernels } from './figures/kernels.ts'
import { measureLimits } from './figures/limits.ts'
import { measureOptimizers } from './figures/optimizers.ts'
import { measurePage } from './figures/page.ts'
import { measurePopulation } from './figures/population.ts'
import { measureProcessor } from './figures/processor.ts'
import { measureStart } from './figures/start.ts'
import { measureSteps } from './figures/steps.ts'
import { openGpu } from './gpu.ts'
import type { GpuBench } from './gpu.ts'
import { Ledger } from './ledger.ts'
import { describeMachine } from './machine.ts'
import { checkPeer } from './peers/check.ts'
import { listPeers } from './peers/index.ts'
import type { Peer } from './peers/peer.ts'
import { pinnedFor } from './pinned.ts'
import type { Pinned } from './pinned.ts'
import { freshPath, writeBench } from './results.ts'
import type { BenchFile, GpuRecord, PeerRecord } from './results.ts'
import { FULL, inTime, QUICK, reasonOf } from './timing.ts'

/** The groups of figures, in the order of a run: limits first, as others are held against them. */
export const GROUPS = {
  limits: measureLimits,
  processor: measureProcessor,
  steps: measureSteps,
  optimizers: measureOptimizers,
  population: measurePopulation,
  start: measureStart,
  growth: measureGrowth,
  kernels: measureKernels,
  page: measurePage,
} as const satisfies Record<string, (context: Context) => Promise<void>>
export type GroupName = keyof typeof GROUPS

export interface BenchOptions {
  readonly quick: boolean
  readonly device: 'webgpu' | 'cpu' | 'both'
  /** Whether software adapters will do. */
  readonly software: boolean
  readonly groups: readonly GroupName[]
  /** Names of shapes; undefined: all. */
  readonly shapes: readonly string[] | undefined
  readonly peers: boolean
  /** Pinned kernel variants. */
  readonly kernels: Pinned
  /** What has not begun after so many minutes is left out, and said to be. */
  readonly minutes: number
  /** Folder of the results file. */
  readonly out: string
}

/** Measures; returns the results and their path. `say` hears of every figure. */
export async function runBench(
  options: BenchOptions,
  say: (line: string) => void,
): Promise<{ readonly file: BenchFile; readonly path: string }> {
  const began = new Date()
  const path = freshPath(options.out, began.toISOString().slice(0, 10))
  const machine = describeMachine()
  const peerRecords: PeerRecord[] = []
  let gpuRecord: GpuRecord | undefined
  let noGpu: string | undefined
  const fileNow = (): BenchFile => ({
    format: 1,
    began: began.toISOString(),
    seconds: Math.round((Date.now() - began.getTime()) / 1000),
    options: { ...options, out: undefined },
    machine,
    ...(gpuRecord ? { gpu: gpuRecord } : {}),
    ...(noGpu === undefined ? {} : { noGpu }),
    peers: peerRecords,
    figures: ledger.figures,
    failures: ledger.failures,
  })
  const deadline = Date.now() + options.minutes * 60_000
  const ledger = new Ledger(
    line => {
      say(line)
      writeBench(path, fileNow())
    },
    () => (Date.now() > deadline ? `Not run: the ${options.minutes} minutes were over.` : undefined),
  )

  const software = options.software ? 'allow' : 'refuse'
  const place = options.device === 'cpu' ? { refused: 'The GPU was not asked for.' } : await openDawn()
  let gpu: GpuBench | undefined
  try {
    if ('refused' in place) throw new Error(place.refused)
    gpu = await openGpu(place.gpu, software)
    gpuRecord = describeGpu(gpu, machine.versions['webgpu'])
    say(`GPU: ${gpuRecord.device}, through ${gpuRecord.host}`)
  } catch (error) {
    noGpu = reasonOf(error)
    say(`No GPU: ${noGpu}`)
  }
  const cpu = options.device === 'webgpu' ? undefined : await requestNodeEngine({ device: 'cpu' })
  const host = { software, gpu: 'gpu' in place ? place.gpu : undefined } as const
  const listed = options.peers ? listPeers(host).filter(peer => (peer.beside === 'gpu' ? gpu : cpu)) : []
  const peers: Peer[] = []
  for (const peer of listed) {
    const record = await meet(peer)
    peerRecords.push(record)
    if (record.missing === undefined) peers.push(peer)
    else say(`${peer.name}: ${record.missing}`)
  }
  const context: Context = {
    ledger,
    pace: options.quick ? QUICK : FULL,
    quick: options.quick,
    gpu,
    cpu,
    software,
    peers,
    kernels: pinnedFor(options.kernels),
    shapes: options.shapes && new Set(options.shapes),
  }
  try {
    for (const group of options.groups)
      await ledger.attempt({ group, name: 'all', side: 'all' }, () => GROUPS[group](context))
  } finally {
    for (const peer of listed) await end(peer)
    await gpu?.engine.destroy()
    await cpu?.destroy()
    closeDawn()
  }
  const file = fileNow()
  writeBench(path, file)
  return { file, path }
}

/** Whether a peer can run here, what it is, and whether it computes what we do. A peer that fails at this is missing. */
async function meet(peer: Peer): Promise<PeerRecord> {
  const { name, beside } = peer
  try {
    const missing = await inTime(peer.missing(), name)
    if (missing !== undefined) return { name, beside, missing }
    const versions = await inTime(peer.versions(), name)
    const check = await inTime(checkPeer(peer), name)
    if (check.agrees) return { name, beside, versions, check }
    return { name, beside, missing: 'It computes something else than webkan does.', versions, check }
  } catch (error) {
    return { name, beside, missing: reasonOf(error) }
  }
}

/** A peer that does not end well harms no figure. */
async function end(peer: Peer): Promise<void> {
  try {
    if (peer.destroy) await inTime(peer.destroy(), peer.name)
  } catch {
    // Its figures are in the file; there is nothing left to say.
  }
}

/** Limits that decide which kernels and batches fit. */
const SHOWN_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const

function describeGpu({ engine, device }: GpuBench, dawn: string | undefined): GpuRecord {
  const { adapterInfo } = device
  const { vendor, architecture, description } = adapterInfo
  return {
    device: engine.description.device,
    software: engine.description.software,
    host: `Dawn (npm package webgpu ${dawn ?? 'of unknown version'})`,
    adapter: { vendor, architecture, device: adapterInfo.device, description },
    features: [...device.features].toSorted(),
    limits: Object.fromEntries(SHOWN_LIMITS.map(name => [name, device.limits[name]])),
  }
}
