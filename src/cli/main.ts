#!/usr/bin/env node
import { exitCode } from './exit.ts'
import { interruptsOf } from './interrupt.ts'
import { runCli } from './program.ts'
import type { Output } from './shell.ts'
import { requestThreadedEngine } from './thread.ts'

for (const stream of [process.stdout, process.stderr]) {
  // `webkan predict ... | head` closes the pipe: the reader has what it wants.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
}

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  requestEngine: requestThreadedEngine,
  onInterrupt: interruptsOf(process, leaveAtOnce),
})
await Promise.all([drained(process.stdout), drained(process.stderr)])
// Not left to the event loop: GPU objects that still wait for the garbage collector would keep it alive.
process.exit(code)

function drained(stream: Output): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()))
}

/** A second Ctrl-C: whoever is impatient gets a visible cursor (the progress bar hides it) and nothing else. */
function leaveAtOnce(): never {
  if (process.stderr.isTTY) process.stderr.write('\u001B[?25h\n')
  process.exit(exitCode.interrupted)
}
