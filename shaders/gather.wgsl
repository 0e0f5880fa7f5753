// Copies the rows of a batch out of a data set.
//
//   batch row b = set row r(start + b);   rows at or beyond `size` get weight 0 and repeat the set's row 0
//   r = identity, or a seeded shuffle: a four-round Feistel network on 2h bits that walks its cycle until it
//   falls below the set's rows (src/engine/shuffle.ts holds the same arithmetic and the source)
//
// One thread a (row, column), columns being the inputs, the targets, and the weight. Where every model has rows of its own, sets and
// batches are [M][...], and the dispatch is M deep.
// Preconditions: TARGETS words of y a row; source_rows >= 1; 2^(2h) >= source_rows when h > 0.

@group(1) @binding(0) var<storage, read> set_x: array<f32>;             // [rows][inputs], or [M][rows][inputs]
@group(1) @binding(1) var<storage, read> set_y: array<f32>;             // [rows][TARGETS], ...
@group(1) @binding(2) var<storage, read> set_weights: array<f32>;       // [rows]
@group(1) @binding(3) var<storage, read_write> batch_x: array<f32>;     // [B][inputs]
@group(1) @binding(4) var<storage, read_write> batch_y: array<f32>;     // [B][TARGETS]
@group(1) @binding(5) var<storage, read_write> batch_weights: array<f32>; // [B]

// Finaliser of MurmurHash3.
fn mix_bits(word: u32) -> u32 {
  var value = word;
  value = (value ^ (value >> 16u)) * 0x85ebca6bu;
  value = (value ^ (value >> 13u)) * 0xc2b2ae35u;
  return value ^ (value >> 16u);
}

fn shuffled_row(position: u32) -> u32 {
  let h = step_now.half_bits;
  if (h == 0u) {
    return position;
  }
  let low = (1u << h) - 1u;
  var value = position;
  loop {
    var left = value >> h;
    var right = value & low;
    for (var r = 0u; r < 4u; r++) {
      let next = (left ^ mix_bits(right ^ step_now.keys[r])) & low;
      left = right;
      right = next;
    }
    value = (left << h) | right;
    if (value < step_now.source_rows) {
      break;
    }
  }
  return value;
}

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
    row = shuffled_row(step_now.start + b);
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
