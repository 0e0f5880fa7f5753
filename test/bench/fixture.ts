import type { Figure } from '../../bench/figure.ts'
import type { BenchFile } from '../../bench/results.ts'

/** A figure whose spread is median / 2, median and median * 2. */
export function figure(group: string, name: string, side: string, median: number, unit = 'ms'): Figure {
  return {
    group,
    name,
    side,
    unit,
    spread: { minimum: median / 2, median, maximum: median * 2, repetitions: 5 },
  }
}

/** A run with figures that a person can check by eye. */
export function benchFile(changes: Partial<BenchFile> = {}): BenchFile {
  return {
    format: 1,
    began: '2030-05-04T03:02:01.000Z',
    seconds: 77,
    options: { quick: false },
    machine: {
      processor: 'A processor',
      cores: 4,
      memory: 2 ** 33,
      freeMemory: 2 ** 32,
      system: 'linux x64',
      load: 0.25,
      versions: { node: '20.0.0', webkan: '9.9.9' },
    },
    gpu: {
      device: 'A GPU',
      software: false,
      host: 'Dawn',
      adapter: { vendor: 'maker', architecture: '' },
      features: ['timestamp-query'],
      limits: {},
    },
    peers: [
      { name: 'dense cpu', beside: 'cpu', versions: { torch: '2.0' } },
      { name: 'dense gpu', beside: 'gpu', versions: { tfjs: '4.0' } },
      { name: 'absent', beside: 'gpu', missing: 'It is not installed.' },
      { name: 'away', beside: 'cpu', missing: 'It is not installed.' },
    ],
    figures: [
      figure('step', 'A', 'dense cpu', 30),
      figure('step', 'A', 'webkan CPU', 4),
      figure('step', 'A', 'webkan GPU', 0.5),
      figure('step', 'A', 'dense gpu', 1),
      figure('step', 'C', 'webkan GPU', 8),
      figure('bytes', 'A', 'webkan CPU', 12, 'MB'),
      figure('bytes', 'A', 'dense cpu', 120, 'MB'),
      figure('growth with G', '5', 'webkan GPU, forward + backward', 1),
      figure('growth with G', '200', 'webkan GPU, forward + backward', 1.25),
      figure('population of A', '1', 'webkan GPU', 0.5),
      figure('population of A', '256', 'webkan GPU', 3),
    ],
    failures: [
      {
        group: 'step',
        name: 'E',
        side: 'dense gpu',
        error: 'Not run: a | step would take long.\nand a trace',
      },
    ],
    ...changes,
  }
}
