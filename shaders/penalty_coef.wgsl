// The penalty's share of the layer's spline and base gradients over one slice of the batch: as backward_coef.wgsl, and added to
// what it wrote.
//
//   partial[n, i, j]     += mask_ij * sum_b g_b B_n(x_bi),   n = 0 .. G + k - 1
//   partial[G + k, i, j] += mask_ij * sum_b g_b b(x_bi)
//   g_b = w_b * factor_ij * s(phi_b),   METRIC 0: s = sign(phi_b), METRIC 1: s = phi_b - mean_ij
//   phi_b = mask * (scale_base * b(x_b) + scale_spline * sum_r B_r(x_b) coef[place_b + r])
//
// Node scales are no part of phi. Preconditions: as backward_coef.wgsl, which ran before; penalty.wgsl wrote `edges`.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> edges: array<vec4f>;        // [M][edges + inputs]: factor, mean, mask
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> weights: array<f32>;        // [B], or [M][B]
@group(1) @binding(5) var<storage, read_write> partial: array<f32>;  // [M][slices][bases + 1][inputs][outputs]

const RECORD = 2u + 2u * ORDER;

var<workgroup> columns: array<f32, TILE * WIDTH>;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let slice = workgroup.y % layer.slices;
  let first_basis = (workgroup.y / layer.slices) * TILE;
  let stride = workgroups.x * WIDTH;
  for (var edge = workgroup.x * WIDTH + local; edge < layer.inputs * layer.outputs; edge += stride) {
    sum_edge(workgroup.z, slice, first_basis, edge, local);
  }
}

fn sum_edge(m: u32, slice: u32, first_basis: u32, edge: u32, local: u32) {
  let edge_count = layer.inputs * layer.outputs;
  let own = edges[m * (edge_count + layer.inputs) + edge];
  if (own.x == 0.0) {
    return;
  }
  let i = edge / layer.outputs;
  let j = edge % layer.outputs;
  let own_parameters = m * layer.parameters_stride;
  let scale_base = own.z * parameters[own_parameters + layer.scale_base + edge];
  let scale_spline = own.z * parameters[own_parameters + layer.scale_spline + edge];
  for (var n = 0u; n < TILE; n++) {
    columns[n * WIDTH + local] = 0.0;
  }
  var base_sum = 0.0;
  let end = min(layer.rows, (slice + 1u) * layer.slice_rows);
  for (var b = slice * layer.slice_rows; b < end; b++) {
    let weight = weights[m * layer.rows_stride + b];
    if (weight == 0.0) {
      continue;
    }
    let input = (m * layer.rows + b) * layer.inputs + i;
    let record = input * RECORD;
    let place = places[input];
    let first = own_parameters + layer.coef + (i * layer.bases + place) * layer.outputs + j;
    var spline = 0.0;
    for (var r = 0u; r < ORDER; r++) {
      spline += basis[record + 2u + r] * parameters[first + r * layer.outputs];
    }
    let phi = scale_base * basis[record] + scale_spline * spline;
    let g = weight * own.x * select(phi - own.y, sign(phi), METRIC == 0u);
    base_sum += g * basis[record];
    for (var r = 0u; r < ORDER; r++) {
      let n = place + r - first_basis;
      if (n < TILE) {
        columns[n * WIDTH + local] += g * basis[record + 2u + r];
      }
    }
  }
  let first = (m * layer.slices + slice) * (layer.bases + 1u);
  let last_basis = min(layer.bases, first_basis + TILE);
  for (var n = first_basis; n < last_basis; n++) {
    partial[(first + n) * edge_count + edge] += own.z * columns[(n - first_basis) * WIDTH + local];
  }
  if (first_basis == 0u) {
    partial[(first + layer.bases) * edge_count + edge] += own.z * base_sum;
  }
}
