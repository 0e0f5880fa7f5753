// Gradients of the affine map of the nodes.
//
//   d node_scale[j] = normaliser * sum_b dL/dx[l+1, b, j] * sum[b, j]
//   d node_bias[j]  = normaliser * sum_b dL/dx[l+1, b, j]
//
// One workgroup a node: strided partial sums, then workgroup_sum (tree_sum.wgsl or subgroup_sum.wgsl).

@group(1) @binding(0) var<storage, read> sums: array<f32>;           // [M][B][outputs]
@group(1) @binding(1) var<storage, read> gradient_out: array<f32>;   // [M][B][outputs]
@group(1) @binding(2) var<storage, read> normaliser: array<f32>;     // [M]
@group(1) @binding(3) var<storage, read_write> gradient: array<f32>; // [M][P]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  subgroups: Subgroups,
) {
  let m = workgroup.z;
  let j = workgroup.x + workgroup.y * 65535u;
  var sum = vec2f(0.0, 0.0);
  if (j < layer.outputs) {
    for (var b = local; b < layer.rows; b += WIDTH) {
      let element = (m * layer.rows + b) * layer.outputs + j;
      sum += vec2f(sums[element], 1.0) * gradient_out[element];
    }
  }
  sum = workgroup_sum(sum, local, subgroups);
  if (local == 0u && j < layer.outputs) {
    let own = m * layer.parameters_stride;
    gradient[own + layer.node_scale + j] = select(0.0, normaliser[m] * sum.x, TRAIN_NODE_SCALE == 1u);
    gradient[own + layer.node_bias + j] = select(0.0, normaliser[m] * sum.y, TRAIN_NODE_BIAS == 1u);
  }
}
