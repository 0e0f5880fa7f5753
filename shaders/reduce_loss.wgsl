// Adds the partial loss sums of a model, in a fixed order, by one workgroup a model.
//
//   L = sum of w l / sum of w;   normaliser = 1 / sum of w;   both 0 for a batch whose weights are all 0
//
// EVALUATION 0: a training step. L goes to the loss ring, and the normaliser to the gradients.
// EVALUATION 1: after a step. L goes to the evaluation ring and is judged: verdict.wgsl.
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
  take_evaluation(m, loss, step_now.number);
}
