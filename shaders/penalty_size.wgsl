// The gradient of the coefficients' own penalty, added to their gradient.
//
//   d coef[i, n, j] += lambda / outputs * ( COEF sign(c_n) + COEFDIFF ( sign(c_n - c_(n-1)) - sign(c_(n+1) - c_n) ) )
//
// sign(0) = 0, and differences beyond the ends are left out. A batch without any weight (normaliser 0) says nothing.
// One thread a coefficient. Precondition: the layer's other gradients are written (reduce_gradient.wgsl, scale_spline.wgsl).

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> normaliser: array<f32>;     // [M]
@group(1) @binding(2) var<storage, read_write> gradient: array<f32>; // [M][P]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  let m = workgroup.z;
  if (index >= layer.bases * layer.inputs * layer.outputs || normaliser[m] == 0.0 || models[m].lambda == 0.0) {
    return;
  }
  let at = m * layer.parameters_stride + layer.coef + index;
  let n = (index / layer.outputs) % layer.bases;
  let value = parameters[at];
  var sum = COEF * sign(value);
  if (n > 0u) {
    sum += COEFDIFF * sign(value - parameters[at - layer.outputs]);
  }
  if (n + 1u < layer.bases) {
    sum -= COEFDIFF * sign(parameters[at + layer.outputs] - value);
  }
  gradient[at] += models[m].lambda / f32(layer.outputs) * sum;
}
