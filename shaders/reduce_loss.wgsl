// Adds the partial loss sums of a model, in a fixed order, by one workgroup a model.
//
//   L = sum of w l / sum of w;   normaliser = 1 / sum of w;   both 0 for a batch whose weights are all 0
//
// EVALUATION 0: a training step. L goes to the loss ring, and the normaliser to the gradients.
// EVALUATION 1: after a step. L goes to the evaluation ring; if it is finite and below the best so far (and the model has not
//               stopped) it becomes the best and `improved` tells keep.wgsl to copy the parameters; else `stale` grows
//               and at `patience` (0: never) the model stops. The host never decides: a run's result can't depend on timing.
// Precondition: WIDTH is a power of two.

@group(1) @binding(0) var<storage, read> partials: array<vec2f>;       // [M][partials]
@group(1) @binding(1) var<storage, read_write> normaliser: array<f32>; // [M]
@group(1) @binding(2) var<storage, read_write> ring: array<f32>;       // [slots][M]
@group(1) @binding(3) var<storage, read_write> best: array<Best>;      // [M]

var<workgroup> shared_sums: array<vec2f, WIDTH>;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  var sum = vec2f(0.0, 0.0);
  for (var p = local; p < layer.partials; p += WIDTH) {
    sum += partials[m * layer.partials + p];
  }
  shared_sums[local] = sum;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_sums[local] += shared_sums[local + half];
    }
  }
  if (local != 0u) {
    return;
  }
  var loss = 0.0;
  var inverse = 0.0;
  if (shared_sums[0].y > 0.0) {
    loss = shared_sums[0].x / shared_sums[0].y;
    inverse = 1.0 / shared_sums[0].y;
  }
  if (EVALUATION == 0u) {
    normaliser[m] = inverse;
    ring[step_now.slot * workgroups.z + m] = loss;
    best[m].steps_done = step_now.number;
    return;
  }
  ring[step_now.evaluation * workgroups.z + m] = loss;
  best[m].improved = 0u;
  if (best[m].stopped == 1u) {
    return;
  }
  if (is_finite(loss) && loss < best[m].loss) {
    best[m].loss = loss;
    best[m].step = step_now.number;
    best[m].stale = 0u;
    best[m].improved = 1u;
  } else {
    best[m].stale += 1u;
    if (step_now.patience > 0u && best[m].stale >= step_now.patience) {
      best[m].stopped = 1u;
    }
  }
}
