// The loss of one output and its derivative, beside each other, for the losses that are a mean over the outputs.
//
//   mean squared error  (LOSS 0): e^2,                                       2 e
//   mean absolute error (LOSS 2): |e|,                                       sign(e), 0 at 0
//   Huber's loss        (LOSS 3): e^2 / 2 where |e| <= DELTA,                clamp(e, -DELTA, DELTA)
//                                 else DELTA (|e| - DELTA / 2)
//
// Cross-entropy (LOSS 1) joins its outputs and stands where rows are.

fn loss_term(difference: f32) -> vec2f {
  if (LOSS == 0u) {
    return vec2f(difference * difference, 2.0 * difference);
  }
  if (LOSS == 2u) {
    return vec2f(abs(difference), sign(difference));
  }
  let near = min(abs(difference), DELTA);
  return vec2f(near * (abs(difference) - 0.5 * near), clamp(difference, -DELTA, DELTA));
}
