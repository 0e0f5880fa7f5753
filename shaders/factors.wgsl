// What products.wgsl and backward_products.wgsl share: the outputs y of a layer, its sums behind their affine map, and which of
// them make each node. Node n is the product of y[f], first[n] <= f < first[n + 1]: of one alone where it is a sum.
//
//   y_j = node_scale_j * sum_j + node_bias_j

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> sums: array<f32>;  // [M][B][outputs]
@group(1) @binding(2) var<storage, read> first: array<u32>; // [nodes + 1]

// Output j of model m, in the row of sums that begins at `row`.
fn output_value(m: u32, row: u32, j: u32) -> f32 {
  let own = m * layer.parameters_stride + j;
  return parameters[own + layer.node_scale] * sums[row + j] + parameters[own + layer.node_bias];
}
