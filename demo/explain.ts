import { DeviceLostError, NonFiniteError, WebkanError } from 'webkan'

/** An error whose message is for a person already: what `explain` said in a worker. */
export class Explained extends Error {}

/** What happened and what to do, for a person. */
export function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof DeviceLostError)
    return `The device was lost. ${message} What was learned is kept: press Train to go on with a new device, or choose the CPU.`
  if (error instanceof NonFiniteError) return `${message} Then press Train to go on, or Reset to start over.`
  if (error instanceof WebkanError || error instanceof Explained) return message
  return `Something went wrong that this page did not expect: ${message} Press Reset, or reload the page.`
}
