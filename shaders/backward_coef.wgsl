// The layer's spline and base gradients over one slice of the batch. WGSL has no float atomics, so a thread owns an edge (i, j)
// and keeps its sums in its own column of workgroup memory; reduce_gradient.wgsl adds the slices in a fixed order.
//
//   partial[n, i, j]     = sum_b g_bj B_n(x_bi),   n = 0 .. G + k - 1
//   partial[G + k, i, j] = sum_b g_bj b(x_bi)
//   g_bj = mask_ij * node_scale_j * dL/dx[l+1, b, j]
//
// Only k + 1 sums change a row. TILE sums fit a column; larger G takes several tiles of bases (workgroup.y), which read the
// batch once each. Preconditions: TILE * WIDTH * 4 <= 16384; basis.wgsl ran on the same rows.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> mask: array<f32>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> gradient: array<f32>;       // [M][B][outputs], by the layer's outputs
@group(1) @binding(5) var<storage, read_write> partial: array<f32>;  // [M][slices][bases + 1][inputs][outputs]

const RECORD = 2u + 2u * ORDER;

// Column `local`, row n at [n * WIDTH + local]: neighbouring threads hit neighbouring banks.
var<workgroup> columns: array<f32, TILE * WIDTH>;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let slice = workgroup.y % layer.slices;
  let first_basis = (workgroup.y / layer.slices) * TILE;
  // A dispatch has at most 65535 workgroups in x: a layer with more edges goes round again.
  let stride = workgroups.x * WIDTH;
  for (var edge = workgroup.x * WIDTH + local; edge < layer.inputs * layer.outputs; edge += stride) {
    sum_edge(workgroup.z, slice, first_basis, edge, local);
  }
}

fn sum_edge(m: u32, slice: u32, first_basis: u32, edge: u32, local: u32) {
  let edges = layer.inputs * layer.outputs;
  let i = edge / layer.outputs;
  let j = edge % layer.outputs;
  for (var n = 0u; n < TILE; n++) {
    columns[n * WIDTH + local] = 0.0;
  }
  var base_sum = 0.0;
  let end = min(layer.rows, (slice + 1u) * layer.slice_rows);
  for (var b = slice * layer.slice_rows; b < end; b++) {
    let g = gradient[(m * layer.rows + b) * layer.outputs + j];
    let input = (m * layer.rows + b) * layer.inputs + i;
    let record = input * RECORD;
    base_sum += g * basis[record];
    let place = places[input];
    for (var r = 0u; r < ORDER; r++) {
      // Below the tile the difference wraps to a large number.
      let n = place + r - first_basis;
      if (n < TILE) {
        columns[n * WIDTH + local] += g * basis[record + 2u + r];
      }
    }
  }
  let factor = mask[m * layer.edges_stride + layer.edges + edge]
    * parameters[m * layer.parameters_stride + layer.node_scale + j];
  let first = (m * layer.slices + slice) * (layer.bases + 1u);
  let last_basis = min(layer.bases, first_basis + TILE);
  for (var n = first_basis; n < last_basis; n++) {
    partial[(first + n) * edges + edge] = factor * columns[(n - first_basis) * WIDTH + local];
  }
  if (first_basis == 0u) {
    partial[(first + layer.bases) * edges + edge] = factor * base_sum;
  }
}
