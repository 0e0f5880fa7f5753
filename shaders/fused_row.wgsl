// One row through the whole network and back, by one thread, without a barrier: activations are the thread's own.
//
//   forward   the formulas of basis.wgsl and forward.wgsl, input by input: the k + 1 values of an input stay in registers while
//             they are added to every output
//   loss      loss.wgsl
//   backward  backward_input.wgsl; gradients by the nodes stay in scratch for fused_gradient.wgsl

const PIECE = 1u + ORDER * ORDER;

var<private> nodes: array<f32, MOST_NODES>;  // a layer's inputs, then its outputs
var<private> sums: array<f32, MOST_NODES>;   // its sums; on the way back, gradients by its outputs

struct Basis {
  place: u32,
  base: vec2f,  // value, slope
  values: array<f32, ORDER>,
  slopes: array<f32, ORDER>,
}

// A word of knots or polynomials. Their records are 1 + ORDER^2 words apart: neighbouring intervals lie in different banks.
fn curve_word(at: u32) -> f32 {
  if (HOLDS_CURVES == 1u) {
    return held[at];
  }
  return constants[at];
}

fn basis_at(m: u32, l: u32, i: u32, x: f32) -> Basis {
  var basis: Basis;
  basis.base = base_function(x);
  let knots_per_input = fused.layers[l].knots_per_input;
  let own_knots = select(fused.knots + m * fused.knots_stride, fused.held_knots, HOLDS_CURVES == 1u);
  let first_knot = own_knots + fused.layers[l].knots + i * knots_per_input;
  let intervals = knots_per_input - 1u;
  if (!(x >= curve_word(first_knot) && x < curve_word(first_knot + intervals))) {
    return basis;
  }
  var low = 0u;
  var high = intervals;
  while (high - low > 1u) {
    let middle = (low + high) / 2u;
    if (x >= curve_word(first_knot + middle)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  let own_pieces = select(fused.pieces + m * fused.pieces_stride, fused.held_pieces, HOLDS_CURVES == 1u);
  let piece = own_pieces + fused.layers[l].pieces + (i * intervals + low) * PIECE;
  let inverse_half_width = curve_word(piece);
  let u = (x - curve_word(first_knot + low)) * inverse_half_width - 1.0;
  for (var r = 0u; r < ORDER; r++) {
    let row = piece + 1u + r * ORDER;
    var value = curve_word(row + DEGREE);
    var slope = 0.0;
    for (var p = i32(DEGREE) - 1; p >= 0; p--) {
      slope = slope * u + value;
      value = value * u + curve_word(row + u32(p));
    }
    basis.values[r] = value;
    basis.slopes[r] = slope * inverse_half_width;
  }
  basis.place = u32(clamp(i32(low) - i32(DEGREE), 0, i32(fused.layers[l].bases - ORDER)));
  return basis;
}

// Leaves the network's outputs in `nodes`. `at`: word of the row's first element in scratch, if `keeps`.
fn forward_row(m: u32, x_row: u32, at: u32, keeps: bool) {
  let stride = fused.tile_rows;
  for (var i = 0u; i < fused.layers[0].inputs; i++) {
    nodes[i] = constants[x_row + i];
  }
  for (var l = 0u; l < fused.layer_count; l++) {
    let outputs = fused.layers[l].outputs;
    let own_mask = fused.held_mask + fused.layers[l].mask;
    for (var j = 0u; j < outputs; j++) {
      sums[j] = 0.0;
    }
    for (var i = 0u; i < fused.layers[l].inputs; i++) {
      let basis = basis_at(m, l, i, nodes[i]);
      let first = fused.layers[l].coef + (i * fused.layers[l].bases + basis.place) * outputs;
      for (var j = 0u; j < outputs; j++) {
        let edge = i * outputs + j;
        var spline = 0.0;
        for (var r = 0u; r < ORDER; r++) {
          spline += basis.values[r] * held[first + r * outputs + j];
        }
        sums[j] += held[own_mask + edge] * (
          held[fused.layers[l].scale_base + edge] * basis.base.x
          + held[fused.layers[l].scale_spline + edge] * spline
        );
      }
      if (keeps) {
        let record = at + (fused.layers[l].records + i * fused.layers[l].record) * stride;
        scratch[record] = bitcast<f32>(basis.place);
        scratch[record + stride] = basis.base.x;
        for (var r = 0u; r < ORDER; r++) {
          scratch[record + (2u + r) * stride] = basis.values[r];
        }
        if (l > 0u) {
          scratch[record + (2u + ORDER) * stride] = basis.base.y;
          for (var r = 0u; r < ORDER; r++) {
            scratch[record + (3u + ORDER + r) * stride] = basis.slopes[r];
          }
        }
      }
    }
    for (var j = 0u; j < outputs; j++) {
      nodes[j] = held[fused.layers[l].node_scale + j] * sums[j] + held[fused.layers[l].node_bias + j];
      if (keeps && trains(TRAINS_NODE_SCALE)) {
        scratch[at + (fused.layers[l].sums + j) * stride] = sums[j];
      }
    }
  }
}

// The loss of the outputs in `nodes`; leaves weight * dl/dy in `sums`.
fn row_loss(y_row: u32, weight: f32) -> f32 {
  let outputs = fused.layers[fused.layer_count - 1u].outputs;
  var loss = 0.0;
  if (LOSS != 1u) {
    let scale = 1.0 / f32(outputs);
    for (var j = 0u; j < outputs; j++) {
      let term = loss_term(nodes[j] - constants[y_row + j]);
      loss += scale * term.x;
      sums[j] = scale * weight * term.y;
    }
    return loss;
  }
  let label = u32(constants[y_row]);
  var largest = -3.4e38;
  for (var j = 0u; j < outputs; j++) {
    largest = max(largest, nodes[j]);
  }
  var total = 0.0;
  for (var j = 0u; j < outputs; j++) {
    sums[j] = exp(nodes[j] - largest);
    total += sums[j];
  }
  for (var j = 0u; j < outputs; j++) {
    sums[j] = weight * (sums[j] / total - select(0.0, 1.0, j == label));
  }
  return log(total) + largest - nodes[label];
}

// From the gradient by the outputs in `sums` down to the first layer's outputs.
fn backward_row(at: u32) {
  let stride = fused.tile_rows;
  for (var l = fused.layer_count - 1u; ; l--) {
    let outputs = fused.layers[l].outputs;
    for (var j = 0u; j < outputs; j++) {
      scratch[at + (fused.layers[l].gradients + j) * stride] = sums[j];
    }
    if (l == 0u) {
      break;
    }
    let own_mask = fused.held_mask + fused.layers[l].mask;
    for (var j = 0u; j < outputs; j++) {
      sums[j] *= held[fused.layers[l].node_scale + j];
    }
    for (var i = 0u; i < fused.layers[l].inputs; i++) {
      let record = at + (fused.layers[l].records + i * fused.layers[l].record) * stride;
      let base_slope = scratch[record + (2u + ORDER) * stride];
      var slopes: array<f32, ORDER>;
      for (var r = 0u; r < ORDER; r++) {
        slopes[r] = scratch[record + (3u + ORDER + r) * stride];
      }
      let first = fused.layers[l].coef + (i * fused.layers[l].bases + bitcast<u32>(scratch[record])) * outputs;
      var sum = 0.0;
      for (var j = 0u; j < outputs; j++) {
        let edge = i * outputs + j;
        var spline = 0.0;
        for (var r = 0u; r < ORDER; r++) {
          spline += slopes[r] * held[first + r * outputs + j];
        }
        sum += sums[j] * held[own_mask + edge] * (
          held[fused.layers[l].scale_base + edge] * base_slope
          + held[fused.layers[l].scale_spline + edge] * spline
        );
      }
      nodes[i] = sum;
    }
    for (var i = 0u; i < fused.layers[l].inputs; i++) {
      sums[i] = nodes[i];
    }
  }
}
