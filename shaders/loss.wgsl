// Loss of every row, its derivative by the network's outputs, and partial sums a workgroup.
//
//   y_j = node_scale_j * sum_j + node_bias_j                 (the last layer's affine map; PRODUCTS 1: its nodes, as they are)
//   cross-entropy (LOSS 1): l_b = log sum_j e^(y_j) - y_label,   dl/dy_j = softmax(y)_j - [j = label]
//   others:                 l_b = mean_j h(y_j - t_j),           dl/dy_j = h'(y_j - t_j) / nodes, with h of loss_terms.wgsl
//   L = sum_b w_b l_b / sum_b w_b
//
// gradient[b, j] = w_b dl/dy_j: the division by sum_b w_b comes later (normaliser), when that sum is known.
// partials[chunk + workgroup] = (sum of w_b l_b, sum of w_b) over the workgroup's rows, added in a fixed tree.
// One thread a row. Preconditions: WIDTH is a power of two; labels are below `nodes`; loss_terms.wgsl stands before this.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> sums: array<f32>;           // [M][B][outputs], or [M][B][nodes]
@group(1) @binding(2) var<storage, read> targets: array<f32>;        // [B][nodes], or [B] labels; [M][B][...] where rows_stride is B
@group(1) @binding(3) var<storage, read> weights: array<f32>;        // [B], or [M][B]
@group(1) @binding(4) var<storage, read_write> gradient: array<f32>; // [M][B][nodes]
@group(1) @binding(5) var<storage, read_write> partials: array<vec2f>; // [M][partials]

var<workgroup> shared_sums: array<vec2f, WIDTH>;

fn network_output(own: u32, row: u32, j: u32) -> f32 {
  let value = sums[row + j];
  if (PRODUCTS == 1u) {
    return value;
  }
  return parameters[own + layer.node_scale + j] * value + parameters[own + layer.node_bias + j];
}

@compute @workgroup_size(WIDTH)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let m = workgroup.z;
  let b = workgroup.x * WIDTH + local;
  var sum = vec2f(0.0, 0.0);
  if (b < layer.rows) {
    let own = m * layer.parameters_stride;
    let row = (m * layer.rows + b) * layer.nodes;
    let set_row = m * layer.rows_stride + b;
    let weight = weights[set_row];
    var row_loss = 0.0;
    if (LOSS != 1u) {
      let scale = 1.0 / f32(layer.nodes);
      for (var j = 0u; j < layer.nodes; j++) {
        let y = network_output(own, row, j);
        let term = loss_term(y - targets[set_row * layer.nodes + j]);
        row_loss += scale * term.x;
        gradient[row + j] = scale * weight * term.y;
      }
    } else {
      let label = u32(targets[set_row]);
      var largest = -3.4e38;
      var y_label = 0.0;
      for (var j = 0u; j < layer.nodes; j++) {
        let y = network_output(own, row, j);
        gradient[row + j] = y;
        largest = max(largest, y);
        if (j == label) {
          y_label = y;
        }
      }
      var total = 0.0;
      for (var j = 0u; j < layer.nodes; j++) {
        let e = exp(gradient[row + j] - largest);
        gradient[row + j] = e;
        total += e;
      }
      row_loss = log(total) + largest - y_label;
      for (var j = 0u; j < layer.nodes; j++) {
        gradient[row + j] = weight * (gradient[row + j] / total - select(0.0, 1.0, j == label));
      }
    }
    sum = vec2f(weight * row_loss, weight);
  }
  shared_sums[local] = sum;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_sums[local] += shared_sums[local + half];
    }
  }
  if (local == 0u) {
    partials[m * layer.partials + layer.chunk + workgroup.x] = shared_sums[0];
  }
}
