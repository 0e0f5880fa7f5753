import { describe, expect, test } from 'vitest'
import { ConfigError, KAN } from '../../../src/index.ts'
import type { Parts } from '../../../src/index.ts'
import { Random } from '../../../src/random.ts'

describe('by hand', () => {
  const random = new Random(2)
  const x = Array.from({ length: 50 }, () => [random.uniform(), random.uniform(), random.uniform()])

  async function network(): Promise<KAN> {
    const kan = new KAN({ width: [3, 2, 1], grid: 3, noise: 1 })
    await kan.calibrate(x)
    return kan
  }

  test('one edge, one node, one input', async () => {
    const kan = await network()
    const edge = kan.removeEdge(0, 1, 1)
    expect([...edge.mask]).toEqual([1, 1, 1, 0, 1, 1, 1, 1])
    expect(edge).toEqual(kan.remove({ edges: [[0, 1, 1]] }))
    expect(kan.removeNode(1, 0).width).toEqual([3, 1, 1])
    expect(kan.removeInput(2).width).toEqual([2, 2, 1])
    expect(kan.removeInput('x3')).toEqual(kan.removeInput(2))
    expect(kan.remove({}).width).toEqual(kan.width)
    // What is left can be saved, trained and taken apart further.
    const loaded = KAN.load(edge.save())
    await loaded.fit({ x, y: x.map(([a]) => a!) }, { steps: 2 })
    expect([...loaded.removeEdge(1, 0, 0).mask]).toEqual([1, 0, 1, 1])
  })

  test('what is not there, and what must stay', async () => {
    const kan = await network()
    const refused: [() => unknown, string][] = [
      [
        () => kan.removeEdge(2, 0, 0),
        'There is no edge from input 0 to output 0 of layer 2; this network is [3, 2, 1].',
      ],
      [() => kan.removeEdge(0, 3, 0), 'There is no edge from input 3'],
      [() => kan.removeEdge(0, 0, 0.5), 'There is no edge from input 0 to output 0.5'],
      [
        () => kan.removeNode(1, 2),
        'There is no node 2 at level 1; this network is [3, 2, 1], whose levels are 0 to 2.',
      ],
      [() => kan.removeNode(0, 1), 'Node 1 at level 0 is an input; remove it by removeInput(1).'],
      [() => kan.removeNode(2, 0), 'Node 0 at level 2 is an output, and outputs stay'],
      [() => kan.removeInput(3), 'There is no input 3; the inputs are x1, x2, x3, or places from 0 to 2.'],
      [() => kan.removeInput('age'), 'There is no input "age"'],
      [
        () =>
          kan.remove({
            nodes: [
              [1, 0],
              [1, 1],
            ],
          }),
        'Removing node (1, 0), node (1, 1) would leave no path from the inputs to the outputs of [3, 2, 1]. Keep more of it.',
      ],
      [() => kan.remove({ inputs: [0, 1, 2] }), 'Removing input 0, input 1, input 2 would leave no path'],
      [
        () => kan.remove(JSON.parse('{"edge": [0, 1, 2]}') as Parts),
        "remove has no option 'edge'. Did you mean 'edges'?",
      ],
      [() => kan.remove(JSON.parse('{"edges": 3}') as Parts), "remove's edges is 3; give a list"],
      [() => new KAN({ width: [2, 1] }).removeEdge(0, 0, 0), 'The model has no statistics'],
      [
        () => kan.prune({ inputs: 2 }),
        'Pruning with { inputs: 2 } would leave no input; the highest score of a column is ',
      ],
      [
        () => kan.prune({ inputs: NaN }),
        "prune's inputs is NaN; give true for unused inputs, or a score of at least 0.",
      ],
    ]
    for (const [call, message] of refused) {
      expect(call).toThrow(ConfigError)
      expect(call).toThrow(message)
    }
    const without = kan.removeEdge(0, 1, 1)
    await without.calibrate(x)
    expect(() => without.removeEdge(0, 1, 1)).toThrow(
      'There is no edge from input 1 to output 1 of layer 0 any more: it was removed before. Leave it out.',
    )
  })

  test("a table's columns: what is left is found by name, and texts go as a whole", async () => {
    const kan = await network()
    kan.encoder = {
      task: 'regression',
      inputs: [
        { column: 'kind', kind: 'one-hot', level: 'a' },
        { column: 'size', kind: 'numeric' },
        { column: 'kind', kind: 'one-hot', level: 'b' },
      ],
      target: { column: 'y' },
    }
    const sized = kan.removeInput('kind')
    expect(sized.width).toEqual([1, 2, 1])
    expect(sized.encoder!.inputs).toEqual([{ column: 'size', kind: 'numeric' }])
    expect(() => kan.removeInput(0)).toThrow(
      "Input 0 is one of 2 values of the column kind, which goes as a whole: removeInput('kind').",
    )
    expect(kan.removeInput(1).encoder!.inputs.map(({ column }) => column)).toEqual(['kind', 'kind'])
    // Only one value of the column is unused: it stays beside the other.
    const { mask } = kan.layer(0).values
    mask[0] = mask[1] = 0
    expect(kan.prune({ node: 0, edge: 0, inputs: true }).width[0]).toBe(3)
    mask[4] = mask[5] = 0
    expect(kan.prune({ node: 0, edge: 0, inputs: true }).encoder).toEqual(sized.encoder)
  })

  test('logarithmic scales go with their columns', async () => {
    const kan = new KAN({ width: [3, 1], scaling: { log: { inputs: [0, 2] } } })
    await kan.fit({ x, y: x.map(([a, b]) => a! + b!) }, { steps: 3 })
    const [without, plain] = [kan.removeInput(0), kan.remove({ inputs: [0, 2] })]
    expect(without.config.scaling.log).toEqual({ inputs: [1], outputs: [] })
    expect(without.scaling!.input.log).toEqual([false, true])
    expect(plain.config.scaling).toEqual({ input: 'minmax', output: 'standard' })
    expect(plain.scaling!.input).not.toHaveProperty('log')
    expect(KAN.load(plain.save()).config).toEqual(plain.config)
  })
})
