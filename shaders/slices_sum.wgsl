// The slices of backward_coef.wgsl, added in order, for reduce_gradient.wgsl.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> partial: array<Value>;        // [M][slices][bases + 1][inputs][outputs]
@group(1) @binding(2) var<storage, read> normaliser: array<f32>;     // [M]
@group(1) @binding(3) var<storage, read_write> gradient: array<Value>; // [M][P]

fn sum_partials(m: u32, n: u32, edge: u32, edges: u32) -> Value {
  var sum = Value();
  for (var slice = 0u; slice < layer.slices; slice++) {
    sum += partial[((m * layer.slices + slice) * (layer.bases + 1u) + n) * edges + edge];
  }
  return sum;
}
