// The gradient by a layer's inputs, as backward_input.wgsl: LANES neighbouring threads share the outputs of a row, so that they
// read neighbouring coefficients, and each owns ROWS rows. A workgroup takes WIDTH / LANES * ROWS rows and TILE inputs.
//
//   each thread   sum over its outputs of
//                 g_bj * ( scale_base_ij b'(x_bi) + scale_spline_ij sum_r B'_r(x_bi) coef[i, place_bi + r, j] )
//   then          the sums of a row's LANES threads are added in order, out of workgroup memory
//
// Preconditions: basis.wgsl ran on the same rows; LANES is a power of two of at most WIDTH = 64; ROWS * TILE <= 32.

@group(1) @binding(0) var<storage, read> parameters: array<Value>;
@group(1) @binding(1) var<storage, read> mask: array<Value>;
@group(1) @binding(2) var<storage, read> basis: array<f32>;
@group(1) @binding(3) var<storage, read> places: array<u32>;
@group(1) @binding(4) var<storage, read> gradient_out: array<Value>;    // [M][B][outputs]
@group(1) @binding(5) var<storage, read_write> gradient_in: array<f32>; // [M][B][inputs]

const RECORD = 2u + 2u * ORDER;
const GROUPS = WIDTH / LANES;
// One word more than threads: the sums of a row are then read from different banks.
const STRIDE = LANES + 1u;

// [GROUPS][ROWS][TILE][STRIDE]
var<workgroup> shared_sums: array<f32, GROUPS * ROWS * TILE * STRIDE>;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  let values = layer.outputs / LANE;
  let tiles = (layer.inputs + TILE - 1u) / TILE;
  let index = workgroup.y * workgroups.x + workgroup.x;
  let first_row = (index / tiles) * (GROUPS * ROWS);
  if (first_row >= layer.rows) {
    return;
  }
  let first_input = (index % tiles) * TILE;
  let tile = min(TILE, layer.inputs - first_input);
  let group = local / LANES;
  let lane = local % LANES;
  let own = m * layer.parameters_stride;
  if (lane >= values) {
    for (var s = 0u; s < ROWS * TILE; s++) {
      shared_sums[(group * ROWS * TILE + s) * STRIDE + lane] = 0.0;
    }
  }
  var rows: array<u32, ROWS>;
  for (var r = 0u; r < ROWS; r++) {
    // Past the end the last row is read again, and not written.
    rows[r] = m * layer.rows + min(first_row + group * ROWS + r, layer.rows - 1u);
  }
  for (var j = lane; j < values; j += LANES) {
    let node_scale = parameters[(own + layer.node_scale) / LANE + j];
    var upstream: array<Value, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
      upstream[r] = gradient_out[rows[r] * values + j] * node_scale;
    }
    for (var t = 0u; t < tile; t++) {
      let i = first_input + t;
      let edge = i * values + j;
      let on = mask[(m * layer.edges_stride + layer.edges) / LANE + edge];
      let base_scale = on * parameters[(own + layer.scale_base) / LANE + edge];
      let spline_scale = on * parameters[(own + layer.scale_spline) / LANE + edge];
      for (var r = 0u; r < ROWS; r++) {
        let input = rows[r] * layer.inputs + i;
        let record = input * RECORD;
        let coef = (own + layer.coef) / LANE + (i * layer.bases + places[input]) * values + j;
        var spline = Value(0.0);
        for (var n = 0u; n < ORDER; n++) {
          spline += basis[record + 2u + ORDER + n] * parameters[coef + n * values];
        }
        let sum = total(upstream[r] * (base_scale * basis[record + 1u] + spline_scale * spline));
        let slot = ((group * ROWS + r) * TILE + t) * STRIDE + lane;
        if (j < LANES) {
          shared_sums[slot] = sum;
        } else {
          shared_sums[slot] += sum;
        }
      }
    }
  }
  workgroupBarrier();

  for (var s = local; s < GROUPS * ROWS * TILE; s += WIDTH) {
    let b = first_row + s / TILE;
    let t = s % TILE;
    if (b < layer.rows && t < tile) {
      var sum = 0.0;
      for (var other = 0u; other < LANES; other++) {
        sum += shared_sums[s * STRIDE + other];
      }
      gradient_in[(m * layer.rows + b) * layer.inputs + first_input + t] = sum;
    }
  }
}
