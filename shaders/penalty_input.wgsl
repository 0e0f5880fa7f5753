// The penalty's share of the gradient by a layer's inputs, added to what backward_input.wgsl wrote. A thread owns a (row, input).
//
//   dx[b, i] += w_b * ( sum_j factor_ij s(phi_b) phi'(x_b) + METRIC factor_i (x_b - mean_i) )
//   s as in penalty_coef.wgsl;   phi' = mask * (scale_base * b'(x_b) + scale_spline * sum_r B'_r(x_b) coef[place_b + r])
//
// METRIC 1: the norm divides by std(x) + 0.1, hence the second term. Preconditions: backward_input.wgsl ran on the same rows;
// penalty.wgsl wrote `edges`.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> edges: array<vec4f>;           // [M][edges + inputs]: factor, mean, mask
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> inputs: array<f32>;            // [M][B][inputs], or [B][inputs]
@group(1) @binding(5) var<storage, read> weights: array<f32>;           // [B], or [M][B]
@group(1) @binding(6) var<storage, read_write> gradient_in: array<f32>; // [M][B][inputs]

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
  let weight = weights[m * layer.rows_stride + b];
  if (weight == 0.0 || models[m].lambda == 0.0) {
    return;
  }
  let own = m * layer.parameters_stride;
  let edge_count = layer.inputs * layer.outputs;
  let own_edges = m * (edge_count + layer.inputs);
  let input = m * layer.rows * layer.inputs + index;
  let record = input * RECORD;
  var values: array<f32, ORDER>;
  var slopes: array<f32, ORDER>;
  for (var r = 0u; r < ORDER; r++) {
    values[r] = basis[record + 2u + r];
    slopes[r] = basis[record + 2u + ORDER + r];
  }
  let first = own + layer.coef + (i * layer.bases + places[input]) * layer.outputs;
  var sum = 0.0;
  for (var j = 0u; j < layer.outputs; j++) {
    let edge = i * layer.outputs + j;
    let item = edges[own_edges + edge];
    let scale_base = item.z * parameters[own + layer.scale_base + edge];
    let scale_spline = item.z * parameters[own + layer.scale_spline + edge];
    var spline = 0.0;
    var slope = 0.0;
    for (var r = 0u; r < ORDER; r++) {
      let coef = parameters[first + r * layer.outputs + j];
      spline += values[r] * coef;
      slope += slopes[r] * coef;
    }
    let phi = scale_base * basis[record] + scale_spline * spline;
    sum += item.x * select(phi - item.y, sign(phi), METRIC == 0u)
      * (scale_base * basis[record + 1u] + scale_spline * slope);
  }
  if (METRIC == 1u) {
    var x = inputs[m * layer.input_stride + index];
    if (layer.previous_node_scale != NONE) {
      x = parameters[own + layer.previous_node_scale + i] * x + parameters[own + layer.previous_node_bias + i];
    }
    let item = edges[own_edges + edge_count + i];
    sum += item.x * (x - item.y);
  }
  gradient_in[input] += weight * sum;
}
