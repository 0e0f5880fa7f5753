// The k + 1 B-splines that are not zero at a point, their slopes, and the base function: what basis.wgsl and basis_tile.wgsl
// share.
//
//   x      = previous_node_scale * sum + previous_node_bias     (the network's inputs are taken as they are)
//   s      : t_s <= x < t_(s+1), by bisection over the G + 2k + 1 knots of the input; none outside: all values 0
//   u      = (x - t_s) * 2 / (t_(s+1) - t_s) - 1, in [-1, 1): x - t_s is nearly exact in float32, a stored centre is not
//   B_r(x) = sum_p piece[s][r][p] u^p                            (Horner; no divisions; made on the host in float64)
//   b(x)   : base_function.wgsl, which stands before this
//
// piece rows start at the first basis that exists, clamp(s - k, 0, G - 1), so that readers never leave the coefficients.
// Each kernel says where a word of a record goes: put(word, value).
// Preconditions: knots strictly increasing in float32; PIECE = 1 + ORDER^2 words an interval.

@group(1) @binding(0) var<storage, read> parameters: array<f32>;
@group(1) @binding(1) var<storage, read> knots: array<f32>;   // [M][...][inputs][knots_per_input]
@group(1) @binding(2) var<storage, read> pieces: array<f32>;  // [M][...][inputs][G + 2k][PIECE]: 2 / step, then [ORDER][ORDER]
@group(1) @binding(3) var<storage, read> inputs: array<f32>;  // [M][B][inputs], or [B][inputs]
@group(1) @binding(4) var<storage, read_write> basis: array<f32>;
@group(1) @binding(5) var<storage, read_write> places: array<u32>;

const PIECE = 1u + ORDER * ORDER;
const RECORD = 2u + 2u * ORDER;

// Puts the record of input i in row b; returns its place.
fn put_record(m: u32, b: u32, i: u32) -> u32 {
  var x = inputs[m * layer.input_stride + b * layer.inputs + i];
  if (layer.previous_node_scale != NONE) {
    let own = m * layer.parameters_stride;
    x = parameters[own + layer.previous_node_scale + i] * x + parameters[own + layer.previous_node_bias + i];
  }
  let base = base_function(x);
  put(0u, base.x);
  put(1u, base.y);

  let first_knot = m * layer.knots_stride + layer.knots + i * layer.knots_per_input;
  var low = 0u;
  var high = layer.knots_per_input - 1u;
  if (!(x >= knots[first_knot] && x < knots[first_knot + high])) {
    for (var r = 2u; r < RECORD; r++) {
      put(r, 0.0);
    }
    return 0u;
  }
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (x >= knots[first_knot + middle]) {
      low = middle;
    } else {
      high = middle;
    }
  }

  let intervals = layer.knots_per_input - 1u;
  let piece = m * layer.pieces_stride + layer.pieces + (i * intervals + low) * PIECE;
  let inverse_half_width = pieces[piece];
  let u = (x - knots[first_knot + low]) * inverse_half_width - 1.0;
  for (var r = 0u; r < ORDER; r++) {
    let row = piece + 1u + r * ORDER;
    var value = pieces[row + DEGREE];
    var slope = 0.0;
    for (var p = i32(DEGREE) - 1; p >= 0; p--) {
      slope = slope * u + value;
      value = value * u + pieces[row + u32(p)];
    }
    put(2u + r, value);
    put(2u + ORDER + r, slope * inverse_half_width);
  }
  return u32(clamp(i32(low) - i32(DEGREE), 0, i32(layer.bases - ORDER)));
}
