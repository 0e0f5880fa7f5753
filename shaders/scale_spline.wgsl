// Gradient of scale_spline, from the raw coefficient gradients that reduce_gradient.wgsl left.
//
//   d scale_spline[i, j] = sum_n coef[i, n, j] * raw[i, n, j];   then   d coef = scale_spline_ij * raw
//
// One thread an edge. Precondition: reduce_gradient.wgsl ran with TRAIN_SPLINE_SCALE 1.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read_write> gradient: array<f32>; // [M][P]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let edge = flat_index(workgroup, workgroups, local);
  if (edge >= layer.inputs * layer.outputs) {
    return;
  }
  let own = workgroup.z * layer.parameters_stride;
  let i = edge / layer.outputs;
  let j = edge % layer.outputs;
  let scale = parameters[own + layer.scale_spline + edge];
  var sum = 0.0;
  for (var n = 0u; n < layer.bases; n++) {
    let element = own + layer.coef + (i * layer.bases + n) * layer.outputs + j;
    sum += parameters[element] * gradient[element];
    gradient[element] = select(0.0, scale * gradient[element], TRAIN_COEF == 1u);
  }
  gradient[own + layer.scale_spline + edge] = sum;
}
