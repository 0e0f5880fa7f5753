// Adds the parts of the layer's coefficient gradient in order and writes its gradients.
//
//   raw[n, i, j] = normaliser * sum_partials(n, i, j)          (slices_sum.wgsl, or sorted_sum.wgsl after sorted rows)
//   d coef[i, n, j]     = scale_spline_ij * raw[n, i, j]       (n < G + k)
//   d scale_base[i, j]  = raw[G + k, i, j]
//
// TRAIN_SPLINE_SCALE 1: coef gets raw itself; scale_spline.wgsl needs it and multiplies afterwards.
// TRAIN_COEF, TRAIN_BASE: 0 writes zeros, and the optimizer then leaves the group alone.
// One thread a Value of elements (n, i, j): value1.wgsl, value4.wgsl, value8.wgsl; `edges` and `edge` count Values.
// Preconditions: all parts are written; reduce_loss.wgsl wrote the normaliser.

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  let values = layer.outputs / LANE;
  let edges = layer.inputs * values;
  let index = flat_index(workgroup, workgroups, local);
  if (index >= (layer.bases + 1u) * edges) {
    return;
  }
  let own = m * layer.parameters_stride;
  let n = index / edges;
  let edge = index % edges;
  let raw = normaliser[m] * sum_partials(m, n, edge, edges);
  var result = Value();
  if (n == layer.bases) {
    if (TRAIN_BASE == 1u) {
      result = raw;
    }
    gradient[(own + layer.scale_base) / LANE + edge] = result;
    return;
  }
  if (TRAIN_SPLINE_SCALE == 1u) {
    result = raw;
  } else if (TRAIN_COEF == 1u) {
    result = times(raw, parameters[(own + layer.scale_spline) / LANE + edge]);
  }
  let i = edge / values;
  gradient[(own + layer.coef) / LANE + (i * layer.bases + n) * values + edge % values] = result;
}
