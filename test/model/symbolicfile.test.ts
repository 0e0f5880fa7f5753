import { describe, expect, it } from 'vitest'
import { FormatError } from '../../src/errors.ts'
import { KAN } from '../../src/kan.ts'
import type { Config } from '../../src/model/config.ts'
import { encodeModelFile } from '../../src/model/file.ts'
import { forwardNodes } from '../../src/model/forward.ts'
import { decodeSafetensors } from '../../src/model/safetensors.ts'
import type { SymbolicEdge } from '../../src/model/shape.ts'
import { Random } from '../../src/random.ts'
import { randomModel, seeded } from '../oracle/random.ts'
import { withSymbolicEdges } from '../oracle/symbolic.ts'
import { modelFromOracle } from './flatmodel.ts'

describe('the file of a model with symbolic edges', () => {
  const random = seeded(8)
  const shapes = [
    { intervals: 4, degree: 3, base: 'silu' as const },
    { intervals: 5, degree: 2, base: 'identity' as const },
  ]
  const oracle = withSymbolicEdges(randomModel(random, [3, 4, 2], shapes), random, 0.5)
  const model = modelFromOracle(oracle)
  const x = Array.from({ length: 50 }, () => [2 * random() - 1, 2 * random() - 1, 2 * random() - 1])
  const flat = Float64Array.from(x.flat())
  const outputs = (of: typeof model): Float64Array => forwardNodes(of, flat).at(-1)!

  it('gives it back to the last bit, and files without symbolic edges are of the old version', () => {
    const kan = new KAN(model)
    const bytes = kan.save()
    const loaded = KAN.load(bytes)
    expect(loaded).toEqual(kan)
    expect(loaded.save()).toEqual(bytes)
    expect(outputs(loaded)).toEqual(outputs(kan))
    const version = (of: KAN): string | undefined => decodeSafetensors(of.save()).metadata['version']
    expect([version(kan), version(new KAN({ width: [2, 3, 2] }))]).toEqual(['2', '1'])
  })

  it('is refused where it is not what it should be, under a valid hash', () => {
    const { config, parameters, knots, mask } = model
    const [layer, ...others] = config.layers
    const [edge, ...edges] = layer!.symbolic!
    const withEdges = (symbolic: unknown): Config =>
      JSON.parse(JSON.stringify({ ...config, layers: [{ ...layer, symbolic }, ...others] })) as Config
    const bad: [string, Config][] = [
      ['no list', withEdges({})],
      ['no edges', withEdges([])],
      ['an edge twice', withEdges([edge, edge, ...edges])],
      ['edges that descend', withEdges([...edges, edge])],
      ['an edge less', withEdges(edges)],
      ['an edge beyond the layer', withEdges([...layer!.symbolic!.slice(0, -1), { ...edge, edge: 12 }])],
      ['an edge of a fraction', withEdges([{ ...edge, edge: 0.5 }, ...edges])],
      ['a text for an edge', withEdges([{ ...edge, edge: '1' }, ...edges])],
      ['a number for a formula', withEdges([{ ...edge, formula: 1 }, ...edges])],
      ['no formula', withEdges([{ edge: edge!.edge, name: 'sin' }, ...edges])],
      ['code for a formula', withEdges([{ ...edge, formula: 'alert(1)' }, ...edges])],
      ['an unknown field', withEdges([{ ...edge, run: 'u' }, ...edges])],
      ['a list for an edge', withEdges([[1, 'sin', 'sin(u)'], ...edges])],
      ['a name that is too long', withEdges([{ ...edge, name: 'x'.repeat(65) }, ...edges])],
      [
        'a formula that is too long',
        withEdges([{ ...edge, formula: `${'('.repeat(500)}u${')'.repeat(500)}` }, ...edges]),
      ],
      [
        'a formula that is too deep',
        withEdges([{ ...edge, formula: `${'('.repeat(400)}u${')'.repeat(400)}` }, ...edges]),
      ],
    ]
    const accepted = bad.filter(([, own]) => {
      try {
        return KAN.load(encodeModelFile({ config: own, parameters, knots, mask })) instanceof KAN
      } catch (error) {
        return !(error instanceof FormatError)
      }
    })
    expect(accepted.map(([name]) => name)).toEqual([])
    const unmasked = encodeModelFile({ config, parameters, knots, mask: mask.slice().fill(1) })
    expect(() => KAN.load(unmasked)).toThrow(/spline in place of a symbolic edge/)
  })

  it('is read, or refused, whatever its formulas are', () => {
    const { config, parameters, knots, mask } = model
    const [layer, ...others] = config.layers
    const own = new Random(6)
    const pieces = [
      'u',
      'sin(',
      '(',
      ')',
      '^',
      '+',
      '-',
      '*',
      '/',
      '1e400',
      '2',
      'e',
      'pi',
      ',',
      '`',
      '"',
      '\\',
      'v',
      'µ',
      '\u0000',
      '__proto__',
      'max(u, 1)',
      ' ',
    ]
    let read = 0
    const wrong: string[] = []
    for (let trial = 0; trial < 400; trial++) {
      const formula = Array.from(
        { length: 1 + own.integer(6) },
        () => pieces[own.integer(pieces.length)]!,
      ).join('')
      const symbolic: SymbolicEdge[] = layer!.symbolic!.map(edge => ({ ...edge, formula }))
      const bytes = encodeModelFile({
        config: { ...config, layers: [{ ...layer!, symbolic }, ...others] },
        parameters,
        knots,
        mask,
      })
      try {
        // What was read computes numbers, if only NaN.
        if (outputs(KAN.load(bytes)).length !== 100) wrong.push(formula)
        read++
      } catch (error) {
        if (!(error instanceof FormatError)) wrong.push(formula)
      }
    }
    expect(wrong).toEqual([])
    expect(read).toBeGreaterThan(10)
    expect(read).toBeLessThan(390)
  })
})
