// The segments of sorted_walk.wgsl, added in order, for reduce_gradient.wgsl. Rows with a place of n - k to n reach basis n:
// `starts` says which of the sorted rows those are, and so which segments have a sum for it. About one has.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> partial: array<Value>;        // [M][blocks][slots][inputs][outputs]
@group(1) @binding(2) var<storage, read> normaliser: array<f32>;     // [M]
@group(1) @binding(3) var<storage, read_write> gradient: array<Value>; // [M][P]
@group(1) @binding(4) var<storage, read> starts: array<u32>;         // [M][inputs][blocks][G + 1]

fn sum_partials(m: u32, n: u32, edge: u32, edges: u32) -> Value {
  let intervals = layer.bases - DEGREE;
  let blocks = (layer.rows + BLOCK - 1u) / BLOCK;
  let slots = layer.bases + (layer.slices - 1u) * ORDER + layer.slices;
  let i = edge / (layer.outputs / LANE);
  var sum = Value();
  for (var block = 0u; block < blocks; block++) {
    var begin = 0u;
    var end = min(BLOCK, layer.rows - block * BLOCK);
    var slot = (m * blocks + block) * slots + layer.bases + (layer.slices - 1u) * ORDER;
    var step = 1u;
    if (n < layer.bases) {
      let own = ((m * layer.inputs + i) * blocks + block) * (intervals + 1u);
      begin = starts[own + select(0u, n - DEGREE, n > DEGREE)];
      end = starts[own + min(n, intervals - 1u) + 1u];
      slot = (m * blocks + block) * slots + n;
      step = ORDER;
    }
    if (begin < end) {
      let last = (end - 1u) / layer.slice_rows;
      for (var segment = begin / layer.slice_rows; segment <= last; segment++) {
        sum += partial[(slot + segment * step) * edges + edge];
      }
    }
  }
  return sum;
}
