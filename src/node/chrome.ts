import type { AdapterDescription } from './adapter.ts'
import type { Attempt, SoftwareAdapters } from './attempt.ts'
export async function tryChrome(_software: SoftwareAdapters): Promise<Attempt> {
  return { refused: 'not written yet' }
}
export async function describeChrome(): Promise<AdapterDescription | string> {
  return 'not written yet'
}
