// Shortens a gradient that is longer than CLIP, in place, by one workgroup a model.
//
//   g <- g * min(1, CLIP / |g|),   |g| = sqrt( sum over all parameters of the model of g_p^2 )
//
// The sum is of (g_p / CLIP)^2, so that neither a long nor a short gradient leaves float32 before its root is taken: it
// overflows for |g| > 1.8e19 CLIP alone, and such a gradient becomes 0. Frozen groups have gradient 0 and add nothing.
// A thread adds every WIDTH-th square, then the workgroup adds its threads in a fixed tree: the same bits every time.
// Preconditions: the gradient of this step is complete; WIDTH is a power of two; CLIP > 0.

@group(1) @binding(0) var<storage, read_write> gradient: array<f32>; // [M][P]

var<workgroup> shared_sums: array<f32, WIDTH>;

@compute @workgroup_size(WIDTH)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let own = workgroup.z * layer.parameters_stride;
  var sum = 0.0;
  for (var p = local; p < layer.parameters_stride; p += WIDTH) {
    let g = gradient[own + p] / CLIP;
    sum += g * g;
  }
  shared_sums[local] = sum;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_sums[local] += shared_sums[local + half];
    }
  }
  workgroupBarrier();
  let total = shared_sums[0];
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
