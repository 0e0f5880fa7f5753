import { describe, expect, test } from 'vitest'
import { ConfigError, FormatError } from '../../src/errors.ts'
import { resolveConfig } from '../../src/model/config.ts'
import type { KANOptions } from '../../src/model/config.ts'
import { readConfig } from '../../src/model/readconfig.ts'

describe('resolveConfig', () => {
  test('completes', () => {
    expect(resolveConfig({ width: [2, 5, 1], degree: [3, 2] })).toEqual({
      layers: [
        { inputs: 2, outputs: 5, intervals: 5, degree: 3, base: 'silu' },
        { inputs: 5, outputs: 1, intervals: 5, degree: 2, base: 'silu' },
      ],
      range: [-1, 1],
      seed: 0,
      noise: 0.3,
      scaleSplineInit: 'one',
      trainable: {
        coef: true,
        scaleBase: true,
        scaleSpline: false,
        nodeScale: false,
        nodeBias: false,
        affine: true,
      },
      scaling: { input: 'minmax', output: 'standard' },
    })
  })

  test('makes outputs of sums and factors, and inputs of nodes', () => {
    const shapes = (options: KANOptions) =>
      resolveConfig(options).layers.map(({ inputs, outputs, products }) => [inputs, outputs, products])
    expect(shapes({ width: [2, [3, 2], [0, 1]] })).toEqual([
      [2, 7, [2, 2]],
      [5, 2, [2]],
    ])
    expect(shapes({ width: [4, [1, 1], 2], arity: 3 })).toEqual([
      [4, 4, [3]],
      [2, 2, undefined],
    ])
    expect(shapes({ width: [2, [0, 2], [1, 1]], arity: [[2, 4], 3] })).toEqual([
      [2, 6, [2, 4]],
      [2, 4, [3]],
    ])
    expect(shapes({ width: [2, [5, 0], 1] })).toEqual(shapes({ width: [2, 5, 1] }))
    expect(resolveConfig({ width: [2, [5, 0], 1] })).toEqual(resolveConfig({ width: [2, 5, 1] }))
  })

  const refusals: [KANOptions, RegExp][] = [
    [{ width: [2] }, /width is \[2\]/],
    [{ width: [2, 0] }, /width\[1\] is 0/],
    [{ width: [2.5, 1] }, /width\[0\] is 2\.5/],
    [{ width: [2, 1e9] }, /width\[1\] is 1000000000/],
    [{ width: [[2, 1], 3] }, /width\[0\] is \[2,1\]; inputs are no products/],
    [{ width: [2, [0, 0], 1] }, /width\[1\] is \[0, 0\]; a layer needs at least one node/],
    [{ width: [2, [1.5, 1], 1] }, /width\[1\]\[0\] is 1\.5/],
    [{ width: [2, [1, -1], 1] }, /width\[1\]\[1\] is -1/],
    [JSON.parse('{"width": [2, [3], 1]}') as KANOptions, /width\[1\] is \[3\]; give a number of sums, or/],
    [{ width: [2, [1, 1], 1], arity: 1 }, /arity is 1; it must be a whole number from 2/],
    [{ width: [2, [1, 1], 1], arity: [2, 3, 2] }, /arity has 3 entries for 2 layers/],
    [{ width: [2, [1, 2], 1], arity: [[2], 2] }, /arity\[0\] has 1 entries for 2 products/],
    [{ width: [2, [1, 2], 1], arity: [2, [2]] }, /arity\[1\] has 1 entries for 0 products/],
    [{ width: [2, [0, 40000], 1] }, /width\[1\] has 80000 sums and factors; the limit is 65536/],
    [{ width: [60000, 60000] }, /parameters; the limit is/],
    [{ width: [2, 1], grid: 0 }, /grid is 0/],
    [{ width: [2, 1], grid: [3, 3] }, /grid has 2 entries for 1 layers/],
    [{ width: [2, 1], degree: 6 }, /degree is 6/],
    [{ width: [2, 1], range: [1, 1] }, /range is \[1, 1\]/],
    [{ width: [2, 1], range: [0, Infinity] }, /range is/],
    [{ width: [2, 1], seed: 2 ** 60 }, /seed is/],
    [{ width: [2, 1], seed: -1 }, /seed is -1; give a whole number of at least 0/],
    [{ width: [2, 1], noise: -1 }, /noise is -1/],
    [JSON.parse('{"width": [2, 1], "base": "relu"}') as KANOptions, /base is 'relu'/],
    [
      JSON.parse('{"width": [2, 1], "scaling": {"input": "zscore"}}') as KANOptions,
      /scaling\.input is 'zscore'/,
    ],
    [
      JSON.parse('{"width": [2, 1], "scaleSplineInit": "xavier"}') as KANOptions,
      /scaleSplineInit is 'xavier'/,
    ],
    [JSON.parse('{"width": "2,1"}') as KANOptions, /width is "2,1"/],
    [JSON.parse('{"width": [2, 1], "range": 1}') as KANOptions, /range is 1; it must be two finite numbers/],
    [JSON.parse('null') as KANOptions, /options of new KAN are null; .* new KAN\(\{ width: \[2, 5, 1\] \}\)/],
    [JSON.parse('[2, 1]') as KANOptions, /options of new KAN are a list; /],
    [
      JSON.parse('{"width": [2, 1], "gird": 5}') as KANOptions,
      /no option 'gird'\. Did you mean 'grid'\? There/,
    ],
    [
      JSON.parse('{"width": [2, 1], "Degree": 2}') as KANOptions,
      /no option 'Degree'\. Did you mean 'degree'\?/,
    ],
    [
      JSON.parse('{"width": [2, 1], "color": 5}') as KANOptions,
      /no option 'color'\. There are width, arity, grid, /,
    ],
    [
      JSON.parse('{"width": [2, 1], "trainable": {"coeff": true}}') as KANOptions,
      /trainable .* mean 'coef'\?/,
    ],
    [
      JSON.parse('{"width": [2, 1], "trainable": {"coef": 1}}') as KANOptions,
      /trainable\.coef is 1; give true/,
    ],
    [JSON.parse('{"width": [2, 1], "trainable": "all"}') as KANOptions, /options of trainable are all; /],
    [
      JSON.parse('{"width": [2, 1], "scaling": {"inputs": "none"}}') as KANOptions,
      /scaling .* mean 'input'\?/,
    ],
  ]
  test.each(refusals)('%j is a ConfigError', (options, message) => {
    expect(() => resolveConfig(options)).toThrow(ConfigError)
    expect(() => resolveConfig(options)).toThrow(message)
  })
})

