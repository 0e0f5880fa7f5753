/** What several commands have: options, and the form of examples. */
import { Option } from 'commander'
import type { NodeDevice } from '../node/engine.ts'

/** --device. */
export function deviceOption(
  devices: readonly NodeDevice[] = ['auto', 'webgpu', 'cpu'],
  description = 'auto: a hardware GPU or else the CPU; webgpu: any adapter',
): Option {
  return new Option('--device <device>', description).choices(devices).default('auto')
}

/**
 * --missing.
 * @param settled whether commander gives the default: where a function may stand for the table it must be known what was typed
 */
export function missingOption(settled = true): Option {
  const description = 'rows with missing values or NaN: refuse the table, or drop them'
  return settled
    ? new Option('--missing <how>', description).choices(['error', 'drop']).default('error')
    : new Option('--missing <how>', `${description} (default: error)`).choices(['error', 'drop'])
}

/** Command lines as they stand below a command's options. */
export function exampleText(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  ${line}`).join('\n')}`
}
