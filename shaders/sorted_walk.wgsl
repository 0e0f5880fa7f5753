// Walks the sorted rows of a segment, and keeps the k + 1 sums that rows can still change in registers: what
// backward_coef_sorted.wgsl and penalty_coef_sorted.wgsl share. They say what a row adds, and how a sum is put away:
//
//   start_edge(m, edge)          whether the edge adds anything
//   upstream(m, b, i, place, edge)   g, which the row's bases are multiplied by
//   put(at, sum)                 a finished sum into partial[at]
//
//   slot n + segment * ORDER                     = sum over the segment's rows of g B_n(x),  for every basis n that they reach
//   slot bases + (segments - 1) ORDER + segment  = sum over the segment's rows of g b(x)
//
// A block of BLOCK rows is cut into layer.slices segments of layer.slice_rows sorted rows. Segments share at most k bases with
// the next, so that their slots never meet: `bases + (segments - 1) ORDER + segments` slots hold a block, and a coefficient is
// written about once however many segments there are. sorted_sum.wgsl knows from `starts` which slots were written.
//
// A thread owns a Value of an edge: neighbouring threads own neighbouring outputs of one input, walk the same rows and read the
// same bases. Precondition: sort_rows.wgsl ran on the same rows, with the same BLOCK.
//
// AHEAD, 1 or 4, rows are loaded before the first of them is added, so that their loads overlap. There are no arrays: software
// adapters keep those in memory, and look every element up.

// BLOCK is a power of two (sort_rows.wgsl), and software adapters divide by it as by anything else.
const BLOCK_BITS = firstTrailingBit(BLOCK);

// What a row adds: its bases two by two, those beyond ORDER 0.
struct Row {
  place: u32,
  upstream: Value,
  base: f32,
  first: vec2f,
  second: vec2f,
  third: vec2f,
}

// Where the walk is.
var<private> m: u32;
var<private> i: u32;
var<private> edge: u32;
// The block's first row, the sorted rows' beginning, and where the place's sum goes, before `place` itself.
var<private> first_row: u32;
var<private> sorted: u32;
var<private> slot: u32;
var<private> edge_count: u32;
var<private> place: u32;
// The sums of the bases from `place` on; those beyond ORDER stay 0.
var<private> sum_0: Value;
var<private> sum_1: Value;
var<private> sum_2: Value;
var<private> sum_3: Value;
var<private> sum_4: Value;
var<private> sum_5: Value;
var<private> base_sum: Value;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  m = workgroup.z;
  edge_count = layer.inputs * (layer.outputs / LANE);
  // A dispatch has at most 65535 workgroups in x: a layer with more edges goes round again.
  let stride = workgroups.x * WIDTH;
  for (edge = workgroup.x * WIDTH + local; edge < edge_count; edge += stride) {
    walk(workgroup.y / layer.slices, workgroup.y % layer.slices);
  }
}

fn walk(block: u32, segment: u32) {
  first_row = block * BLOCK;
  let begin = segment * layer.slice_rows;
  let end = min(min(BLOCK, layer.rows - first_row), begin + layer.slice_rows);
  if (begin >= end || !start_edge(m, edge)) {
    return;
  }
  i = edge / (layer.outputs / LANE);
  sorted = (m * layer.inputs + i) * layer.rows + first_row;
  let blocks = (layer.rows + BLOCK - 1u) / BLOCK;
  let slots = layer.bases + (layer.slices - 1u) * ORDER + layer.slices;
  let own = (m * blocks + block) * slots;
  slot = own + segment * ORDER;
  place = order[sorted + begin] >> BLOCK_BITS;
  sum_0 = Value();
  sum_1 = Value();
  sum_2 = Value();
  sum_3 = Value();
  sum_4 = Value();
  sum_5 = Value();
  base_sum = Value();
  let last = end - 1u;
  for (var t = begin; t < end; t += AHEAD) {
    let row = load(t);
    if (AHEAD == 4u) {
      let row_1 = load(min(t + 1u, last));
      let row_2 = load(min(t + 2u, last));
      let row_3 = load(min(t + 3u, last));
      add(row);
      if (t + 1u < end) {
        add(row_1);
      }
      if (t + 2u < end) {
        add(row_2);
      }
      if (t + 3u < end) {
        add(row_3);
      }
    } else {
      add(row);
    }
  }
  for (var r = 0u; r < ORDER; r++) {
    put_first();
  }
  put((own + layer.bases + (layer.slices - 1u) * ORDER + segment) * edge_count + edge, base_sum);
}

fn load(t: u32) -> Row {
  let key = order[sorted + t];
  let b = first_row + (key & (BLOCK - 1u));
  let record = ((m * layer.rows + b) * layer.inputs + i) * PAIRS;
  var second = vec2f();
  var third = vec2f();
  if (ORDER > 2u) {
    second = basis[record + 2u];
  }
  if (ORDER > 4u) {
    third = basis[record + 3u];
  }
  let to = key >> BLOCK_BITS;
  return Row(to, upstream(m, b, i, to, edge), basis[record].x, basis[record + 1u], second, third);
}

fn add(row: Row) {
  let moved = min(row.place - place, ORDER);
  if (moved > 0u) {
    for (var s = 0u; s < moved; s++) {
      put_first();
    }
    place = row.place;
  }
  base_sum += row.upstream * row.base;
  sum_0 += row.upstream * row.first.x;
  sum_1 += row.upstream * row.first.y;
  if (ORDER > 2u) {
    sum_2 += row.upstream * row.second.x;
  }
  // The word after an odd number of values is a slope.
  if (ORDER > 3u) {
    sum_3 += row.upstream * row.second.y;
  }
  if (ORDER > 4u) {
    sum_4 += row.upstream * row.third.x;
  }
  if (ORDER > 5u) {
    sum_5 += row.upstream * row.third.y;
  }
}

// Puts the sum of basis `place` away: no later row reaches it.
fn put_first() {
  put((slot + place) * edge_count + edge, sum_0);
  place++;
  sum_0 = sum_1;
  sum_1 = sum_2;
  sum_2 = sum_3;
  sum_3 = sum_4;
  sum_4 = sum_5;
  sum_5 = Value();
}
