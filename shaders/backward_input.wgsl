// The gradient by a layer's inputs. A thread owns a (row, input) and sums over the outputs in order.
//
//   dL/dx[l, b, i] = sum_j g_bj * ( scale_base_ij * b'(x_bi) + scale_spline_ij * sum_r B'_r(x_bi) * coef[i, place_bi + r, j] )
//   g_bj = mask_ij * node_scale_j * dL/dx[l+1, b, j]
//
// Precondition: basis.wgsl ran on the same rows.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> mask: array<f32>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> gradient_out: array<f32>;      // [M][B][outputs]
@group(1) @binding(5) var<storage, read_write> gradient_in: array<f32>; // [M][B][inputs]

const RECORD = 2u + 2u * ORDER;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.rows * layer.inputs) {
    return;
  }
  let m = workgroup.z;
  let b = index / layer.inputs;
  let i = index % layer.inputs;
  let own = m * layer.parameters_stride;
  let own_mask = m * layer.edges_stride + layer.edges;
  let input = m * layer.rows * layer.inputs + index;
  let record = input * RECORD;
  let base_slope = basis[record + 1u];
  var slopes: array<f32, ORDER>;
  for (var r = 0u; r < ORDER; r++) {
    slopes[r] = basis[record + 2u + ORDER + r];
  }
  let first = own + layer.coef + (i * layer.bases + places[input]) * layer.outputs;
  let out_row = (m * layer.rows + b) * layer.outputs;
  var sum = 0.0;
  for (var j = 0u; j < layer.outputs; j++) {
    let edge = i * layer.outputs + j;
    var spline = 0.0;
    for (var r = 0u; r < ORDER; r++) {
      spline += slopes[r] * parameters[first + r * layer.outputs + j];
    }
    sum += gradient_out[out_row + j] * parameters[own + layer.node_scale + j] * mask[own_mask + edge] * (
      parameters[own + layer.scale_base + edge] * base_slope
      + parameters[own + layer.scale_spline + edge] * spline
    );
  }
  gradient_in[input] = sum;
}
