// One layer forward. A thread owns a (row, output) and gathers k + 1 coefficients an edge: the cost does not grow with G.
//
//   sum[b, j] = sum_i mask_ij * ( scale_base_ij * b(x_bi) + scale_spline_ij * sum_r B_r(x_bi) * coef[i, place_bi + r, j] )
//
// The sum runs over i in order. Neighbouring threads own neighbouring outputs and read neighbouring coefficients.
// Precondition: basis.wgsl ran on the same rows.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> mask: array<f32>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read_write> sums: array<f32>;

const RECORD = 2u + 2u * ORDER;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.rows * layer.outputs) {
    return;
  }
  let m = workgroup.z;
  let b = index / layer.outputs;
  let j = index % layer.outputs;
  let own = m * layer.parameters_stride;
  let own_mask = m * layer.edges_stride + layer.edges;
  let first_input = (m * layer.rows + b) * layer.inputs;
  var sum = 0.0;
  for (var i = 0u; i < layer.inputs; i++) {
    let record = (first_input + i) * RECORD;
    let edge = i * layer.outputs + j;
    var coefficient = own + layer.coef + (i * layer.bases + places[first_input + i]) * layer.outputs + j;
    var spline = 0.0;
    for (var r = 0u; r < ORDER; r++) {
      spline += basis[record + 2u + r] * parameters[coefficient];
      coefficient += layer.outputs;
    }
    sum += mask[own_mask + edge] * (
      parameters[own + layer.scale_base + edge] * basis[record]
      + parameters[own + layer.scale_spline + edge] * spline
    );
  }
  sums[m * layer.rows * layer.outputs + index] = sum;
}
