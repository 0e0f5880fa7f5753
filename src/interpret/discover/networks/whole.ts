import { fixEdge } from '../../../model/fix.ts'
import { Model } from '../../../model/model.ts'
import type { TargetTransform } from '../structures/targets.ts'

/**
 * A network that says the target itself, from one that says a transform of it: with one more edge, the known function that leads
 * back, which takes up the scaling of the outputs. A network of the target itself stays as it is; on a logarithmic scale its
 * scaling says so.
 */
export function wholeModel(model: Model, { name, edge, ofLog }: TargetTransform): Model {
  const { config, scaling, encoder, loss } = model
  if (ofLog !== undefined) return sayingLog(wholeModel(model, ofLog))
  if (name === 'y' || scaling === undefined) return model
  const { scale, shift } = scaling.output
  const last = fixEdge(new Model({ width: [1, 1], grid: 1, degree: 1, base: 'zero' }), 0, 0, 0, {
    ...edge,
    affine: [scale[0]!, shift[0]!, 1, 0],
  })
  return new Model({
    config: { ...config, layers: [...config.layers, ...last.config.layers] },
    parameters: joined(model.parameters, last.parameters),
    knots: joined(model.knots, last.knots),
    mask: joined(model.mask, last.mask),
    scaling: {
      input: scaling.input,
      output: { shift: new Float64Array(1), scale: new Float64Array(1).fill(1) },
    },
    encoder,
    loss,
  })
}

/** The network with its output taken for the target's logarithm. */
function sayingLog({ config, parameters, knots, mask, scaling, encoder, loss }: Model): Model {
  return new Model({
    config: {
      ...config,
      scaling: { ...config.scaling, log: { inputs: config.scaling.log?.inputs ?? [], outputs: [0] } },
    },
    parameters,
    knots,
    mask,
    scaling: scaling && { ...scaling, output: { ...scaling.output, log: [true] } },
    encoder,
    loss,
  })
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const all = new Float64Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}
