// Records of bases (bases.wgsl) of WIDTH rows and TILE inputs a workgroup. Neighbouring threads own neighbouring rows of one
// input: they look into the same few local polynomials, where basis.wgsl's threads look into one of their own each. The records
// are put together in workgroup memory, and written in the order in which they lie.
//
// Precondition: WIDTH * ROW_WORDS <= 4096.

const ROW = TILE * RECORD;
// One word more than a row of the tile (and its places) has where that is even: threads then write to different banks.
const ROW_WORDS = (ROW + TILE) | 1u;

var<workgroup> tile: array<u32, WIDTH * ROW_WORDS>;
var<private> record: u32;

fn put(word: u32, value: f32) {
  tile[record + word] = bitcast<u32>(value);
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tiles = (layer.inputs + TILE - 1u) / TILE;
  let index = workgroup.y * workgroups.x + workgroup.x;
  let first_row = (index / tiles) * WIDTH;
  if (first_row >= layer.rows) {
    return;
  }
  let m = workgroup.z;
  let first_input = (index % tiles) * TILE;
  let inputs_here = min(TILE, layer.inputs - first_input);
  let b = first_row + local;
  if (b < layer.rows) {
    for (var t = 0u; t < inputs_here; t++) {
      record = local * ROW_WORDS + t * RECORD;
      tile[local * ROW_WORDS + ROW + t] = put_record(m, b, first_input + t);
    }
  }
  workgroupBarrier();

  let rows_here = min(WIDTH, layer.rows - first_row);
  let first = (m * layer.rows + first_row) * layer.inputs + first_input;
  // Divisors are constants: what lies beyond the last input is skipped.
  for (var s = local; s < rows_here * ROW; s += WIDTH) {
    let row = s / ROW;
    let word = s % ROW;
    if (word < inputs_here * RECORD) {
      basis[(first + row * layer.inputs) * RECORD + word] = bitcast<f32>(tile[row * ROW_WORDS + word]);
    }
  }
  for (var s = local; s < rows_here * TILE; s += WIDTH) {
    let row = s / TILE;
    let t = s % TILE;
    if (t < inputs_here) {
      places[first + row * layer.inputs + t] = tile[row * ROW_WORDS + ROW + t];
    }
  }
}
