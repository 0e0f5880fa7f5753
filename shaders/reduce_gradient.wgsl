// Adds the parts of the layer's coefficient gradient in order and writes its gradients.
//
//   raw[n, i, j] = normaliser * sum_partials(n, i, j)          (slices_sum.wgsl, or sorted_sum.wgsl after sorted rows)
//   d coef[i, n, j]     = scale_spline_ij * raw[n, i, j]       (n < G + k)
//   d scale_base[i, j]  = raw[G + k, i, j]
//
// TRAIN_SPLINE_SCALE 1: coef gets raw itself; scale_spline.wgsl needs it and multiplies afterwards.
// TRAIN_COEF, TRAIN_BASE: 0 writes zeros, and the optimizer then leaves the group alone.
// One thread an element (n, i, j). Preconditions: all parts are written; reduce_loss.wgsl wrote the normaliser.

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  let edges = layer.inputs * layer.outputs;
  let elements = (layer.bases + 1u) * edges;
  let index = flat_index(workgroup, workgroups, local);
  if (index >= elements) {
    return;
  }
  let own = m * layer.parameters_stride;
  let n = index / edges;
  let edge = index % edges;
  let raw = normaliser[m] * sum_partials(m, n, edge, edges);
  if (n == layer.bases) {
    gradient[own + layer.scale_base + edge] = select(0.0, raw, TRAIN_BASE == 1u);
    return;
  }
  let i = edge / layer.outputs;
  let j = edge % layer.outputs;
  let element = own + layer.coef + (i * layer.bases + n) * layer.outputs + j;
  if (TRAIN_SPLINE_SCALE == 1u) {
    gradient[element] = raw;
  } else {
    gradient[element] = select(0.0, raw * parameters[own + layer.scale_spline + edge], TRAIN_COEF == 1u);
  }
}
