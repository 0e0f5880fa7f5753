// One layer forward, as forward.wgsl: a thread owns four rows of a Value of outputs (value1.wgsl, value4.wgsl, value8.wgsl), as in
// forward_tile.wgsl, but without arrays, which software adapters keep in memory and look every element up in.
// Precondition: basis.wgsl ran on the same rows.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> mask: array<Value>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read_write> sums: array<Value>;

var<private> values: u32;

// What input `input` of a row adds; `coef` is where the coefficients of its first basis are.
fn share(input: u32, coef: u32, base_scale: Value, spline_scale: Value) -> Value {
  let record = input * PAIRS;
  let at = coef + places[input] * values;
  let first = basis[record + 1u];
  var spline = first.x * parameters[at] + first.y * parameters[at + values];
  if (ORDER > 2u) {
    let second = basis[record + 2u];
    spline += second.x * parameters[at + 2u * values];
    // The word after an odd number of values is a slope.
    if (ORDER > 3u) {
      spline += second.y * parameters[at + 3u * values];
    }
  }
  if (ORDER > 4u) {
    let third = basis[record + 3u];
    spline += third.x * parameters[at + 4u * values];
    if (ORDER > 5u) {
      spline += third.y * parameters[at + 5u * values];
    }
  }
  return basis[record].x * base_scale + times(spline_scale, spline);
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  values = layer.outputs / LANE;
  let index = flat_index(workgroup, workgroups, local);
  let b = (index / values) * 4u;
  if (b >= layer.rows) {
    return;
  }
  let m = workgroup.z;
  let j = index % values;
  let own = m * layer.parameters_stride;
  let coef_step = layer.bases * values;
  var coef = (own + layer.coef) / LANE + j;
  var scale_base = (own + layer.scale_base) / LANE + j;
  var scale_spline = (own + layer.scale_spline) / LANE + j;
  var edge = (m * layer.edges_stride + layer.edges) / LANE + j;
  // Past the end the last row is read again, and not written.
  let last = layer.rows - 1u - b;
  let input_0 = (m * layer.rows + b) * layer.inputs;
  let input_1 = input_0 + min(1u, last) * layer.inputs;
  let input_2 = input_0 + min(2u, last) * layer.inputs;
  let input_3 = input_0 + min(3u, last) * layer.inputs;
  var sum_0 = Value();
  var sum_1 = Value();
  var sum_2 = Value();
  var sum_3 = Value();
  for (var i = 0u; i < layer.inputs; i++) {
    let on = mask[edge];
    let base_scale = times(on, parameters[scale_base]);
    let spline_scale = times(on, parameters[scale_spline]);
    sum_0 += share(input_0 + i, coef, base_scale, spline_scale);
    sum_1 += share(input_1 + i, coef, base_scale, spline_scale);
    sum_2 += share(input_2 + i, coef, base_scale, spline_scale);
    sum_3 += share(input_3 + i, coef, base_scale, spline_scale);
    coef += coef_step;
    scale_base += values;
    scale_spline += values;
    edge += values;
  }
  let at = (m * layer.rows + b) * values + j;
  sums[at] = sum_0;
  if (last > 0u) {
    sums[at + values] = sum_1;
  }
  if (last > 1u) {
    sums[at + 2u * values] = sum_2;
  }
  if (last > 2u) {
    sums[at + 3u * values] = sum_3;
  }
}
