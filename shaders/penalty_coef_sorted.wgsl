// The penalty's share of the spline and base gradients over segments of sorted rows (sorted_walk.wgsl): as penalty_coef.wgsl, and
// added to what backward_coef_sorted.wgsl wrote.
//
//   g_b = w_b * factor_ij * s(phi_b),   METRIC 0: s = sign(phi_b), METRIC 1: s = phi_b - mean_ij
//   phi_b = mask * (scale_base * b(x_b) + scale_spline * sum_r B_r(x_b) coef[place_b + r])
//
// Preconditions: backward_coef_sorted.wgsl ran before; penalty.wgsl wrote `edges`.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> edges: array<vec4f>;        // [M][edges + inputs]: factor, mean, mask
@group(1) @binding(3) var<storage, read> order: array<u32>;
@group(1) @binding(4) var<storage, read> weights: array<f32>;        // [B], or [M][B]
@group(1) @binding(5) var<storage, read_write> partial: array<f32>;  // [M][blocks][slots][inputs][outputs]

var<private> own: vec4f;
var<private> scales: vec2f;

fn start_edge(m: u32, edge: u32) -> bool {
  let edge_count = layer.inputs * layer.outputs;
  let own_parameters = m * layer.parameters_stride;
  own = edges[m * (edge_count + layer.inputs) + edge];
  scales = own.z * vec2f(
    parameters[own_parameters + layer.scale_base + edge],
    parameters[own_parameters + layer.scale_spline + edge],
  );
  return own.x != 0.0;
}

fn upstream(m: u32, b: u32, i: u32, place: u32, edge: u32) -> Value {
  let record = ((m * layer.rows + b) * layer.inputs + i) * PAIRS;
  let first = m * layer.parameters_stride + layer.coef
    + (i * layer.bases + place) * layer.outputs + edge % layer.outputs;
  var spline = 0.0;
  for (var r = 0u; r < ORDER; r++) {
    spline += basis[record + 1u + r / 2u][r % 2u] * parameters[first + r * layer.outputs];
  }
  let phi = scales.x * basis[record].x + scales.y * spline;
  return weights[m * layer.rows_stride + b] * own.x * select(phi - own.y, sign(phi), METRIC == 0u);
}

fn put(at: u32, sum: Value) {
  partial[at] += own.z * sum;
}
