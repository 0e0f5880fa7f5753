// One step of Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1), for every parameter of every model.
//
//   m <- beta1 m + (1 - beta1) g;   v <- beta2 v + (1 - beta2) g^2
//   p <- p - rate * m / (1 - beta1^t) / ( sqrt(v / (1 - beta2^t)) + epsilon )
//
// `rate` is the model's learning rate times the schedule's factor of this step, 1 where there is none. That factor and the two
// corrections come from the host in float64 precision (src/engine/schedule.ts says why). Clipping and weight decay are kernels of
// their own before this one (clip_gradient.wgsl, weight_decay.wgsl).
// One thread a parameter; a model that has stopped stays where it is. Frozen groups have gradient 0, so m = v = 0 and p stays.
// Preconditions: the gradient of this step is complete; EPSILON > 0.

@group(1) @binding(0) var<storage, read> gradient: array<f32>;           // [M][P]
@group(1) @binding(1) var<storage, read_write> parameters: array<f32>;   // [M][P]
@group(1) @binding(2) var<storage, read_write> moments: array<vec2f>;    // [M][P]: (m, v)
@group(1) @binding(3) var<storage, read> best: array<Best>;              // [M]

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
  let g = gradient[element];
  var moment = moments[element];
  moment.x = BETA_1 * moment.x + (1.0 - BETA_1) * g;
  moment.y = BETA_2 * moment.y + (1.0 - BETA_2) * g * g;
  moments[element] = moment;
  let rate = models[workgroup.z].learning_rate * step_now.rate_factor;
  parameters[element] -= rate * step_now.first_correction * moment.x
    / (sqrt(moment.y) * step_now.second_correction + EPSILON);
}
