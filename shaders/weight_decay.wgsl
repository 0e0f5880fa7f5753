// Decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2), before Adam's own step.
//
//   p <- p - rate * WEIGHT_DECAY * p     for every trainable parameter p
//
// `rate` is the model's learning rate times the schedule's factor of this step.
// One thread a parameter; a model that has stopped stays where it is. Precondition: 0 <= rate * WEIGHT_DECAY < 1.

@group(1) @binding(0) var<storage, read> trained: array<f32>;          // [P]: 1 for a trainable parameter, else 0
@group(1) @binding(1) var<storage, read_write> parameters: array<f32>; // [M][P]
@group(1) @binding(2) var<storage, read> best: array<Best>;            // [M]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.parameters_stride || best[workgroup.z].stopped != 0u) {
    return;
  }
  let element = workgroup.z * layer.parameters_stride + index;
  let rate = models[workgroup.z].learning_rate * step_now.rate_factor;
  parameters[element] -= rate * WEIGHT_DECAY * trained[index] * parameters[element];
}