test('options that are undefined are as if left out', () => {
  const options = { width: [2, 1], grid: undefined, trainable: { coef: undefined }, scaling: undefined }
  // As JavaScript callers write it; exactOptionalPropertyTypes forbids it in TypeScript.
  expect(resolveConfig(options as unknown as KANOptions)).toEqual(resolveConfig({ width: [2, 1] }))
})

describe('readConfig', () => {
  const config = resolveConfig({
    width: [2, 5, 1],
    grid: [4, 7],
    base: ['silu', 'zero'],
    seed: 3,
    range: [0, 0.1],
  })
  type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
  const plain = () => JSON.parse(JSON.stringify(config)) as { [key: string]: Json }

  test('is the inverse of JSON', () => {
    expect(readConfig(plain())).toEqual(config)
  })

  test('is the inverse of JSON, with products', () => {
    const products = resolveConfig({ width: [2, [3, 2], [0, 1]], arity: [[2, 5], 3] })
    const json: unknown = JSON.parse(JSON.stringify(products))
    expect(readConfig(json)).toEqual(products)
  })

  test('reads what was written before there were products and symbolic edges', () => {
    const { coef, scaleBase, scaleSpline, nodeScale, nodeBias } = config.trainable
    const trainable = { coef, scaleBase, scaleSpline, nodeScale, nodeBias }
    expect(JSON.stringify(config)).not.toContain('products')
    expect(readConfig({ ...plain(), trainable })).toEqual(config)
  })

  const layer = { inputs: 2, outputs: 5, intervals: 4, degree: 3, base: 'silu' }
  const last = { inputs: 5, outputs: 1, intervals: 4, degree: 3, base: 'silu' }
  const alterations: [string, Json][] = [
    ['layers', []],
    ['layers', null],
    ['layers', [layer, { ...last, inputs: 4 }]],
    ['layers', [{ ...layer, degree: 9 }, last]],
    ['layers', [{ ...layer, intervals: '4' }, last]],
    [
      'layers',
      [
        { ...layer, outputs: 1e300 },
        { ...last, inputs: 1e300 },
      ],
    ],
    ['layers', [{ ...layer, base: 'relu' }, last]],
    ['layers', [{ ...layer, more: 1 }, last]],
    ['layers', [[2, 5]]],
    ['layers', [{ ...layer, products: [] }, last]],
    ['layers', [{ ...layer, products: [2] }, last]],
    [
      'layers',
      [
        { ...layer, products: 2 },
        { ...last, inputs: 4 },
      ],
    ],
    [
      'layers',
      [
        { ...layer, products: ['2'] },
        { ...last, inputs: 4 },
      ],
    ],
    ['layers', [{ ...layer, products: [1] }, last]],
    [
      'layers',
      [
        { ...layer, products: [6] },
        { ...last, inputs: 0 },
      ],
    ],
    ['range', [1, 0]],
    ['range', [1]],
    ['range', 'ab'],
    ['seed', 0.5],
    ['seed', -3],
    ['seed', '0'],
    ['noise', -1],
    ['scaleSplineInit', 'two'],
    ['trainable', { coef: true }],
    ['trainable', { coef: 1, scaleBase: true, scaleSpline: true, nodeScale: true, nodeBias: true }],
    ['scaling', { input: 'minmax', output: 'minmax' }],
    ['scaling', null],
    ['scaling', { input: 'minmax', output: 'standard', log: { inputs: [0] } }],
    ['scaling', { input: 'minmax', output: 'standard', log: { inputs: [9], outputs: [] } }],
    ['scaling', { input: 'minmax', output: 'standard', log: { inputs: 'all', outputs: [] } }],
    ['scaling', { input: 'minmax', output: 'standard', log: { inputs: [true], outputs: [] } }],
    ['extra', 1],
  ]
  test.each(alterations)('%s: %j is a FormatError', (key, value) => {
    expect(() => readConfig({ ...plain(), [key]: value })).toThrow(FormatError)
  })

  test('a missing field is a FormatError', () => {
    for (const key of Object.keys(config)) {
      const rest = Object.fromEntries(Object.entries(plain()).filter(([name]) => name !== key))
      expect(() => readConfig(rest)).toThrow(`config has no ${key}`)
    }
    expect(() => readConfig(null)).toThrow(FormatError)
    expect(() => readConfig([])).toThrow(FormatError)
  })
})
