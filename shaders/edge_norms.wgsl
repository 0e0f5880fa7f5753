// Weighted moments of a layer's edges over the rows of a pass, from which penalty.wgsl makes norms: a workgroup an item.
//
//   item e < edges              v_b = phi_b = mask * (scale_base * b(x_b) + scale_spline * sum_r B_r(x_b) coef[place_b + r])
//   METRIC 1, next `inputs`     v_b = x_b, the layer's input (its previous affine map applied)
//   METRIC 1, last              v_b = w_b
//   norms[chunk, m, item] = ( W = sum_b w_b, sum_b w_b |v_b|, mean = sum_b w_b v_b / W, sum_b w_b (v_b - mean)^2 )
//
// A thread sums the differences from its first row that has weight, so that nothing cancels and a constant has deviation 0
// exactly; threads are merged in a fixed tree (moments.wgsl).
//
// CHUNKED 1: the pass is one of an evaluation's, and its chunk is step_now.start / rows; else 0.
// A model whose lambda is 0 gets zeros. Preconditions: WIDTH is a power of two; basis.wgsl ran on the same rows; padding has
// weight 0.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> mask: array<f32>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> inputs: array<f32>;         // [M][B][inputs], or [B][inputs]
@group(1) @binding(5) var<storage, read> weights: array<f32>;        // [B], or [M][B]
@group(1) @binding(6) var<storage, read_write> norms: array<vec4f>;  // [chunks][M][items]

const RECORD = 2u + 2u * ORDER;

var<workgroup> shared_moments: array<vec4f, WIDTH>;

fn phi(m: u32, b: u32, edge: u32) -> f32 {
  let i = edge / layer.outputs;
  let own = m * layer.parameters_stride;
  let input = (m * layer.rows + b) * layer.inputs + i;
  let first = own + layer.coef + (i * layer.bases + places[input]) * layer.outputs + edge % layer.outputs;
  var spline = 0.0;
  for (var r = 0u; r < ORDER; r++) {
    spline += basis[input * RECORD + 2u + r] * parameters[first + r * layer.outputs];
  }
  return mask[m * layer.edges_stride + layer.edges + edge] * (
    parameters[own + layer.scale_base + edge] * basis[input * RECORD]
    + parameters[own + layer.scale_spline + edge] * spline
  );
}

fn layer_input(m: u32, b: u32, i: u32) -> f32 {
  let x = inputs[m * layer.input_stride + b * layer.inputs + i];
  if (layer.previous_node_scale == NONE) {
    return x;
  }
  let own = m * layer.parameters_stride;
  return parameters[own + layer.previous_node_scale + i] * x + parameters[own + layer.previous_node_bias + i];
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let edges = layer.inputs * layer.outputs;
  let items = edges + METRIC * (layer.inputs + 1u);
  let item = workgroup.y * workgroups.x + workgroup.x;
  if (item >= items) {
    return;
  }
  let m = workgroup.z;
  let rows = select(0u, layer.rows, models[m].lambda > 0.0);
  var first_value = 0.0;
  var sums = vec4f(0.0); // of w, w |v|, w (v - first), w (v - first)^2
  for (var b = local; b < rows; b += WIDTH) {
    let weight = weights[m * layer.rows_stride + b];
    if (weight == 0.0) {
      continue;
    }
    var value = weight;
    if (item < edges) {
      value = phi(m, b, item);
    } else if (item < edges + layer.inputs) {
      value = layer_input(m, b, item - edges);
    }
    if (sums.x == 0.0) {
      first_value = value;
    }
    let difference = value - first_value;
    sums += weight * vec4f(1.0, abs(value), difference, difference * difference);
  }
  var moments = vec4f(0.0);
  if (sums.x > 0.0) {
    let shift = sums.z / sums.x;
    moments = vec4f(sums.xy, first_value + shift, max(0.0, sums.w - sums.z * shift));
  }
  shared_moments[local] = moments;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_moments[local] = merge(shared_moments[local], shared_moments[local + half]);
    }
  }
  if (local == 0u) {
    let chunk = select(0u, step_now.start / layer.rows, CHUNKED == 1u);
    norms[(chunk * workgroups.z + m) * items + item] = shared_moments[0];
  }
}
