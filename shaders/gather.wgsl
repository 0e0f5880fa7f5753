// Copies the rows of a batch out of a data set.
//
//   batch row b = set row r(start + b);   rows at or beyond `size` get weight 0 and repeat the set's row 0
//   r = identity, or a seeded shuffle: shuffle.wgsl, which stands before this
//
// One thread a (row, column), columns being the inputs, the targets, and the weight. Where every model has rows of its own, sets and
// batches are [M][...], and the dispatch is M deep.
// Preconditions: TARGETS words of y a row; source_rows >= 1.

@group(1) @binding(0) var<storage, read> set_x: array<f32>;             // [rows][inputs], or [M][rows][inputs]
@group(1) @binding(1) var<storage, read> set_y: array<f32>;             // [rows][TARGETS], ...
@group(1) @binding(2) var<storage, read> set_weights: array<f32>;       // [rows]
@group(1) @binding(3) var<storage, read_write> batch_x: array<f32>;     // [B][inputs]
@group(1) @binding(4) var<storage, read_write> batch_y: array<f32>;     // [B][TARGETS]
@group(1) @binding(5) var<storage, read_write> batch_weights: array<f32>; // [B]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let columns = layer.inputs + TARGETS + 1u;
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.rows * columns) {
    return;
  }
  let b = index / columns;
  let column = index % columns;
  let counts = b < step_now.size;
  var row = 0u;
  if (counts) {
    row = shuffled_row(step_now.start + b, step_now.half_bits, step_now.keys, step_now.source_rows);
  }
  let source = workgroup.z * step_now.source_rows + row;
  let goal = workgroup.z * layer.rows + b;
  if (column < layer.inputs) {
    batch_x[goal * layer.inputs + column] = set_x[source * layer.inputs + column];
  } else if (column < layer.inputs + TARGETS) {
    let target_column = column - layer.inputs;
    batch_y[goal * TARGETS + target_column] = set_y[source * TARGETS + target_column];
  } else {
    batch_weights[goal] = select(0.0, set_weights[source], counts);
  }
}
