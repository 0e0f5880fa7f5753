import { spawnSync } from 'node:child_process'

/** Whether the command runs here and succeeds. */
export function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** What the command prints, given this input. Throws with its messages when it fails. */
export function output(command: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    encoding: 'utf8',
    maxBuffer: 1e8,
  })
  if (status !== 0) throw new Error(`${command} failed: ${error?.message ?? stderr}`)
  return stdout
}

/** Rows of numbers as C and Python print them: nan, inf, -inf and decimals that are read back exactly. */
export function numberRows(text: string): number[][] {
  const rows = text.split('\n').filter(line => line !== '')
  return rows.map(row =>
    row.split(' ').map(word => SPECIAL.get(word.replace(/^-(?=nan)/, '')) ?? Number(word)),
  )
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['nan', NaN],
  ['inf', Infinity],
  ['-inf', -Infinity],
])
