import { expect, it } from 'vitest'
import { createCpuEngine } from '../../src/engine/cpu/engine.ts'
import { KERNELS } from '../../src/engine/parity/tolerances.ts'
import { selftest, SELFTEST_CASES } from '../../src/engine/selftest.ts'
import { UnsupportedError } from '../../src/errors.ts'

it('refuses to judge a device of which a kernel is not compared', async () => {
  await using engine = createCpuEngine()
  const seen: string[] = []
  const run = (cases: typeof SELFTEST_CASES): Promise<boolean> =>
    selftest(engine, ({ kernel }) => seen.push(kernel), { cases })
  await expect(run([])).rejects.toThrow(UnsupportedError)
  await expect(run([])).rejects.toThrow(
    `compare 0 of ${KERNELS.length} kernels, and not basis, forward, loss,`,
  )
  // This case does not train scaleSpline.
  const { trainable } = SELFTEST_CASES[0]!
  expect(trainable.scaleSpline).toBe(false)
  await expect(run(SELFTEST_CASES.slice(0, 1))).rejects.toThrow('scale_spline')
  expect(seen).toEqual([])
})
