// A layer's penalty and the factors of its gradient, from the moments of edge_norms.wgsl: one workgroup a model.
//
//   value = L1 N + ENTROPY S + COEF C + COEFDIFF D_C   (PenaltyPlan in src/engine/engine.ts), N = sum of the edges' norms n
//   METRIC 0   n = sum w |phi| / W;  S = - sum p ln p, p = n / N, over the layer's edges
//              r = dvalue/dn = L1 - ENTROPY (ln p + S) / N;  an edge without norm has r = L1, a layer with N < 1e-12 S = 0
//   METRIC 1   n = std(phi) / (std(x) + 0.1), std^2 = squares / D, D = W - sum w^2 / W;  S = the mean over output nodes of
//              - sum h(p), h(p) = p log2(p + 1e-4), p = n / T, T = 1 + the node's incoming norms, and the same over input nodes
//              and outgoing norms;  r = L1 + ENTROPY sum over the edge's two nodes of (mean - h'(p)) / (T nodes),
//              mean = sum h'(p) p
//
// The gradient of lambda * value by v at row b is w_b factor s(v_b) / W (`normaliser` divides by W later):
//
//   METRIC 0   phi: s = sign(phi),   factor = lambda r
//   METRIC 1   phi: s = phi - mean,  factor = lambda r W / (D std(phi) (std(x) + 0.1)), 0 where std(phi) is 0
//              x:   s = x - mean,    factor = - lambda W sum_j r n / (D std(x) (std(x) + 0.1)), 0 where std(x) is 0
//
// lambda * value * W joins the model's first partial loss sum, so that reduce_loss.wgsl gives the objective; rows without any
// weight say nothing. Preconditions: WIDTH is a power of two; loss.wgsl wrote the partial sums, LOSS_WIDTH rows each, and
// edge_norms.wgsl the moments of every chunk.

@group(1) @binding(0) var<storage, read> norms: array<vec4f>;            // [chunks][M][items]
@group(1) @binding(1) var<storage, read> parameters: array<f32>;
@group(1) @binding(2) var<storage, read> mask: array<f32>;
@group(1) @binding(3) var<storage, read_write> edges: array<vec4f>;      // [M][edges + inputs]: factor, mean, mask or std(x), norm
@group(1) @binding(4) var<storage, read_write> nodes: array<vec2f>;      // [M][outputs + inputs]: T, mean
@group(1) @binding(5) var<storage, read_write> partials: array<vec2f>;   // [M][partials]

var<workgroup> shared_sums: array<f32, WIDTH>;
var<workgroup> shared_active: u32;

fn edge_count() -> u32 {
  return layer.inputs * layer.outputs;
}

fn moments(m: u32, item: u32, count: u32) -> vec4f {
  let items = edge_count() + METRIC * (layer.inputs + 1u);
  let chunks = layer.partials / ((layer.rows + LOSS_WIDTH - 1u) / LOSS_WIDTH);
  var sum = norms[m * items + item];
  for (var chunk = 1u; chunk < chunks; chunk++) {
    sum = merge(sum, norms[(chunk * count + m) * items + item]);
  }
  return sum;
}

// The sum of all threads' values, in a fixed tree.
fn total(local: u32, value: f32) -> f32 {
  workgroupBarrier();
  shared_sums[local] = value;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_sums[local] += shared_sums[local + half];
    }
  }
  workgroupBarrier();
  return shared_sums[0];
}

fn deviation(squares: f32, denominator: f32) -> f32 {
  return select(0.0, sqrt(squares / denominator), denominator > 0.0);
}

// p log2(p + 1e-4), and its derivative by p.
fn share_entropy(p: f32) -> f32 {
  return p * log2(p + 1e-4);
}
fn share_slope(p: f32) -> f32 {
  return log2(p + 1e-4) + p * 1.4426950408889634 / (p + 1e-4);
}

// T and mean of a node: its norms lie `stride` apart from `first`. Returns - sum h(p).
fn settle_node(node: u32, first: u32, stride: u32, count: u32) -> f32 {
  var sum = 1.0;
  for (var n = 0u; n < count; n++) {
    sum += edges[first + n * stride].w;
  }
  var entropy = 0.0;
  var mean = 0.0;
  for (var n = 0u; n < count; n++) {
    let p = edges[first + n * stride].w / sum;
    entropy -= share_entropy(p);
    mean += p * share_slope(p);
  }
  nodes[node] = vec2f(sum, mean);
  return entropy;
}

