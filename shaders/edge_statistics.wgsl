// Sums of every edge's curve over the rows of a chunk, for calibration and pruning (KAN paper, eq. 2.17).
//
//   phi_b = mask * (scale_base * b(x_b) + scale_spline * sum_r B_r(x_b) coef[place_b + r])
//   out[edge] = ( phi_0, sum_b |phi_b|, sum_b (phi_b - phi_0), sum_b (phi_b - phi_0)^2 )
//
// Differences from the first row keep the variance from cancelling; sums over blocks of 64 rows are added to the total, which
// bounds the float32 rounding by 64 + rows / 64 additions instead of rows. The host adds chunks in float64.
// One thread an edge. Preconditions: basis.wgsl ran on the same rows; step_now.size rows count.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> mask: array<f32>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read_write> statistics: array<vec4f>; // [M][edges of all layers]

const RECORD = 2u + 2u * ORDER;
const BLOCK = 64u;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let edge = flat_index(workgroup, workgroups, local);
  if (edge >= layer.inputs * layer.outputs) {
    return;
  }
  let m = workgroup.z;
  let own = m * layer.parameters_stride;
  let i = edge / layer.outputs;
  let j = edge % layer.outputs;
  let own_edge = m * layer.edges_stride + layer.edges + edge;
  let scale_base = mask[own_edge] * parameters[own + layer.scale_base + edge];
  let scale_spline = mask[own_edge] * parameters[own + layer.scale_spline + edge];
  var first_value = 0.0;
  var total = vec3f(0.0);
  var block = vec3f(0.0);
  for (var b = 0u; b < step_now.size; b++) {
    let input = (m * layer.rows + b) * layer.inputs + i;
    let record = input * RECORD;
    var spline = 0.0;
    for (var r = 0u; r < ORDER; r++) {
      spline += basis[record + 2u + r]
        * parameters[own + layer.coef + (i * layer.bases + places[input] + r) * layer.outputs + j];
    }
    let phi = scale_base * basis[record] + scale_spline * spline;
    if (b == 0u) {
      first_value = phi;
    }
    let difference = phi - first_value;
    block += vec3f(abs(phi), difference, difference * difference);
    if (b % BLOCK == BLOCK - 1u) {
      total += block;
      block = vec3f(0.0);
    }
  }
  statistics[own_edge] = vec4f(first_value, total + block);
}
