// Gradients of the affine map of the nodes.
//
//   d node_scale[j] = normaliser * sum_b dL/dx[l+1, b, j] * sum[b, j]
//   d node_bias[j]  = normaliser * sum_b dL/dx[l+1, b, j]
//
// One workgroup a node: strided partial sums, then a fixed tree. Precondition: WIDTH is a power of two.

@group(1) @binding(0) var<storage, read> sums: array<f32>;           // [M][B][outputs]
@group(1) @binding(1) var<storage, read> gradient_out: array<f32>;   // [M][B][outputs]
@group(1) @binding(2) var<storage, read> normaliser: array<f32>;     // [M]
@group(1) @binding(3) var<storage, read_write> gradient: array<f32>; // [M][P]

var<workgroup> shared_sums: array<vec2f, WIDTH>;

@compute @workgroup_size(WIDTH)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let m = workgroup.z;
  let j = workgroup.x + workgroup.y * 65535u;
  var sum = vec2f(0.0, 0.0);
  if (j < layer.outputs) {
    for (var b = local; b < layer.rows; b += WIDTH) {
      let element = (m * layer.rows + b) * layer.outputs + j;
      sum += vec2f(sums[element], 1.0) * gradient_out[element];
    }
  }
  shared_sums[local] = sum;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_sums[local] += shared_sums[local + half];
    }
  }
  if (local == 0u && j < layer.outputs) {
    let own = m * layer.parameters_stride;
    gradient[own + layer.node_scale + j] = select(0.0, normaliser[m] * shared_sums[0].x, TRAIN_NODE_SCALE == 1u);
    gradient[own + layer.node_bias + j] = select(0.0, normaliser[m] * shared_sums[0].y, TRAIN_NODE_BIAS == 1u);
  }
}
