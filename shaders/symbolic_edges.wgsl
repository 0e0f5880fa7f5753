// What symbolic.wgsl and symbolic_statistics.wgsl share: the curve of a symbolic edge (its spline's mask is 0),
//
//   phi_e(x) = c f(a x + b) + d      with a, b, c, d beside each other in the parameters
//
// The host puts `fn formula(which: u32, u: f32) -> f32` in front, made from the trees of the layer's formulas with functions
// that are good to a few units of the last place (webgpu/symbolic.ts).

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> inputs: array<f32>;   // [M][B][inputs], or [B][inputs]
@group(1) @binding(2) var<storage, read> edges: array<vec4u>;  // by output: input, edge, place of a in a model's parameters, formula

// phi of the e-th symbolic edge of model m at row b; inputs as in bases.wgsl.
fn curve(m: u32, b: u32, e: u32) -> f32 {
  let edge = edges[e];
  let own = m * layer.parameters_stride;
  var x = inputs[m * layer.input_stride + b * layer.inputs + edge.x];
  if (layer.previous_node_scale != NONE) {
    x = parameters[own + layer.previous_node_scale + edge.x] * x + parameters[own + layer.previous_node_bias + edge.x];
  }
  let at = own + edge.z;
  return parameters[at + 2u] * formula(edge.w, parameters[at] * x + parameters[at + 1u]) + parameters[at + 3u];
}
