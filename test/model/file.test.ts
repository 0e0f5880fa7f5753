import { describe, expect, test } from 'vitest'
import { FormatError, NonFiniteError } from '../../src/errors.ts'
import { KAN, loadCheckpoint } from '../../src/kan.ts'
import { encodeModelFile } from '../../src/model/file.ts'
import { decodeSafetensors, digestTensors, encodeSafetensors } from '../../src/model/safetensors.ts'
import { Random } from '../../src/random.ts'
import { toyClasses, toySamples } from '../train/toy.ts'

/** A model with everything a file can hold. */
async function fullModel(): Promise<KAN> {
  const kan = new KAN({ width: [2, 2, 1], grid: [3, 4], degree: [3, 2], base: ['silu', 'identity'], seed: 5 })
  await kan.fit(toySamples(20), { steps: 12 })
  kan.mask[1] = 0
  kan.encoder = {
    task: 'regression',
    inputs: [
      { column: 'größe', kind: 'numeric' },
      { column: 'kind', kind: 'one-hot', level: '"a"\u001f\\' },
    ],
    target: { column: '温度' },
  }
  kan.formulas = ['2*größe + 1']
  return kan
}

describe('save and load', () => {
  test('bit-equal, with scaling, statistics and encoder', async () => {
    const kan = await fullModel()
    const bytes = kan.save()
    const loaded = KAN.load(bytes)
    expect(loaded).toBeInstanceOf(KAN)
    expect(loaded).toEqual(kan)
    for (const name of ['parameters', 'knots', 'mask'] as const)
      expect(new Uint8Array(loaded[name].buffer)).toEqual(new Uint8Array(kan[name].slice().buffer))
    expect(loaded.save()).toEqual(bytes)
    const { x } = toySamples(5, 8)
    expect(await loaded.predict(x)).toEqual(await kan.predict(x))
  })

  test('a model that was never trained; -0 and the smallest numbers keep their bits', () => {
    const kan = new KAN({ width: [1, 1] })
    kan.parameters.set([-0, 5e-324, -1.7976931348623157e308, 1 / 3])
    const loaded = KAN.load(kan.save())
    expect(new Uint32Array(loaded.parameters.buffer)).toEqual(new Uint32Array(kan.parameters.buffer))
    const { scaling, statistics, encoder, loss } = loaded
    expect([scaling, statistics, encoder, loss]).toEqual([undefined, undefined, undefined, undefined])
  })

  test('at an odd offset of a larger buffer', () => {
    const kan = new KAN({ width: [1, 1] })
    const bytes = kan.save()
    const larger = new Uint8Array(bytes.length + 6)
    larger.set(bytes, 3)
    expect(KAN.load(larger.subarray(3, 3 + bytes.length))).toEqual(kan)
  })

  test('the loss that it was fitted with', async () => {
    const kan = new KAN({ width: [2, 3] })
    await kan.fit(toyClasses(30), { loss: 'cross-entropy', steps: 2 })
    expect(KAN.load(kan.save()).loss).toBe('cross-entropy')
    expect(kan.copy().loss).toBe('cross-entropy')
    expect((await fullModel()).loss).toBe('mse')
    for (const loss of ['mae', 'huber'] as const) {
      const robust = new KAN({ width: [2, 3] })
      robust.loss = loss
      expect(KAN.load(robust.save()).loss).toBe(loss)
    }
  })

  test('parameters that are not finite are not saved', () => {
    const kan = new KAN({ width: [1, 1] })
    kan.parameters[2] = NaN
    expect(() => kan.save()).toThrow(NonFiniteError)
  })
})

