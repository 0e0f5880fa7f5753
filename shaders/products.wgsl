// The nodes of a layer that multiplies (KAN 2.0, arXiv 2408.10205, section 2.1), which the next layer takes as they are.
//
//   x[b, n] = prod_(f in F(n)) y[b, f]      with y and F(n) of factors.wgsl
//
// A thread owns a (row, node) and multiplies in order. Precondition: a forward kernel ran on the same rows.

@group(1) @binding(3) var<storage, read_write> nodes: array<f32>; // [M][B][nodes]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.rows * layer.nodes) {
    return;
  }
  let m = workgroup.z;
  let n = index % layer.nodes;
  let row = (m * layer.rows + index / layer.nodes) * layer.outputs;
  var product = output_value(m, row, first[n]);
  for (var f = first[n] + 1u; f < first[n + 1u]; f++) {
    product *= output_value(m, row, f);
  }
  nodes[m * layer.rows * layer.nodes + index] = product;
}
