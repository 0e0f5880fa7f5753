// Sorts the rows of a block by the place of their bases, for every input: what sort_rows.wgsl does, to the same bits, by a thread
// alone. For adapters with few threads and dear barriers.
//
//   order[m, i, first + t] = place * BLOCK + (b - first),   t = 0 .. rows of the block,   ascending: ties in the order of rows
//   starts[m, i, block, p] = how many rows of the block have a place below p,   p = 0 .. G
//
// A counting sort (Knuth, "The art of computer programming" 3, 5.2, algorithm D) whose counters are the starts: those of place p
// are counted two further on, so that after they were added up, starts[p + 1] is where place p begins; each row moves it on by
// one, to where the next place begins. A thread an (input, block). Preconditions: basis.wgsl ran on the same rows;
// G * BLOCK < 2^32.

@group(1) @binding(0) var<storage, read> places: array<u32>;       // [M][B][inputs]
@group(1) @binding(1) var<storage, read_write> order: array<u32>;  // [M][inputs][B]
@group(1) @binding(2) var<storage, read_write> starts: array<u32>; // [M][inputs][blocks][G + 1]

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let blocks = (layer.rows + BLOCK - 1u) / BLOCK;
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.inputs * blocks) {
    return;
  }
  let m = workgroup.z;
  let i = index % layer.inputs;
  let block = index / layer.inputs;
  let first = block * BLOCK;
  let rows = min(BLOCK, layer.rows - first);
  let first_place = (m * layer.rows + first) * layer.inputs + i;
  let own = m * layer.inputs + i;
  let intervals = layer.bases - DEGREE;
  let start = (own * blocks + block) * (intervals + 1u);
  for (var p = 0u; p <= intervals; p++) {
    starts[start + p] = 0u;
  }
  for (var t = 0u; t < rows; t++) {
    let place = places[first_place + t * layer.inputs];
    if (place + 2u <= intervals) {
      starts[start + place + 2u]++;
    }
  }
  var begin = 0u;
  for (var p = 2u; p <= intervals; p++) {
    begin += starts[start + p];
    starts[start + p] = begin;
  }
  for (var t = 0u; t < rows; t++) {
    let place = places[first_place + t * layer.inputs];
    let at = starts[start + place + 1u];
    starts[start + place + 1u] = at + 1u;
    order[own * layer.rows + first + at] = place * BLOCK + t;
  }
}
