// Adds a layer's symbolic edges to its sums, with phi_e of symbolic_edges.wgsl:
//
//   sum[b, j] += sum_e phi_e(x[b, i_e])      over the symbolic edges e into output j, in order
//
// A thread owns a (row, output); neighbours have neighbouring rows, and so the same formulas: a workgroup of several would go
// through the branches of all. Precondition: a forward kernel ran on the same rows.

@group(1) @binding(3) var<storage, read> starts: array<u32>;      // [outputs + 1]: the first edge of each output
@group(1) @binding(4) var<storage, read_write> sums: array<f32>;  // [M][B][outputs]

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
  let b = index % layer.rows;
  let j = index / layer.rows;
  let end = starts[j + 1u];
  var sum = 0.0;
  for (var e = starts[j]; e < end; e++) {
    sum += curve(m, b, e);
  }
  sums[(m * layer.rows + b) * layer.outputs + j] += sum;
}
