// From the gradient by the nodes of a layer that multiplies to that by its outputs: for each factor f of node n
//
//   dL/dy[b, f] = dL/dx[b, n] * prod_(g in F(n), g != f) y[b, g]      with y and F(n) of factors.wgsl
//
// as the factors before f times those behind it: no division, so that a factor of 0 is no special case. A thread owns a
// (row, node), and with it the node's factors. Precondition: a forward kernel ran on the same rows.

@group(1) @binding(3) var<storage, read> gradient_nodes: array<f32>;     // [M][B][nodes]
@group(1) @binding(4) var<storage, read_write> gradient_out: array<f32>; // [M][B][outputs]

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
  let end = first[n + 1u];
  var before = gradient_nodes[m * layer.rows * layer.nodes + index];
  for (var f = first[n]; f < end; f++) {
    gradient_out[row + f] = before;
    before *= output_value(m, row, f);
  }
  var behind = 1.0;
  for (var f = end; f > first[n]; f--) {
    gradient_out[row + f - 1u] *= behind;
    behind *= output_value(m, row, f - 1u);
  }
}
