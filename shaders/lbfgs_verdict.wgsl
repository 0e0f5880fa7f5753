// The evaluation that follows an iteration of L-BFGS, where one is due; else only a sign that nothing is to be kept.
//
//   VALIDATES 1   of the validation rows, whose loss reduce_loss.wgsl left in `evaluated`
//   VALIDATES 0   of the training rows, where the loss is known
//
// One thread a model. Preconditions: lbfgs_judge.wgsl ran; the parameters are those of the iteration.

@group(1) @binding(0) var<storage, read_write> states: array<Lbfgs>; // [M]
@group(1) @binding(1) var<storage, read> evaluated: array<f32>;      // [M]
@group(1) @binding(2) var<storage, read_write> ring: array<f32>;     // [evaluations][M]
@group(1) @binding(3) var<storage, read_write> best: array<Best>;    // [M]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  if (local != 0u) {
    return;
  }
  best[m].improved = 0u;
  if (states[m].due == 0u) {
    return;
  }
  states[m].due = 0u;
  let loss = select(states[m].loss, evaluated[m], VALIDATES == 1u);
  let number = states[m].iterations;
  let slot = number / EVALUATE_EVERY - step_now.start / EVALUATE_EVERY - 1u;
  ring[slot * workgroups.z + m] = loss;
  take_evaluation(m, loss, number);
}