// What a node adds to dS/dn of one of its norms.
fn node_slope(node: u32, norm: f32, count: u32) -> f32 {
  let own = nodes[node];
  return (own.y - share_slope(norm / own.x)) / (own.x * f32(count));
}

// C and D_C by their weights: mean over outputs, sum over inputs and bases.
fn coefficients(m: u32, local: u32) -> f32 {
  let first = m * layer.parameters_stride + layer.coef;
  let count = layer.bases * edge_count();
  var sum = 0.0;
  for (var c = local; c < count; c += WIDTH) {
    let value = parameters[first + c];
    sum += COEF * abs(value);
    if ((c / layer.outputs) % layer.bases > 0u) {
      sum += COEFDIFF * abs(value - parameters[first + c - layer.outputs]);
    }
  }
  return sum / f32(layer.outputs);
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  let count = edge_count();
  let own = m * (count + layer.inputs);
  let own_nodes = m * (layer.outputs + layer.inputs);
  let lambda = models[m].lambda;
  let weight = moments(m, 0u, workgroups.z).x;
  if (local == 0u) {
    shared_active = select(0u, 1u, lambda > 0.0 && weight > 0.0);
  }
  if (workgroupUniformLoad(&shared_active) == 0u) {
    for (var item = local; item < count + layer.inputs; item += WIDTH) {
      edges[own + item] = vec4f(0.0);
    }
    return;
  }

  var denominator = 0.0;
  if (METRIC == 1u) {
    denominator = weight - moments(m, count + layer.inputs, workgroups.z).y / weight;
    for (var i = local; i < layer.inputs; i += WIDTH) {
      let record = moments(m, count + i, workgroups.z);
      edges[own + count + i] = vec4f(0.0, record.z, deviation(record.w, denominator), 0.0);
    }
    storageBarrier();
  }
  var sum = 0.0;
  for (var e = local; e < count; e += WIDTH) {
    let record = moments(m, e, workgroups.z);
    var norm = record.y / weight;
    if (METRIC == 1u) {
      norm = deviation(record.w, denominator) / (edges[own + count + e / layer.outputs].z + 0.1);
    }
    edges[own + e] = vec4f(0.0, record.z, mask[m * layer.edges_stride + layer.edges + e], norm);
    sum += norm;
  }
  let size = total(local, sum);
  storageBarrier();

  var entropy = 0.0;
  if (METRIC == 1u) {
    for (var j = local; j < layer.outputs; j += WIDTH) {
      entropy += settle_node(own_nodes + j, own + j, layer.outputs, layer.inputs) / f32(layer.outputs);
    }
    for (var i = local; i < layer.inputs; i += WIDTH) {
      entropy += settle_node(own_nodes + layer.outputs + i, own + i * layer.outputs, 1u, layer.outputs)
        / f32(layer.inputs);
    }
  } else if (size >= 1e-12) {
    for (var e = local; e < count; e += WIDTH) {
      let p = edges[own + e].w / size;
      if (p > 0.0) {
        entropy -= p * log(p);
      }
    }
  }
  entropy = total(local, entropy);
  storageBarrier();

  for (var i = local; i < layer.inputs; i += WIDTH) {
    let input = edges[own + count + i];
    let divisor = denominator * (input.z + 0.1);
    var pull = 0.0;
    for (var j = 0u; j < layer.outputs; j++) {
      let e = own + i * layer.outputs + j;
      let record = edges[e];
      let norm = record.w;
      var slope = L1;
      if (METRIC == 1u) {
        slope += ENTROPY * (
          node_slope(own_nodes + j, norm, layer.outputs)
          + node_slope(own_nodes + layer.outputs + i, norm, layer.inputs)
        );
        pull += slope * norm;
        let own_deviation = norm * (input.z + 0.1);
        slope *= select(0.0, weight / (divisor * own_deviation), own_deviation > 0.0);
      } else if (norm > 0.0 && size >= 1e-12) {
        slope -= ENTROPY * (log(norm / size) + entropy) / size;
      }
      edges[e] = vec4f(lambda * slope, record.yzw);
    }
    edges[own + count + i].x = select(0.0, -lambda * weight * pull / (divisor * input.z), METRIC == 1u && input.z > 0.0);
  }
  let extra = total(local, coefficients(m, local));
  if (local == 0u) {
    partials[m * layer.partials].x += lambda * weight * (L1 * size + ENTROPY * entropy + extra);
  }
}
