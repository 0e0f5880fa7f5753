// The gradient by a layer's inputs, as backward_input.wgsl: a thread owns four rows of an input and walks the outputs, a Value
// (value1.wgsl, value4.wgsl, value8.wgsl) at a time. Nothing is shared among threads, and masks and scales are read once for
// four rows: for adapters that have no cache lines to share and dear barriers.
//
// There are no arrays: such adapters keep those in memory, and look every element up.
// Precondition: basis.wgsl ran on the same rows.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> mask: array<Value>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> gradient_out: array<Value>;    // [M][B][outputs]
@group(1) @binding(5) var<storage, read_write> gradient_in: array<f32>; // [M][B][inputs]

const RECORD = 2u + 2u * ORDER;

// A row of the thread's input: its slopes two by two, those beyond ORDER 0, and where its coefficients and gradients begin.
struct Row {
  base: f32,
  first: vec2f,
  second: vec2f,
  third: vec2f,
  coef: u32,
  gradient: u32,
}

var<private> values: u32;

fn load(row: u32, i: u32, first_coef: u32) -> Row {
  let input = row * layer.inputs + i;
  let slopes = input * RECORD + 2u + ORDER;
  var own: Row;
  own.base = basis[input * RECORD + 1u];
  own.first = vec2f(basis[slopes], basis[slopes + 1u]);
  if (ORDER > 2u) {
    own.second.x = basis[slopes + 2u];
  }
  if (ORDER > 3u) {
    own.second.y = basis[slopes + 3u];
  }
  if (ORDER > 4u) {
    own.third.x = basis[slopes + 4u];
  }
  if (ORDER > 5u) {
    own.third.y = basis[slopes + 5u];
  }
  own.coef = first_coef + places[input] * values;
  own.gradient = row * values;
  return own;
}

fn share(row: Row, j: u32, base_scale: Value, spline_scale: Value) -> Value {
  var at = row.coef + j;
  var spline = row.first.x * parameters[at] + row.first.y * parameters[at + values];
  if (ORDER > 2u) {
    spline += row.second.x * parameters[at + 2u * values];
  }
  if (ORDER > 3u) {
    spline += row.second.y * parameters[at + 3u * values];
  }
  if (ORDER > 4u) {
    spline += row.third.x * parameters[at + 4u * values];
  }
  if (ORDER > 5u) {
    spline += row.third.y * parameters[at + 5u * values];
  }
  return times(gradient_out[row.gradient + j], row.base * base_scale + times(spline_scale, spline));
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  let b = (index / layer.inputs) * 4u;
  if (b >= layer.rows) {
    return;
  }
  let i = index % layer.inputs;
  let m = workgroup.z;
  values = layer.outputs / LANE;
  let own = m * layer.parameters_stride;
  let node_scale = (own + layer.node_scale) / LANE;
  let scale_base = (own + layer.scale_base) / LANE + i * values;
  let scale_spline = (own + layer.scale_spline) / LANE + i * values;
  let own_mask = (m * layer.edges_stride + layer.edges) / LANE + i * values;
  let coef = (own + layer.coef) / LANE + i * layer.bases * values;
  let first = m * layer.rows + b;
  // Past the end the last row is read again, and not written.
  let last = layer.rows - 1u - b;
  let row_0 = load(first, i, coef);
  let row_1 = load(first + min(1u, last), i, coef);
  let row_2 = load(first + min(2u, last), i, coef);
  let row_3 = load(first + min(3u, last), i, coef);
  var sum_0 = Value();
  var sum_1 = Value();
  var sum_2 = Value();
  var sum_3 = Value();
  for (var j = 0u; j < values; j++) {
    let factor = times(parameters[node_scale + j], mask[own_mask + j]);
    let base_scale = times(factor, parameters[scale_base + j]);
    let spline_scale = times(factor, parameters[scale_spline + j]);
    sum_0 += share(row_0, j, base_scale, spline_scale);
    sum_1 += share(row_1, j, base_scale, spline_scale);
    sum_2 += share(row_2, j, base_scale, spline_scale);
    sum_3 += share(row_3, j, base_scale, spline_scale);
  }
  let input = first * layer.inputs + i;
  gradient_in[input] = total(sum_0);
  if (last > 0u) {
    gradient_in[input + layer.inputs] = total(sum_1);
  }
  if (last > 1u) {
    gradient_in[input + 2u * layer.inputs] = total(sum_2);
  }
  if (last > 2u) {
    gradient_in[input + 3u * layer.inputs] = total(sum_3);
  }
}
