// Shortens a gradient that is longer than CLIP, in place, by one workgroup a model.
//
//   g <- g * min(1, CLIP / |g|),   |g| = sqrt( sum over all parameters of the model of g_p^2 )
//
// The sum is of (g_p / CLIP)^2, so that neither a long nor a short gradient leaves float32 before its root is taken: it
// overflows for |g| > 1.8e19 CLIP alone, and such a gradient becomes 0. Frozen groups have gradient 0 and add nothing.
// A thread adds every WIDTH-th square, then the workgroup adds its threads (tree_sum.wgsl or subgroup_sum.wgsl).
// Preconditions: the gradient of this step is complete; CLIP > 0.

@group(1) @binding(0) var<storage, read_write> gradient: array<f32>; // [M][P]

var<workgroup> shared_total: f32;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
  subgroups: Subgroups,
) {
  let own = workgroup.z * layer.parameters_stride;
  var sum = 0.0;
  for (var p = local; p < layer.parameters_stride; p += WIDTH) {
    let g = gradient[own + p] / CLIP;
    sum += g * g;
  }
  let squares = workgroup_sum(vec2f(sum, 0.0), local, subgroups);
  if (local == 0u) {
    shared_total = squares.x;
  }
  workgroupBarrier();
  let total = shared_total;
  if (total <= 1.0) {
    return;
  }
  var share = 0.0;
  if (is_finite(total)) {
    share = 1.0 / sqrt(total);
  }
  for (var p = local; p < layer.parameters_stride; p += WIDTH) {
    gradient[own + p] *= share;
  }
}
