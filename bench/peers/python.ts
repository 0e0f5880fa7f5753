import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Who waits for the next answer. */
interface Waiting {
  answer(line: string): void
  fail(error: Error): void
}

/** dense.py, started with the first question. Questions are answered one after another. */
export class PythonServer {
  readonly #python: string
  readonly #waiting: Waiting[] = []
  #child: ChildProcessWithoutNullStreams | undefined
  #lastWords = ''
  #ended: Error | undefined

  constructor(python: string) {
    this.#python = python
  }

  /** The answer, of the type that dense.py gives for the question. Throws what went wrong there, or that it ended. */
  async ask<Answer>(question: object): Promise<Answer> {
    if (this.#ended) throw this.#ended
    const child = (this.#child ??= this.#start())
    const line = await new Promise<string>((answer, fail) => {
      this.#waiting.push({ answer, fail })
      child.stdin.write(`${JSON.stringify(question)}\n`)
    })
    const answer = JSON.parse(line) as Answer & { readonly error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }

  /** Ends the interpreter; safe to call twice. */
  async end(): Promise<void> {
    const child = this.#child
    this.#ended ??= new Error('The interpreter was ended.')
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const closed = new Promise(resolve => child.once('close', resolve))
    child.stdin.end()
    await closed
  }

  #start(): ChildProcessWithoutNullStreams {
    const child = spawn(this.#python, ['-u', join(import.meta.dirname, 'dense.py')])
    createInterface(child.stdout).on('line', line => this.#waiting.shift()?.answer(line))
    // Warnings; the last of them says why an interpreter ended.
    child.stderr.on('data', (text: Buffer) => {
      this.#lastWords = `${this.#lastWords}${text.toString()}`.slice(-2000)
    })
    child.on('error', error => this.#lose(error))
    child.on('close', () => this.#lose(new Error(lastLine(this.#lastWords) || 'The interpreter ended.')))
    // Writing to an interpreter that is gone: 'close' says why.
    child.stdin.on('error', () => undefined)
    return child
  }

  #lose(error: Error): void {
    this.#ended ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.fail(error)
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
