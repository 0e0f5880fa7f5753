// Copies a model's parameters to the best ones when the evaluation before it was the best so far (reduce_loss.wgsl).
// One thread a parameter. Precondition: reduce_loss.wgsl ran with EVALUATION 1 at the current parameters.

@group(1) @binding(0) var<storage, read> best: array<Best>;                // [M]
@group(1) @binding(1) var<storage, read> parameters: array<f32>;           // [M][P]
@group(1) @binding(2) var<storage, read_write> best_parameters: array<f32>; // [M][P]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.parameters_stride || best[workgroup.z].improved == 0u) {
    return;
  }
  let element = workgroup.z * layer.parameters_stride + index;
  best_parameters[element] = parameters[element];
}
