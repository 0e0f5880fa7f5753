// Adds the partial loss sums of a model, in a fixed order, by one workgroup a model.
//
//   L = sum of w l / sum of w;   normaliser = 1 / sum of w;   both 0 for a batch whose weights are all 0
//
// EVALUATION 0: a training step. L goes to the loss ring, and the normaliser to the gradients.
// EVALUATION 1: after a step. L goes to the evaluation ring and is judged: verdict.wgsl.
// workgroup_sum: tree_sum.wgsl or subgroup_sum.wgsl.

@group(1) @binding(0) var<storage, read> partials: array<vec2f>;       // [M][partials]
@group(1) @binding(1) var<storage, read_write> normaliser: array<f32>; // [M]
@group(1) @binding(2) var<storage, read_write> ring: array<f32>;       // [slots][M]
@group(1) @binding(3) var<storage, read_write> best: array<Best>;      // [M]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
  subgroups: Subgroups,
) {
  let m = workgroup.z;
  var sum = vec2f(0.0, 0.0);
  for (var p = local; p < layer.partials; p += WIDTH) {
    sum += partials[m * layer.partials + p];
  }
  sum = workgroup_sum(sum, local, subgroups);
  if (local != 0u) {
    return;
  }
  var loss = 0.0;
  var inverse = 0.0;
  if (sum.y > 0.0) {
    loss = sum.x / sum.y;
    inverse = 1.0 / sum.y;
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
