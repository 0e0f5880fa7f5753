// Sorts the rows of a block by the place of their bases, for every input: what backward_coef_sorted.wgsl walks, shared by all
// outputs.
//
//   order[m, i, first + t] = place * BLOCK + (b - first),   t = 0 .. rows of the block,   ascending: ties in the order of rows
//   starts[m, i, block, p] = how many rows of the block have a place below p,   p = 0 .. G
//
// Stable radix sort with digits of 4 bits (Knuth, "The art of computer programming" 3, 5.2.5): a thread owns neighbouring rows
// and a column of 16 counters, and the counters are scanned digit by digit, so that the order does not depend on timing.
// log2(G) / 4 rounds: one up to G = 16, two up to 256.
// A workgroup an (input, block). Preconditions: WIDTH = 64; BLOCK a power of two, a multiple of WIDTH, at most 1024; basis.wgsl
// ran on the same rows; G * BLOCK < 2^32.

@group(1) @binding(0) var<storage, read> places: array<u32>;       // [M][B][inputs]
@group(1) @binding(1) var<storage, read_write> order: array<u32>;  // [M][inputs][B]
@group(1) @binding(2) var<storage, read_write> starts: array<u32>; // [M][inputs][blocks][G + 1]

const DIGITS = 16u;

// Two halves: each round reads one and writes the other.
var<workgroup> keys: array<u32, 2u * BLOCK>;
// Digit d of thread t is counter d * WIDTH + t; a thread scans DIGITS neighbours. See slot().
var<workgroup> counters: array<u32, (DIGITS + 1u) * WIDTH>;
var<workgroup> totals: array<u32, WIDTH>;

// Where a counter lies: a word is left out after every DIGITS, so that scanning threads hit different banks.
fn slot(counter: u32) -> u32 {
  return counter + counter / DIGITS;
}

// What all threads before this one counted.
fn sum_before(local: u32, own: u32) -> u32 {
  totals[local] = own;
  for (var reach = 1u; reach < WIDTH; reach *= 2u) {
    workgroupBarrier();
    var sum = totals[local];
    if (local >= reach) {
      sum += totals[local - reach];
    }
    workgroupBarrier();
    totals[local] = sum;
  }
  return totals[local] - own;
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let blocks = (layer.rows + BLOCK - 1u) / BLOCK;
  let index = workgroup.y * workgroups.x + workgroup.x;
  if (index >= layer.inputs * blocks) {
    return;
  }
  let m = workgroup.z;
  let i = index % layer.inputs;
  let block = index / layer.inputs;
  let first = block * BLOCK;
  let rows = min(BLOCK, layer.rows - first);
  for (var t = local; t < rows; t += WIDTH) {
    keys[t] = places[(m * layer.rows + first + t) * layer.inputs + i] * BLOCK + t;
  }
  workgroupBarrier();

  let intervals = layer.bases - DEGREE;
  let own_rows = (rows + WIDTH - 1u) / WIDTH;
  let begin = min(rows, local * own_rows);
  let end = min(rows, begin + own_rows);
  var from_half = 0u;
  for (var shift = 0u; ((intervals - 1u) >> shift) > 0u; shift += 4u) {
    for (var d = 0u; d < DIGITS; d++) {
      counters[slot(d * WIDTH + local)] = 0u;
    }
    for (var t = begin; t < end; t++) {
      let d = ((keys[from_half + t] / BLOCK) >> shift) % DIGITS;
      counters[slot(d * WIDTH + local)]++;
    }
    workgroupBarrier();
    var sum = 0u;
    for (var c = local * DIGITS; c < (local + 1u) * DIGITS; c++) {
      sum += counters[slot(c)];
    }
    var position = sum_before(local, sum);
    for (var c = local * DIGITS; c < (local + 1u) * DIGITS; c++) {
      let count = counters[slot(c)];
      counters[slot(c)] = position;
      position += count;
    }
    workgroupBarrier();
    let to_half = BLOCK - from_half;
    for (var t = begin; t < end; t++) {
      let key = keys[from_half + t];
      let d = ((key / BLOCK) >> shift) % DIGITS;
      let at = slot(d * WIDTH + local);
      keys[to_half + counters[at]] = key;
      counters[at]++;
    }
    workgroupBarrier();
    from_half = to_half;
  }

  let own = m * layer.inputs + i;
  for (var t = local; t < rows; t += WIDTH) {
    order[own * layer.rows + first + t] = keys[from_half + t];
  }
  for (var p = local; p <= intervals; p += WIDTH) {
    var low = 0u;
    var high = rows;
    while (low < high) {
      let middle = (low + high) / 2u;
      if (keys[from_half + middle] / BLOCK < p) {
        low = middle + 1u;
      } else {
        high = middle;
      }
    }
    starts[(own * blocks + block) * (intervals + 1u) + p] = low;
  }
}
