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

// Rows that are loaded before the first of them is added, so that their loads overlap.
const AHEAD = 4u;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let edges = layer.inputs * (layer.outputs / LANE);
  // A dispatch has at most 65535 workgroups in x: a layer with more edges goes round again.
  let stride = workgroups.x * WIDTH;
  for (var edge = workgroup.x * WIDTH + local; edge < edges; edge += stride) {
    walk(workgroup.z, workgroup.y / layer.slices, workgroup.y % layer.slices, edge, edges);
  }
}

fn walk(m: u32, block: u32, segment: u32, edge: u32, edges: u32) {
  let first = block * BLOCK;
  let begin = segment * layer.slice_rows;
  let end = min(min(BLOCK, layer.rows - first), begin + layer.slice_rows);
  if (begin >= end || !start_edge(m, edge)) {
    return;
  }
  let i = edge / (layer.outputs / LANE);
  let rows = (m * layer.inputs + i) * layer.rows + first;
  let blocks = (layer.rows + BLOCK - 1u) / BLOCK;
  let slots = layer.bases + (layer.slices - 1u) * ORDER + layer.slices;
  let own = (m * blocks + block) * slots;
  var sums: array<Value, ORDER>;
  var base_sum = Value(0.0);
  var place = order[rows + begin] / BLOCK;
  for (var t = begin; t < end; t += AHEAD) {
    var places_ahead: array<u32, AHEAD>;
    var gradients: array<Value, AHEAD>;
    var bases: array<array<f32, ORDER>, AHEAD>;
    for (var a = 0u; a < AHEAD; a++) {
      let key = order[rows + min(t + a, end - 1u)];
      let b = first + key % BLOCK;
      let record = ((m * layer.rows + b) * layer.inputs + i) * PAIRS;
      places_ahead[a] = key / BLOCK;
      let g = upstream(m, b, i, places_ahead[a], edge);
      gradients[a] = select(Value(0.0), g, t + a < end);
      base_sum += gradients[a] * basis[record].x;
      for (var pair = 0u; pair < WHOLE_PAIRS; pair++) {
        let both = basis[record + 1u + pair];
        bases[a][2u * pair] = both.x;
        bases[a][2u * pair + 1u] = both.y;
      }
      if (ODD) {
        bases[a][DEGREE] = basis[record + 1u + WHOLE_PAIRS].x;
      }
    }
    for (var a = 0u; a < AHEAD; a++) {
      let moved = min(places_ahead[a] - place, ORDER);
      for (var s = 0u; s < moved; s++) {
        put((own + place + s + segment * ORDER) * edges + edge, sums[0]);
        for (var r = 0u; r < DEGREE; r++) {
          sums[r] = sums[r + 1u];
        }
        sums[DEGREE] = Value(0.0);
      }
      place = places_ahead[a];
      for (var r = 0u; r < ORDER; r++) {
        sums[r] += gradients[a] * bases[a][r];
      }
    }
  }
  for (var r = 0u; r < ORDER; r++) {
    put((own + place + r + segment * ORDER) * edges + edge, sums[r]);
  }
  put((own + layer.bases + (layer.slices - 1u) * ORDER + segment) * edges + edge, base_sum);
}
