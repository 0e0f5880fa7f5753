// The layer's spline and base gradients over segments of sorted rows (sorted_walk.wgsl), as backward_coef.wgsl over slices.
//
//   g_bj = mask_ij * node_scale_j * dL/dx[l+1, b, j]
//
// Cost a row and edge: a load of the gradient, k + 2 additions, and k + 2 loads of bases that all outputs of the input share;
// whatever G is.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> mask: array<Value>;
@group(1) @binding(3) var<storage, read> order: array<u32>;
@group(1) @binding(4) var<storage, read> gradient: array<Value>;       // [M][B][outputs], by the layer's outputs
@group(1) @binding(5) var<storage, read_write> partial: array<Value>;  // [M][blocks][slots][inputs][outputs]

var<private> factor: Value;
var<private> values: u32;
var<private> j: u32;

fn start_edge(m: u32, edge: u32) -> bool {
  values = layer.outputs / LANE;
  j = edge % values;
  factor = times(
    mask[(m * layer.edges_stride + layer.edges) / LANE + edge],
    parameters[(m * layer.parameters_stride + layer.node_scale) / LANE + j],
  );
  return true;
}

fn upstream(m: u32, b: u32, _i: u32, _place: u32, _edge: u32) -> Value {
  return gradient[(m * layer.rows + b) * values + j];
}

fn put(at: u32, sum: Value) {
  partial[at] = times(factor, sum);
}