describe('a bad file is a FormatError', () => {
  test('every truncation', async () => {
    const bytes = (await fullModel()).save()
    for (let length = 0; length < bytes.length; length++)
      expect(() => KAN.load(bytes.subarray(0, length)), `${length} bytes`).toThrow(FormatError)
    expect(() => KAN.load(Uint8Array.of(...bytes, 0))).toThrow(FormatError)
  })

  test('a flipped bit in every byte', async () => {
    const bytes = (await fullModel()).save()
    const random = new Random(3)
    for (let p = 0; p < bytes.length; p++) {
      const bit = 1 << random.integer(8)
      bytes[p]! ^= bit
      expect(() => KAN.load(bytes), `bit ${bit} of byte ${p}`).toThrow(FormatError)
      bytes[p]! ^= bit
    }
    expect(KAN.load(bytes).width).toEqual([2, 2, 1])
  })

  test('random bytes after a valid header length', () => {
    const random = new Random(4)
    for (let trial = 0; trial < 200; trial++) {
      const bytes = Uint8Array.from({ length: 64 }, () => random.integer(256))
      bytes.set([16, 0, 0, 0, 0, 0, 0, 0, 0x7b])
      expect(() => KAN.load(bytes)).toThrow(FormatError)
    }
  })

  test('what is no bytes', () => {
    const file = new KAN({ width: [1, 1] }).save()
    for (const bytes of [file.buffer, 'model.safetensors', undefined])
      for (const read of [KAN.load.bind(KAN), loadCheckpoint])
        expect(() => read(bytes as unknown as Uint8Array)).toThrow(/from its bytes, a Uint8Array/)
  })

  test("another program's safetensors", () => {
    const tensors = { weight: { shape: [1], values: Float32Array.of(1) } }
    expect(() => KAN.load(encodeSafetensors(tensors, {}))).toThrow(/does not say that webkan wrote it/)
  })

  test('a newer version says what to do', () => {
    const { tensors, metadata } = decodeSafetensors(new KAN({ width: [1, 1] }).save())
    const newer = encodeSafetensors(tensors, { ...metadata, version: '3' })
    expect(() => KAN.load(newer)).toThrow(FormatError)
    expect(() => KAN.load(newer)).toThrow(/version 3.*up to version 2.*Update webkan/)
  })

  test('logarithmic scales are of version 2; a file without them is of version 1, which older readers know', async () => {
    const kan = new KAN({ width: [2, 1], scaling: { log: { inputs: [1] } } })
    await kan.fit({ x: [1, 2, 3, 4, 5, 7], y: [1, 2, 4] }, { steps: 1 })
    const versions = [kan, new KAN({ width: [2, 1] })].map(
      own => decodeSafetensors(own.save()).metadata['version'],
    )
    expect(versions).toEqual(['2', '1'])
    const { config, parameters, knots, mask, scaling } = kan
    const input = { ...scaling!.input, log: [false] }
    const bytes = encodeModelFile({ config, parameters, knots, mask, scaling: { ...scaling!, input } })
    expect(() => KAN.load(bytes)).toThrow('scaling.input.log has 1 values, and 2 are needed')
  })

  test('contents that do not belong together, under a valid hash', async () => {
    const kan = await fullModel()
    const { config, parameters, knots, mask, scaling, statistics, encoder, loss } = kan
    const parts = { config, parameters, knots, mask, scaling, statistics, encoder, loss }
    const change = (values: Float64Array, at: number, value: number): Float64Array => {
      const changed = values.slice()
      changed[at] = value
      return changed
    }
    const layer = statistics!.layers[0]!
    const input = { shift: Float64Array.of(0, 0), scale: Float64Array.of(1, 0) }
    const bad: [string, Partial<typeof parts>][] = [
      ['parameters, missing', { parameters: parameters.slice(1) }],
      ['parameters, NaN', { parameters: change(parameters, 3, NaN) }],
      ['knots, too many', { knots: Float64Array.of(...knots, 9) }],
      ['knots, not increasing', { knots: change(knots, 4, knots[3]!) }],
      ['mask, two', { mask: change(mask, 0, 2) }],
      ['scaling, zero', { scaling: { ...scaling!, input } }],
      ['scaling, wrong width', { scaling: { ...scaling!, output: input } }],
      ['statistics, no rows', { statistics: { ...statistics!, rows: 0 } }],
      ['statistics, a layer short', { statistics: { ...statistics!, layers: [layer] } }],
      ['encoder, inputs', { encoder: { ...encoder!, inputs: encoder!.inputs.slice(1) } }],
      [
        'encoder, labels',
        { encoder: { ...encoder!, task: 'classification', target: { column: 'c', labels: ['a', 'b'] } } },
      ],
      ['loss, for classes', { loss: 'cross-entropy' }],
      ['loss, unknown', JSON.parse('{"loss": "l1"}') as Partial<typeof parts>],
      ['config, a wider network', { config: new KAN({ width: [2, 3, 1] }).config }],
      ['config, impossible', { config: { ...config, range: [1, -1] } }],
    ]
    const accepted = bad.filter(([, change]) => {
      try {
        return KAN.load(encodeModelFile({ ...parts, ...change })) instanceof KAN
      } catch (error) {
        return !(error instanceof FormatError)
      }
    })
    expect(accepted).toEqual([])
  })

  test('a configuration that claims more than the file holds allocates nothing', () => {
    const { config, parameters, knots, mask } = new KAN({ width: [1, 1] })
    const huge = { ...config, layers: [{ ...config.layers[0]!, inputs: 10_000, outputs: 5000 }] }
    const before = process.memoryUsage().arrayBuffers
    expect(() => KAN.load(encodeModelFile({ config: huge, parameters, knots, mask }))).toThrow(
      /has \d+ values, and \d+ are needed/,
    )
    // 5e7 edges of 10 parameters would be 4 GB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e7)
  })

  test('formulas that are none, or of another network', () => {
    const kan = new KAN({ width: [1, 1] })
    kan.formulas = ['2*x1 + 1']
    const bytes = kan.save()
    expect(decodeSafetensors(bytes).metadata['version']).toBe('2')
    expect(KAN.load(bytes).formulas).toEqual(['2*x1 + 1'])
    for (const [formulas, message] of [
      [[], /one for each of its 1 outputs/],
      [['x1', 'x1'], /one for each of its 1 outputs/],
      [['x2'], /x2/],
      [['process.exit()'], FormatError],
      [['x1'.padEnd(20_001)], /20001 characters/],
      [['('.repeat(20_000)], FormatError],
    ] as const) {
      kan.formulas = formulas
      expect(() => KAN.load(kan.save())).toThrow(FormatError)
      expect(() => KAN.load(kan.save())).toThrow(message)
    }
  })

  test('a tensor of another kind', () => {
    const { tensors, metadata } = decodeSafetensors(new KAN({ width: [1, 1] }).save())
    const { sha256: _, ...texts } = metadata
    const mask = { shape: [1], values: Float32Array.of(1) }
    const all = { ...tensors, mask }
    const text = JSON.stringify(Object.entries(texts).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    const bytes = encodeSafetensors(all, { ...texts, sha256: digestTensors(text, all) })
    expect(() => KAN.load(bytes)).toThrow(/mask is missing or not float64/)
  })
})
