// One layer forward, as forward.wgsl: a thread owns ROWS rows of a Value of outputs (value1.wgsl, value4.wgsl).
//
// Masks and scales are read once for ROWS rows and a record of bases once for LANE outputs; what is left is the gathered
// coefficients, (k + 1) * LANE words for (k + 2) * LANE multiplications (bench/NOTES.md).
// Precondition: basis.wgsl ran on the same rows.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> mask: array<Value>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read_write> sums: array<Value>;


@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let values = layer.outputs / LANE;
  let index = flat_index(workgroup, workgroups, local);
  let first = (index / values) * ROWS;
  if (first >= layer.rows) {
    return;
  }
  let m = workgroup.z;
  let j = index % values;
  let own = m * layer.parameters_stride;
  let coef = (own + layer.coef) / LANE + j;
  let scale_base = (own + layer.scale_base) / LANE + j;
  let scale_spline = (own + layer.scale_spline) / LANE + j;
  let edges = (m * layer.edges_stride + layer.edges) / LANE + j;
  var inputs: array<u32, ROWS>;
  var row_sums: array<Value, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    // Past the end the last row is read again, and not written.
    inputs[r] = (m * layer.rows + min(first + r, layer.rows - 1u)) * layer.inputs;
  }
  for (var i = 0u; i < layer.inputs; i++) {
    let edge = i * values;
    let on = mask[edges + edge];
    let base_scale = on * parameters[scale_base + edge];
    let spline_scale = on * parameters[scale_spline + edge];
    for (var r = 0u; r < ROWS; r++) {
      let record = (inputs[r] + i) * PAIRS;
      var at = coef + (i * layer.bases + places[inputs[r] + i]) * values;
      var spline = Value(0.0);
      for (var pair = 1u; pair <= WHOLE_PAIRS; pair++) {
        let bases = basis[record + pair];
        spline += bases.x * parameters[at] + bases.y * parameters[at + values];
        at += 2u * values;
      }
      if (ODD) {
        spline += basis[record + WHOLE_PAIRS + 1u].x * parameters[at];
      }
      row_sums[r] += base_scale * basis[record].x + spline_scale * spline;
    }
  }
  for (var r = 0u; r < ROWS; r++) {
    if (first + r < layer.rows) {
      sums[(m * layer.rows + first + r) * values + j] = row_sums[r];
    }
  }
}
