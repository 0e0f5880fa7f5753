// Sums of the curves of a layer's symbolic edges over the rows of a chunk, as edge_statistics.wgsl has them for splines:
//
//   out[edge] = ( phi_0, sum_b |phi_b|, sum_b (phi_b - phi_0), sum_b (phi_b - phi_0)^2 )      with phi of symbolic_edges.wgsl
//
// Blocks of 64 rows are added to the total, which bounds the rounding. One thread an edge. Preconditions: the layers before ran
// on the same rows; edge_statistics.wgsl ran, whose zeros this writes over; step_now.size rows count.

@group(1) @binding(3) var<storage, read_write> statistics: array<vec4f>; // [M][edges of all layers]

const BLOCK = 64u;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let e = flat_index(workgroup, workgroups, local);
  if (e >= arrayLength(&edges)) {
    return;
  }
  let m = workgroup.z;
  let first_value = curve(m, 0u, e);
  var total = vec3f(0.0);
  var block = vec3f(0.0);
  for (var b = 0u; b < step_now.size; b++) {
    let phi = curve(m, b, e);
    let difference = phi - first_value;
    block += vec3f(abs(phi), difference, difference * difference);
    if (b % BLOCK == BLOCK - 1u) {
      total += block;
      block = vec3f(0.0);
    }
  }
  statistics[m * layer.edges_stride + layer.edges + edges[e].y] = vec4f(first_value, total + block);
}
